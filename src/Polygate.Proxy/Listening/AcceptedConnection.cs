using System.Net;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Transport.Tls;

namespace Polygate.Proxy.Listening;

/// <summary>A client's connection, ready for HTTP: the PROXY protocol was read and the TLS handshake is done.</summary>
/// <param name="Channel">Cleartext bytes; the receiver owns it.</param>
/// <param name="Listener">Where it came in.</param>
/// <param name="Tls">What the handshake agreed on; null without TLS.</param>
/// <param name="Client">The client: what the PROXY protocol says of it, otherwise the peer.</param>
public readonly record struct AcceptedConnection(Channel Channel, BoundListener Listener, TlsInfo? Tls, IPEndPoint Client);
