using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Polygate.Proxy.Http;

/// <summary>The header fields the engine itself deals with, so that they are recognised once, when they are parsed or added.</summary>
internal enum KnownHeader : byte
{
    Unknown,
    Host,
    Connection,
    KeepAlive,
    ProxyConnection,
    TransferEncoding,
    ContentLength,
    Te,
    Trailer,
    Upgrade,
    Expect,
    Date,
    Server,
    Forwarded,
    XForwardedFor,
    XForwardedHost,
    XForwardedPort,
    XForwardedProto,
    XRealIp,
    XRequestId,
    Http2Settings,
    ContentType,
}

/// <summary>Recognises names, and sets of them as bit masks.</summary>
internal static class KnownHeaders
{
    /// <summary>
    /// Fields that speak of one connection only (RFC 9110 section 7.6.1) or of the framing: never copied from one side to the other.
    /// </summary>
    public const ulong HopByHop =
        1ul << (int)KnownHeader.Connection | 1ul << (int)KnownHeader.KeepAlive | 1ul << (int)KnownHeader.ProxyConnection
        | 1ul << (int)KnownHeader.TransferEncoding | 1ul << (int)KnownHeader.ContentLength | 1ul << (int)KnownHeader.Te
        | 1ul << (int)KnownHeader.Upgrade | 1ul << (int)KnownHeader.Http2Settings;

    /// <summary>What is not sent on in a request: besides the above <c>Host</c> and <c>Expect</c>, which are dealt with here.</summary>
    public const ulong NotForwarded = HopByHop | 1ul << (int)KnownHeader.Host | 1ul << (int)KnownHeader.Expect;

    /// <summary>Fields by which a proxy tells the next one about the client.</summary>
    public const ulong ForwardedFields =
        1ul << (int)KnownHeader.Forwarded | 1ul << (int)KnownHeader.XForwardedFor | 1ul << (int)KnownHeader.XForwardedHost
        | 1ul << (int)KnownHeader.XForwardedPort | 1ul << (int)KnownHeader.XForwardedProto | 1ul << (int)KnownHeader.XRealIp;

    public static ulong Mask(KnownHeader header) => 1ul << (int)header;

    public static KnownHeader Recognise(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 => Match(name, "te"u8, KnownHeader.Te),
        4 => (name[0] | 0x20) == 'h' ? Match(name, "host"u8, KnownHeader.Host) : Match(name, "date"u8, KnownHeader.Date),
        6 => (name[0] | 0x20) == 'e' ? Match(name, "expect"u8, KnownHeader.Expect) : Match(name, "server"u8, KnownHeader.Server),
        7 => (name[0] | 0x20) == 'u' ? Match(name, "upgrade"u8, KnownHeader.Upgrade) : Match(name, "trailer"u8, KnownHeader.Trailer),
        9 => (name[0] | 0x20) == 'x' ? Match(name, "x-real-ip"u8, KnownHeader.XRealIp) : Match(name, "forwarded"u8, KnownHeader.Forwarded),
        10 => (name[0] | 0x20) == 'c' ? Match(name, "connection"u8, KnownHeader.Connection) : Match(name, "keep-alive"u8, KnownHeader.KeepAlive),
        12 => (name[0] | 0x20) == 'x' ? Match(name, "x-request-id"u8, KnownHeader.XRequestId) : Match(name, "content-type"u8, KnownHeader.ContentType),
        14 => (name[0] | 0x20) == 'c' ? Match(name, "content-length"u8, KnownHeader.ContentLength) : Match(name, "http2-settings"u8, KnownHeader.Http2Settings),
        15 => (name[0] | 0x20) == 'x' ? Match(name, "x-forwarded-for"u8, KnownHeader.XForwardedFor) : KnownHeader.Unknown,
        16 => (name[0] | 0x20) switch
        {
            'x' => (name[12] | 0x20) == 'h'
                ? Match(name, "x-forwarded-host"u8, KnownHeader.XForwardedHost)
                : Match(name, "x-forwarded-port"u8, KnownHeader.XForwardedPort),
            _ => Match(name, "proxy-connection"u8, KnownHeader.ProxyConnection),
        },
        17 => (name[0] | 0x20) == 't'
            ? Match(name, "transfer-encoding"u8, KnownHeader.TransferEncoding)
            : Match(name, "x-forwarded-proto"u8, KnownHeader.XForwardedProto),
        _ => KnownHeader.Unknown,
    };

    /// <summary>
    /// Compares names of one length, of which the second is in lower case and made of letters, digits and dashes. With the bit that tells cases apart
    /// set, other characters of tokens do not become any of these.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static KnownHeader Match(ReadOnlySpan<byte> name, ReadOnlySpan<byte> expected, KnownHeader header) =>
        EqualsIgnoreCase(name, expected) ? header : KnownHeader.Unknown;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool EqualsIgnoreCase(ReadOnlySpan<byte> name, ReadOnlySpan<byte> expected)
    {
        const ulong LowerCase = 0x2020_2020_2020_2020;
        const uint LowerHalf = 0x2020_2020;
        if (expected.Length < 4)
            return Ascii.EqualsIgnoreCase(name, expected);

        // The first and the last bytes overlap where the name is shorter than both.
        if (expected.Length < 8)
        {
            return (ReadHalf(name) | LowerHalf) == ReadHalf(expected)
                && (ReadHalf(name[^4..]) | LowerHalf) == ReadHalf(expected[^4..]);
        }

        return (Read(name) | LowerCase) == Read(expected)
            && (Read(name[^8..]) | LowerCase) == Read(expected[^8..])
            && (expected.Length < 17 || (name[8] | 0x20) == expected[8]);
    }

    private static uint ReadHalf(ReadOnlySpan<byte> text) => BinaryPrimitives.ReadUInt32LittleEndian(text);

    private static ulong Read(ReadOnlySpan<byte> text) => BinaryPrimitives.ReadUInt64LittleEndian(text);
}
