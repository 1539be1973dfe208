using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Transport.Tls;

namespace Polygate.Proxy.Http;

/// <summary>
/// A request without its body, in whatever version it came: what routing looks at and filters change. Reused from
/// request to request. The bytes behind the spans live until the request ends.
/// </summary>
public sealed class RequestHead
{
    private ByteText method;
    private ByteText path;
    private ByteText query;
    private ByteText host;
    private ByteText authority;

    // What was last read out of a message, which the next one on the same connection usually repeats.
    private ByteText readHost;
    private ByteText readAuthority;

    /// <summary>The method as received (case-sensitive, RFC 9110 section 9.1).</summary>
    public ReadOnlySpan<byte> Method => method.Span;

    /// <summary>
    /// The path, normalised as RFC 3986 section 6.2.2 says (unreserved characters decoded, escapes in upper case, dot
    /// segments removed); <c>*</c> for an asterisk-form request. Filters replace it.
    /// </summary>
    public ReadOnlySpan<byte> Path => path.Span;

    /// <summary>The query without its question mark, as received; <see cref="HasQuery"/> tells an empty one from none.</summary>
    public ReadOnlySpan<byte> Query => query.Span;

    public bool HasQuery { get; set; }

    /// <summary>The host that routing compares: lower case, without port and trailing dot; empty when absent.</summary>
    public ReadOnlySpan<byte> Host => host.Span;

    /// <summary>Host and port as the client sent them (<c>Host</c> or <c>:authority</c>); sent on as <c>Host</c>. Filters replace it.</summary>
    public ReadOnlySpan<byte> Authority => authority.Span;

    /// <summary>All header fields but <c>Host</c>.</summary>
    public HeaderTable Headers { get; } = new();

    /// <summary>Who asks, and over what.</summary>
    public ClientConnection Client { get; set; } = ClientConnection.None;

    /// <summary>The client's address after trusted proxies are believed; otherwise the peer's.</summary>
    public IPAddress ClientAddress { get; set; } = IPAddress.None;

    /// <summary>Whether the client used TLS, to this gateway or to a trusted proxy before it.</summary>
    public bool IsTls { get; set; }

    public void SetMethod(ReadOnlySpan<byte> value) => method.Set(value);

    public void SetPath(ReadOnlySpan<byte> value) => path.Set(value);

    public void SetQuery(ReadOnlySpan<byte> value) => query.Set(value);

    public void SetHost(ReadOnlySpan<byte> value) => host.Set(value);

    public void SetAuthority(ReadOnlySpan<byte> value) => authority.Set(value);

    /// <summary>Takes an authority as a message has it, and the host that was read out of it.</summary>
    internal void TakeAuthority(ReadOnlySpan<byte> value, ReadOnlySpan<byte> hostInLowerCase)
    {
        readHost.Set(hostInLowerCase);
        readAuthority.Set(value);
        host.Set(hostInLowerCase);
        authority.Set(value);
    }

    /// <summary>Takes an authority if it is the one of the message before, whose host is known.</summary>
    internal bool TryRepeatAuthority(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || !value.SequenceEqual(readAuthority.Span))
            return false;

        host.Set(readHost.Span);
        authority.Set(value);
        return true;
    }

    /// <summary>Makes it ready for the next request on the same connection.</summary>
    public void Clear()
    {
        method.Clear();
        path.Clear();
        query.Clear();
        host.Clear();
        authority.Clear();
        HasQuery = false;
        Headers.Clear();
    }
}

/// <summary>The connection a request came on.</summary>
/// <param name="PeerAddress">The other end of the socket (or what the PROXY protocol says of it).</param>
/// <param name="ListenerPort">The port of the configuration's listener, which may differ from the socket's.</param>
/// <param name="IsTls">Whether TLS was terminated here.</param>
/// <param name="ServerName">The SNI, lower case; empty without.</param>
public sealed record ClientConnection(IPAddress PeerAddress, int ListenerPort, bool IsTls, string ServerName)
{
    private byte[]? peerText;
    private byte[]? portText;
    private byte[]? serverNameText;

    public static ClientConnection None { get; } = new(IPAddress.None, 0, false, "");

    /// <summary>The routes of the socket the connection came to, as they are now.</summary>
    public RouteSource Routes { get; init; } = RouteSource.None;

    /// <summary>What the client presented to a listener that asks for certificates; null where none is asked for.</summary>
    public ClientIdentity? Certificate { get; init; }

    /// <summary>Whether the peer is a proxy that is believed about its clients.</summary>
    public bool IsTrusted { get; init; }

    /// <summary>The proxies that are believed on this connection; null for the installation's.</summary>
    internal TrustedProxies? Trusted { get; init; }

    /// <summary>How large and how slow the client's messages may be; null for the installation's limits.</summary>
    internal HttpLimits? Limits { get; init; }

    /// <summary>
    /// Where the installation binds a port other than the configured one: how the ports look from outside to a client that uses the
    /// bound port itself. Null where ports are bound as configured.
    /// </summary>
    internal PortMapping? Mapping { get; init; }

    /// <summary>What backends are told about every request of a peer that is believed nothing; made with the second request, for many have but one.</summary>
    internal HeaderTable.PreparedFields? ForwardedLines { get; set; }

    /// <summary>Whether there was a request before.</summary>
    internal bool HasAsked { get; set; }

    /// <summary>The peer's address as header fields and logs have it.</summary>
    public ReadOnlySpan<byte> PeerText => peerText ??= TextOf(PeerAddress);

    private static byte[] TextOf(IPAddress address)
    {
        Span<byte> text = stackalloc byte[64];
        address.TryFormat(text, out var length);
        return text[..length].ToArray();
    }

    /// <summary><see cref="ServerName"/> as routing compares it.</summary>
    internal ReadOnlySpan<byte> ServerNameText => serverNameText ??= Encoding.UTF8.GetBytes(ServerName);

    /// <summary>The listener's port as header fields have it.</summary>
    internal ReadOnlySpan<byte> PortText => portText ??= Encoding.ASCII.GetBytes(ListenerPort.ToString(CultureInfo.InvariantCulture));
}

/// <summary>The installation's mapping of configured to bound ports, as seen on one socket.</summary>
/// <param name="BoundPort">The socket's port.</param>
/// <param name="BoundPortOf">The bound port of a configured one.</param>
internal sealed record PortMapping(int BoundPort, Func<int, int> BoundPortOf)
{
    /// <summary>
    /// The port to name to a client in place of a configured one. A client whose <c>Host</c> names the bound port came past whatever
    /// maps the configured port (a Service, a container's port), so it is to go on the same way; every other client sees the
    /// configured ports.
    /// </summary>
    public int PortFor(int configured, ReadOnlySpan<byte> authority)
    {
        var colon = authority.LastIndexOf((byte)':');
        return colon >= 0 && Utf8Parser.TryParse(authority[(colon + 1)..], out int named, out var read) && read == authority.Length - colon - 1 && named == BoundPort
            ? BoundPortOf(configured)
            : configured;
    }
}
