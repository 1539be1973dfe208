namespace Polygate.Model;

/// <summary>What is spoken on a <see cref="Listener"/>.</summary>
public enum ListenerProtocol
{
    /// <summary>Cleartext HTTP/1.1 and prior-knowledge HTTP/2.</summary>
    Http,

    /// <summary>
    /// HTTP over TLS terminated here; ALPN chooses HTTP/2 or HTTP/1.1. Server names that a <see cref="StreamRoute"/> claims
    /// more specifically go to it instead, before any TLS byte is sent.
    /// </summary>
    Https,

    /// <summary>TLS that <see cref="StreamRoute"/>s pass through or terminate, chosen by the server name. May share an address with <see cref="Https"/>.</summary>
    Tls,

    /// <summary>TCP connections for <see cref="StreamRoute"/>s; nothing is read from the client to choose one.</summary>
    Tcp,

    /// <summary>UDP datagrams for <see cref="StreamRoute"/>s; its <see cref="ListenerKey.IsUdp"/> is true.</summary>
    Udp,
}

/// <summary>What can share a port: listeners of one family do, told apart by host or server name.</summary>
public enum ListenerFamily
{
    /// <summary>Whatever the socket speaks.</summary>
    Any,

    /// <summary>Cleartext HTTP.</summary>
    Http,

    /// <summary>TLS, for HTTP and for streams.</summary>
    Tls,

    /// <summary>Bytes of TCP, or datagrams of UDP.</summary>
    Stream,
}

/// <summary>
/// The identity of a listener: the address and port as the configuration writes them. Which socket is bound for it
/// is the installation's decision (a port below 1024 is usually bound elsewhere); redirects and forwarded headers
/// speak of this port.
/// </summary>
/// <param name="Port">1 to 65535.</param>
/// <param name="Address">An IP address, empty for every address of the gateway, or a name for addresses that <see cref="Listener.Addresses"/> lists.</param>
/// <param name="IsUdp">Whether it is a UDP port: they are numbered apart from TCP ports.</param>
public readonly record struct ListenerKey(int Port, string Address = "", bool IsUdp = false)
{
    /// <summary>
    /// What is spoken there, where that is part of the identity: routes of a key whose family the socket does not speak, because another object
    /// has the port, are not served by it.
    /// </summary>
    public ListenerFamily Family { get; init; }

    public override string ToString() =>
        (Address.Length == 0 ? $":{Port}" : Address.Contains(':') ? $"[{Address}]:{Port}" : $"{Address}:{Port}") + (IsUdp ? "/udp" : "");
}

/// <summary>
/// A port on which the gateway accepts connections. Several dialects may name the same listener; equal ones are one.
/// </summary>
public sealed record Listener(ListenerKey Key, ListenerProtocol Protocol, Origin Origin)
{
    /// <summary>
    /// The IP addresses to bind; empty: the one of <see cref="Key"/>. Routes name the key alone, so that a listener may move
    /// to another address without them.
    /// </summary>
    public ValueList<string> Addresses { get; init; }

    /// <summary>How clients are treated; null for the installation's settings. Of listeners that share a socket the first object's hold.</summary>
    public ClientSettings? Clients { get; init; }

    /// <summary>The ports to bind, each with its address as written; at least one.</summary>
    public IEnumerable<ListenerKey> Sockets()
    {
        var key = Key;
        return Addresses.IsEmpty ? [key] : Addresses.Select(address => key with { Address = address });
    }
}

/// <summary>
/// Claims a host name on a listener for one scope: a request whose host selects this virtual host is answered by its
/// routes alone, never by a less specific virtual host of the same scope, even when it has no matching route
/// (Ingress rules, Gateway API listener isolation, Gloo domains). Other scopes are not affected.
/// Bindings of routes claim their virtual host by themselves; an explicit claim is for one that has no route.
/// </summary>
public sealed record VirtualHost(string Scope, ListenerKey Listener, HostPattern Host, Origin Origin)
{
    /// <summary>
    /// Whether a TLS request is answered 421 when its server name selects another virtual host of this scope than its host does (RFC 9110
    /// section 15.5.20, Gateway API "misdirected requests"). All virtual hosts of a scope agree in this.
    /// </summary>
    public bool FollowsServerName { get; init; }
}

/// <summary>Which certificate and TLS settings a connection with a given server name gets where TLS is terminated.</summary>
/// <param name="Listener">The HTTPS or TLS listener.</param>
/// <param name="ServerName">The SNI it is for; <see cref="HostPattern.Any"/> also serves clients that send none.</param>
/// <param name="Certificates">Identities of <see cref="Certificate"/>s, the preferred one first (RSA and ECDSA may stand side by side).
/// Empty: the gateway's own self-signed default. When none of those named can be used, handshakes for the name are refused.</param>
/// <param name="Origin">The object that asked for it.</param>
/// <param name="MinimumVersion">The lowest TLS version accepted.</param>
/// <param name="MaximumVersion">The highest TLS version accepted.</param>
public sealed record TlsBinding(
    ListenerKey Listener,
    HostPattern ServerName,
    ValueList<string> Certificates,
    Origin Origin,
    TlsVersion MinimumVersion = TlsVersion.Tls12,
    TlsVersion MaximumVersion = TlsVersion.Tls13)
{
    /// <summary>Whether handshakes for the name are refused: its certificate is not to be had, and no other may stand in for it.</summary>
    public bool IsRefused { get; init; }

    /// <summary>What is asked of clients; null when none is asked for a certificate.</summary>
    public ClientValidation? ClientValidation { get; init; }
}

/// <summary>TLS versions a listener or a backend connection may use; older ones are not offered.</summary>
public enum TlsVersion
{
    Tls12,
    Tls13,
}

/// <summary>A certificate chain and its private key.</summary>
/// <param name="Id">A stable identity, usually namespace/name of the Secret.</param>
/// <param name="CertificatePem">The chain in PEM, leaf first.</param>
/// <param name="PrivateKeyPem">The key in PEM; never printed.</param>
public sealed record Certificate(string Id, string CertificatePem, string PrivateKeyPem)
{
    /// <summary>The identity alone: key material stays out of logs and dumps.</summary>
    public override string ToString() => $"Certificate {Id}";
}
