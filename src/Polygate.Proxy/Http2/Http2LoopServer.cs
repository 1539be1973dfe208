using Microsoft.AspNetCore.Http.Features;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Http2;

/// <summary>The HTTP/2 connections of one loop, and the exchanges they borrow while a request is under way.</summary>
internal sealed class Http2LoopServer(Http2Front front, IHttp2Engine engine) : IHttp2Server
{
    private const int ExchangesKept = 1024;

    private readonly HashSet<ChannelConnection> connections = [];
    private readonly Stack<Http2Exchange> exchanges = new();

    public async Task ServeAsync(Channel channel, ClientConnection client, ReadOnlyMemory<byte> received)
    {
        channel.SendTimeout = engine.Limits.SendTimeout;
        channel.ReceiveTimeout = Timeout.InfiniteTimeSpan;
        var connection = new ChannelConnection(channel, client, this, received.ToArray());
        if (engine.IsDraining || !front.TryAdd(connection))
        {
            channel.Dispose();
            return;
        }

        connections.Add(connection);
        try
        {
            await connection.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            connections.Remove(connection);
        }
    }

    public void Drain()
    {
        foreach (var connection in connections)
        {
            // Kestrel writes GOAWAY where it is asked: not on the loop.
            ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.RequestClose(), connection, preferLocal: false);
        }
    }

    /// <summary>Serves a request: from the thread pool to the loop and back.</summary>
    internal async Task ServeAsync(ChannelConnection connection, IFeatureCollection features)
    {
        await engine.Loop.SwitchTo();
        if (!exchanges.TryPop(out var exchange))
        {
            exchange = new Http2Exchange(engine);
        }

        try
        {
            if (exchange.TryBegin(connection.Client, features))
            {
                await engine.HandleAsync(exchange).ConfigureAwait(false);
                await engine.Loop.SwitchTo();
            }
        }
        finally
        {
            exchange.End();
            if (exchanges.Count < ExchangesKept)
            {
                exchanges.Push(exchange);
            }
        }

        // What follows is Kestrel's.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
    }
}
