using System.Net;

namespace Polygate.Proxy.Transport;

/// <summary>
/// How bytes come and go: event loops and the sockets on them. One implementation rides epoll (Linux), one .NET's
/// sockets (everywhere, and the second opinion in tests); the engine above cannot tell them apart.
/// </summary>
public interface ITransport : IAsyncDisposable
{
    IReadOnlyList<EventLoop> Loops { get; }

    /// <summary>
    /// Listens on an address; connections are spread evenly over the loops, and <paramref name="onConnection"/> is
    /// called on the loop a connection belongs to.
    /// </summary>
    /// <param name="endpoint">Port 0 picks a free one.</param>
    /// <param name="onConnection">Owns the channel from then on.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The address is in use or not to be had.</exception>
    IListeningSocket Listen(IPEndPoint endpoint, Action<Channel> onConnection);

    /// <summary>
    /// Receives datagrams at an address; those of one client and port always reach the same loop while the loops stay the same.
    /// </summary>
    /// <param name="endpoint">Port 0 picks a free one.</param>
    /// <param name="handler">Called on whichever loop the channel given belongs to.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The address is in use or not to be had.</exception>
    /// <exception cref="NotSupportedException">This transport has no datagrams.</exception>
    IListeningSocket ListenDatagrams(IPEndPoint endpoint, IDatagramHandler handler) => throw new NotSupportedException("This transport has no datagrams.");
}

/// <summary>
/// A listening address. Disposing it stops it soon, from any thread: connections that the system has accepted are still
/// handed out, and none that was is touched.
/// </summary>
public interface IListeningSocket : IDisposable
{
    /// <summary>With the port that was chosen.</summary>
    IPEndPoint EndPoint { get; }
}
