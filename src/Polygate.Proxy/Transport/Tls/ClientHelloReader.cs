using System.Buffers;
using System.Buffers.Binary;
using System.Security.Authentication;
using System.Text;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>
/// Reads a ClientHello from the first bytes of a connection without consuming them (RFC 8446 sections 4.1.2, 4.2 and
/// 5.1, RFC 5246 section 7.4.1.2). A message may be spread over any number of records.
/// </summary>
public static class ClientHelloReader
{
    /// <summary>No ClientHello is larger; more is refused.</summary>
    public const int MaximumLength = 64 * 1024;

    /// <summary>RFC 1035 section 2.3.4; a ClientHello with a longer name is invalid.</summary>
    public const int MaximumNameLength = 255;

    private const int RecordHeaderLength = 5;
    private const int MessageHeaderLength = 4;
    private const int MaximumFragment = 1 << 14;
    private const byte HandshakeRecord = 22;
    private const byte ClientHelloMessage = 1;

    private const ushort ServerNameExtension = 0;
    private const ushort SignatureAlgorithmsExtension = 13;
    private const ushort AlpnExtension = 16;
    private const ushort SupportedVersionsExtension = 43;
    private const ushort Tls12 = 0x0303;
    private const ushort Tls13 = 0x0304;

    private static readonly SearchValues<byte> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."u8);

    /// <param name="received">All that was received so far.</param>
    /// <param name="hello">When complete.</param>
    public static ClientHelloStatus TryRead(ReadOnlySpan<byte> received, out ClientHello? hello)
    {
        hello = null;
        var status = Collect(received, out var message, out var rented);
        try
        {
            if (status != ClientHelloStatus.Complete)
            {
                return status;
            }

            // Other messages may follow in the same record; they are none of ours.
            return TryParse(message.Slice(MessageHeaderLength, MessageLength(message)), out hello) ? ClientHelloStatus.Complete : ClientHelloStatus.Invalid;
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    /// <summary>Finds the whole handshake message; copies it together when records split it.</summary>
    private static ClientHelloStatus Collect(ReadOnlySpan<byte> received, out ReadOnlySpan<byte> message, out byte[]? rented)
    {
        message = default;
        rented = null;
        var collected = 0;
        while (true)
        {
            if (received.Length < RecordHeaderLength)
            {
                return received.IsEmpty || received[0] == HandshakeRecord ? ClientHelloStatus.Incomplete : ClientHelloStatus.Invalid;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(received[3..]);
            if (received[0] != HandshakeRecord || received[1] != 3 || length is 0 or > MaximumFragment)
            {
                return ClientHelloStatus.Invalid;
            }

            var fragment = received[RecordHeaderLength..];
            fragment = fragment[..Math.Min(length, fragment.Length)];
            if (collected == 0 && IsWhole(fragment))
            {
                message = fragment;
                return CheckHeader(fragment);
            }

            if (collected + fragment.Length > MaximumLength)
            {
                return ClientHelloStatus.Invalid;
            }

            rented ??= ArrayPool<byte>.Shared.Rent(MaximumLength);
            fragment.CopyTo(rented.AsSpan(collected));
            collected += fragment.Length;
            message = rented.AsSpan(0, collected);
            var status = CheckHeader(message);
            if (status != ClientHelloStatus.Incomplete || fragment.Length < length)
            {
                return status;
            }

            received = received[(RecordHeaderLength + length)..];
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> message) =>
        message.Length >= MessageHeaderLength && message.Length >= MessageHeaderLength + MessageLength(message);

    private static int MessageLength(ReadOnlySpan<byte> message) => (int)(BinaryPrimitives.ReadUInt32BigEndian(message) & 0xFFFFFF);

    private static ClientHelloStatus CheckHeader(ReadOnlySpan<byte> message)
    {
        if (message.Length > 0 && message[0] != ClientHelloMessage)
        {
            return ClientHelloStatus.Invalid;
        }

        if (message.Length >= MessageHeaderLength && MessageLength(message) > MaximumLength - MessageHeaderLength)
        {
            return ClientHelloStatus.Invalid;
        }

        return IsWhole(message) ? ClientHelloStatus.Complete : ClientHelloStatus.Incomplete;
    }

    private static bool TryParse(ReadOnlySpan<byte> body, out ClientHello? hello)
    {
        hello = null;
        var reader = new TlsReader(body);
        if (!reader.TryUInt16(out var legacyVersion) || !reader.TrySkip(32)
            || !reader.TryVector8(out var session) || session.Length > 32
            || !reader.TryVector16(out var suites) || suites.Length is 0 || suites.Length % 2 != 0
            || !reader.TryVector8(out var compressions) || compressions.IsEmpty)
        {
            return false;
        }

        var isAtLeastTls12 = legacyVersion >= Tls12;
        var versions = isAtLeastTls12 ? SslProtocols.Tls12 : SslProtocols.None;
        var serverName = "";
        string[] protocols = [];
        var acceptsEcdsa = false;
        ulong seen = 0;
        if (!reader.IsEmpty)
        {
            if (!reader.TryVector16(out var extensions) || !reader.IsEmpty)
            {
                return false;
            }

            var list = new TlsReader(extensions);
            while (!list.IsEmpty)
            {
                if (!list.TryUInt16(out var type) || !list.TryVector16(out var data))
                {
                    return false;
                }

                if (type < 64 && (seen & (1UL << type)) != 0)
                {
                    return false;
                }

                seen |= type < 64 ? 1UL << type : 0;
                var valid = type switch
                {
                    ServerNameExtension => TryServerName(data, out serverName),
                    AlpnExtension => TryProtocols(data, out protocols),
                    SupportedVersionsExtension => TryVersions(data, out versions),
                    SignatureAlgorithmsExtension => TrySignatureAlgorithms(data, out acceptsEcdsa),
                    _ => true,
                };
                if (!valid)
                {
                    return false;
                }
            }
        }

        hello = new ClientHello(serverName, protocols, versions, acceptsEcdsa);
        return true;
    }

    /// <summary>RFC 6066 section 3: one name, of type host_name.</summary>
    private static bool TryServerName(ReadOnlySpan<byte> data, out string name)
    {
        name = "";
        var reader = new TlsReader(data);
        if (!reader.TryVector16(out var list) || !reader.IsEmpty)
        {
            return false;
        }

        var entry = new TlsReader(list);
        if (!entry.TryByte(out var type) || type != 0 || !entry.TryVector16(out var host) || !entry.IsEmpty)
        {
            return false;
        }

        host = host.EndsWith("."u8) ? host[..^1] : host;
        if (host.Length is 0 or > MaximumNameLength || host.ContainsAnyExcept(NameCharacters))
        {
            return false;
        }

        name = Encoding.ASCII.GetString(host).ToLowerInvariant();
        return true;
    }

    /// <summary>RFC 7301 section 3.1.</summary>
    private static bool TryProtocols(ReadOnlySpan<byte> data, out string[] protocols)
    {
        protocols = [];
        var reader = new TlsReader(data);
        if (!reader.TryVector16(out var list) || !reader.IsEmpty || list.IsEmpty)
        {
            return false;
        }

        var names = new List<string>(2);
        var items = new TlsReader(list);
        while (!items.IsEmpty)
        {
            if (!items.TryVector8(out var name) || name.IsEmpty)
            {
                return false;
            }

            names.Add(Encoding.Latin1.GetString(name));
        }

        protocols = [.. names];
        return true;
    }

    /// <summary>RFC 8446 section 4.2.1.</summary>
    private static bool TryVersions(ReadOnlySpan<byte> data, out SslProtocols versions)
    {
        versions = SslProtocols.None;
        var reader = new TlsReader(data);
        if (!reader.TryVector8(out var list) || !reader.IsEmpty || list.IsEmpty || list.Length % 2 != 0)
        {
            return false;
        }

        for (; list.Length > 0; list = list[2..])
        {
            versions |= BinaryPrimitives.ReadUInt16BigEndian(list) switch
            {
                Tls12 => SslProtocols.Tls12,
                Tls13 => SslProtocols.Tls13,
                _ => SslProtocols.None,
            };
        }

        return true;
    }

    /// <summary>RFC 8446 section 4.2.3: ecdsa_secp256r1_sha256, ecdsa_secp384r1_sha384, ecdsa_secp521r1_sha512.</summary>
    private static bool TrySignatureAlgorithms(ReadOnlySpan<byte> data, out bool acceptsEcdsa)
    {
        acceptsEcdsa = false;
        var reader = new TlsReader(data);
        if (!reader.TryVector16(out var list) || !reader.IsEmpty || list.IsEmpty || list.Length % 2 != 0)
        {
            return false;
        }

        for (; list.Length > 0; list = list[2..])
        {
            acceptsEcdsa |= BinaryPrimitives.ReadUInt16BigEndian(list) is 0x0403 or 0x0503 or 0x0603;
        }

        return true;
    }

    /// <summary>Takes apart what TLS builds its messages of; nothing is read past an end.</summary>
    private ref struct TlsReader(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> rest = rest;

        internal readonly bool IsEmpty => rest.IsEmpty;

        internal bool TryByte(out byte value)
        {
            value = rest.IsEmpty ? (byte)0 : rest[0];
            return TrySkip(1);
        }

        internal bool TryUInt16(out ushort value)
        {
            value = rest.Length < 2 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(rest);
            return TrySkip(2);
        }

        internal bool TrySkip(int count)
        {
            if (rest.Length < count)
            {
                return false;
            }

            rest = rest[count..];
            return true;
        }

        internal bool TryVector8(out ReadOnlySpan<byte> data)
        {
            data = default;
            return TryByte(out var length) && TryTake(length, out data);
        }

        internal bool TryVector16(out ReadOnlySpan<byte> data)
        {
            data = default;
            return TryUInt16(out var length) && TryTake(length, out data);
        }

        private bool TryTake(int count, out ReadOnlySpan<byte> data)
        {
            data = rest.Length < count ? default : rest[..count];
            return TrySkip(count);
        }
    }
}
