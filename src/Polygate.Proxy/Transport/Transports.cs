namespace Polygate.Proxy.Transport;

/// <summary>Picks the transport that suits this machine.</summary>
public static class Transports
{
    /// <summary>Epoll on 64-bit Linux (whose kernel structures it knows), .NET's sockets elsewhere.</summary>
    public static ITransport Create(TransportOptions options) =>
        EpollTransport.IsSupported ? new EpollTransport(options) : new SocketsTransport(options);
}
