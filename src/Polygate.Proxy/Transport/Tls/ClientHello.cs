using System.Security.Authentication;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>What a client says first (RFC 8446 section 4.1.2), as far as choosing a certificate and a protocol needs it.</summary>
/// <param name="ServerName">The SNI, lower case, without a trailing dot; empty when there is none.</param>
/// <param name="Protocols">The protocols offered by ALPN, the client's favourite first; empty when there is none.</param>
/// <param name="Versions">The TLS versions offered.</param>
/// <param name="AcceptsEcdsa">Whether the client verifies ECDSA signatures.</param>
public sealed record ClientHello(string ServerName, IReadOnlyList<string> Protocols, SslProtocols Versions, bool AcceptsEcdsa);

/// <summary>What <see cref="ClientHelloReader"/> found.</summary>
public enum ClientHelloStatus
{
    /// <summary>The bytes are the beginning of one.</summary>
    Incomplete,

    Complete,

    /// <summary>These bytes are none, or a malformed one.</summary>
    Invalid,
}
