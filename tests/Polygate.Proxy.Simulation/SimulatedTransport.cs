using System.Net;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Simulation;

/// <summary>A transport of one <see cref="SimulatedLoop"/>: clients connect when the test says so.</summary>
public sealed class SimulatedTransport(SimulatedLoop loop) : ITransport
{
    private readonly List<Action<Channel>> listeners = [];

    public IReadOnlyList<EventLoop> Loops => [loop];

    public IListeningSocket Listen(IPEndPoint endpoint, Action<Channel> onConnection)
    {
        listeners.Add(onConnection);
        return new Listening(endpoint);
    }

    /// <summary>A client connects to the first listener.</summary>
    public void Connect(SimulatedChannel channel)
    {
        loop.Post(channel => listeners[0]((SimulatedChannel)channel!), channel);
        loop.Run();
    }

    public ValueTask DisposeAsync() => default;

    private sealed class Listening(IPEndPoint endpoint) : IListeningSocket
    {
        public IPEndPoint EndPoint => endpoint;

        public void Dispose()
        {
        }
    }
}
