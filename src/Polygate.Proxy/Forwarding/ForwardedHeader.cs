using System.Buffers;
using System.Net.Sockets;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Forwarding;

/// <summary>Whether requests say in <c>Forwarded</c> (RFC 7239) who asks, beside <c>X-Forwarded-*</c>.</summary>
public enum ForwardedHeader
{
    /// <summary>It is not written; a trusted proxy's is passed on as it is.</summary>
    Off,

    /// <summary>With the client's address (section 6.1).</summary>
    Address,

    /// <summary>With a name that is drawn anew for each request (section 6.3), so that requests are told apart but not clients.</summary>
    Obfuscated,
}

/// <summary>Writes the element of <c>Forwarded</c> that tells of this hop, behind those of the proxies before it.</summary>
internal static class ForwardedWriter
{
    private const int StackLimit = 512;

    /// <summary>What the parts of an element are at most beside host, protocol and what came before.</summary>
    private const int Overhead = 128;

    /// <summary>Continues the field.</summary>
    /// <param name="request">What an untrusted peer said was taken out of its fields before.</param>
    /// <param name="form">Not <see cref="ForwardedHeader.Off"/>.</param>
    public static void Continue(RequestHead request, ForwardedHeader form)
    {
        var headers = request.Headers;
        var size = headers.WireSize + (2 * request.Authority.Length) + Overhead;
        var rented = size > StackLimit ? ArrayPool<byte>.Shared.Rent(size) : null;
        var writer = new Writer(rented ?? stackalloc byte[StackLimit]);
        Join(headers, ref writer);
        if (writer.Length > 0)
            writer.Write(", "u8);

        writer.Write("for="u8);
        WriteNode(request.Client, form, ref writer);
        if (!request.Authority.IsEmpty)
        {
            writer.Write(";host="u8);
            WriteValue(request.Authority, ref writer);
        }

        writer.Write(request.Client.IsTls ? ";proto=https"u8 : ";proto=http"u8);
        headers.Set("Forwarded"u8, writer.Written);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>
    /// All field lines as one list (RFC 9110 section 5.3); none of them when one has a quote that does not end, which would swallow what follows.
    /// </summary>
    private static void Join(HeaderTable headers, ref Writer writer)
    {
        for (var i = headers.IndexOf(KnownHeader.Forwarded); i >= 0; i = headers.IndexOf(KnownHeader.Forwarded, i + 1))
        {
            if (!HasClosedQuotes(headers.Value(i)))
            {
                writer.Clear();
                return;
            }

            if (headers.Value(i).IsEmpty)
                continue;

            if (writer.Length > 0)
                writer.Write(", "u8);

            writer.Write(headers.Value(i));
        }
    }

    private static bool HasClosedQuotes(ReadOnlySpan<byte> value)
    {
        var isQuoted = false;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '"')
                isQuoted = !isQuoted;
            else if (isQuoted && value[i] == '\\')
                i++;
        }

        return !isQuoted;
    }

    /// <summary>Section 6: an IPv6 address stands in brackets, and so in quotes.</summary>
    private static void WriteNode(ClientConnection client, ForwardedHeader form, ref Writer writer)
    {
        if (form == ForwardedHeader.Obfuscated)
        {
            Span<byte> random = stackalloc byte[8];
            Span<byte> digits = stackalloc byte[16];
            Random.Shared.NextBytes(random);
            Convert.TryToHexStringLower(random, digits, out _);
            writer.Write("_"u8);
            writer.Write(digits);
        }
        else if (client.PeerAddress.AddressFamily == AddressFamily.InterNetworkV6)
        {
            writer.Write("\"["u8);
            writer.Write(client.PeerText);
            writer.Write("]\""u8);
        }
        else
        {
            writer.Write(client.PeerText);
        }
    }

    /// <summary>A token as it is, everything else in quotes (section 4).</summary>
    private static void WriteValue(scoped ReadOnlySpan<byte> value, ref Writer writer)
    {
        if (HttpCharacters.IsToken(value))
        {
            writer.Write(value);
            return;
        }

        writer.Write("\""u8);
        foreach (var character in value)
        {
            if (character is (byte)'"' or (byte)'\\')
                writer.Write("\\"u8);

            writer.Write([character]);
        }

        writer.Write("\""u8);
    }

    /// <summary>Bytes that are written one after the other.</summary>
    private ref struct Writer
    {
        private readonly Span<byte> buffer;

        public Writer(Span<byte> buffer) => this.buffer = buffer;

        public int Length { get; private set; }

        public readonly ReadOnlySpan<byte> Written => buffer[..Length];

        public void Write(scoped ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(buffer[Length..]);
            Length += bytes.Length;
        }

        public void Clear() => Length = 0;
    }
}
