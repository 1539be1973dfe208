using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Listening;

/// <summary>
/// The header by which a proxy in front tells who the client is: versions 1 and 2 of the PROXY protocol
/// (haproxy.org/download/3.0/doc/proxy-protocol.txt). Strict: anything else ends the connection.
/// </summary>
internal static class ProxyProtocol
{
    /// <summary>Section 2.1: the longest line of version 1, with its end.</summary>
    private const int LongestLine = 107;

    private const int FixedLength = 16;
    private const int SignatureLength = 12;

    /// <summary>Addresses and the extensions that follow them; larger headers are refused.</summary>
    private const int LongestBody = 4 * 1024;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Reads the header and not a byte more.</summary>
    /// <returns>The client; null when the proxy speaks for itself (a health check) or does not know.</returns>
    /// <exception cref="ChannelException">There is no valid header.</exception>
    internal static async ValueTask<IPEndPoint?> ReadAsync(Channel channel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FixedLength + LongestBody);
        try
        {
            await FillAsync(channel, buffer.AsMemory(0, SignatureLength)).ConfigureAwait(false);
            return Signature.SequenceEqual(buffer.AsSpan(0, SignatureLength))
                ? await ReadBinaryAsync(channel, buffer).ConfigureAwait(false)
                : await ReadLineAsync(channel, buffer).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Section 2.2. Extensions (TLVs) are skipped.</summary>
    private static async ValueTask<IPEndPoint?> ReadBinaryAsync(Channel channel, byte[] buffer)
    {
        await FillAsync(channel, buffer.AsMemory(SignatureLength, FixedLength - SignatureLength)).ConfigureAwait(false);
        var length = BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(14));
        if (length > LongestBody)
        {
            throw Malformed();
        }

        await FillAsync(channel, buffer.AsMemory(FixedLength, length)).ConfigureAwait(false);
        return ParseBinary(buffer[12], buffer[13], buffer.AsSpan(FixedLength, length));
    }

    private static IPEndPoint? ParseBinary(byte versionAndCommand, byte familyAndProtocol, ReadOnlySpan<byte> body)
    {
        switch (versionAndCommand, familyAndProtocol)
        {
            case (0x20, _):
                return null;
            case (0x21, 0x11) when body.Length >= 12:
                return new IPEndPoint(new IPAddress(body[..4]), BinaryPrimitives.ReadUInt16BigEndian(body[8..]));
            case (0x21, 0x21) when body.Length >= 36:
                return new IPEndPoint(new IPAddress(body[..16]), BinaryPrimitives.ReadUInt16BigEndian(body[32..]));
            case (0x21, 0x00 or 0x31 or 0x32):
                return null;
            default:
                throw Malformed();
        }
    }

    /// <summary>Section 2.1. Its length is unknown and what follows belongs to others: read byte by byte from where the shortest line could end.</summary>
    private static async ValueTask<IPEndPoint?> ReadLineAsync(Channel channel, byte[] buffer)
    {
        var length = SignatureLength;
        if (!buffer.AsSpan(0, 6).SequenceEqual("PROXY "u8))
        {
            throw Malformed();
        }

        while (buffer[length - 1] != '\n')
        {
            if (length == LongestLine)
            {
                throw Malformed();
            }

            await FillAsync(channel, buffer.AsMemory(length, 1)).ConfigureAwait(false);
            length++;
        }

        return ParseLine(buffer.AsSpan(0, length));
    }

    private static IPEndPoint? ParseLine(ReadOnlySpan<byte> line)
    {
        if (!line.EndsWith("\r\n"u8))
        {
            throw Malformed();
        }

        line = line[6..^2];
        if (line.SequenceEqual("UNKNOWN"u8) || line.StartsWith("UNKNOWN "u8))
        {
            return null;
        }

        Span<Range> parts = stackalloc Range[6];
        var text = Encoding.ASCII.GetString(line);
        if (text.AsSpan().Split(parts, ' ') != 5)
        {
            throw Malformed();
        }

        var family = text[parts[0]] switch
        {
            "TCP4" => AddressFamily.InterNetwork,
            "TCP6" => AddressFamily.InterNetworkV6,
            _ => throw Malformed(),
        };
        var client = ParseAddress(text.AsSpan()[parts[1]], family);
        _ = ParseAddress(text.AsSpan()[parts[2]], family);
        _ = ParsePort(text.AsSpan()[parts[4]]);
        return new IPEndPoint(client, ParsePort(text.AsSpan()[parts[3]]));
    }

    private static IPAddress ParseAddress(ReadOnlySpan<char> text, AddressFamily family)
    {
        // IPAddress reads shortened and octal IPv4 as well, which the protocol does not have.
        var isPlain = family == AddressFamily.InterNetworkV6 ? text.IndexOf('%') < 0 && text.IndexOf('[') < 0 : text.Count('.') == 3;
        return isPlain && IPAddress.TryParse(text, out var address) && address.AddressFamily == family
            && (family == AddressFamily.InterNetworkV6 || address.ToString().AsSpan().SequenceEqual(text))
            ? address
            : throw Malformed();
    }

    private static int ParsePort(ReadOnlySpan<char> text)
    {
        var isNumber = text.Length is > 0 and <= 5 && !text.ContainsAnyExceptInRange('0', '9') && (text.Length == 1 || text[0] != '0');
        return isNumber && int.Parse(text) is var port and <= ushort.MaxValue ? port : throw Malformed();
    }

    private static async ValueTask FillAsync(Channel channel, Memory<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var count = await channel.ReceiveAsync(buffer).ConfigureAwait(false);
            buffer = count > 0 ? buffer[count..] : throw Malformed();
        }
    }

    private static ChannelException Malformed() => new(ChannelError.Reset, "The connection does not begin with a valid PROXY protocol header.");
}
