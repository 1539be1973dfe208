using System.Security.Authentication;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>What a TLS handshake agreed on.</summary>
/// <param name="ServerName">The SNI, lower case; empty when the client sent none.</param>
/// <param name="Protocol">The ALPN result, <c>h2</c> or <c>http/1.1</c>; empty when the client offered none.</param>
/// <param name="Version">TLS 1.2 or 1.3.</param>
public sealed record TlsInfo(string ServerName, string Protocol, SslProtocols Version)
{
    /// <summary>What the client presented where it was asked for a certificate; null where it was not.</summary>
    public ClientIdentity? Client { get; init; }

    public bool IsHttp2 => Protocol == "h2";
}
