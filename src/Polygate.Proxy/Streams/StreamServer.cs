using Polygate.Model;
using Polygate.Proxy.Forwarding;

namespace Polygate.Proxy.Streams;

/// <summary>Serves the stream connections of one loop.</summary>
internal sealed class StreamServer(
    UpstreamConnections upstreams, IBackendTls? tls, LoopMetrics metrics, StreamOptions options, IAccessLog? log, Action<string, Exception?> report)
{
    private int connections;

    /// <summary>Open connections of clients.</summary>
    internal int Connections => Volatile.Read(ref connections);

    internal StreamConnector Connector { get; } = new(upstreams, tls);

    /// <summary>Serves a connection to its end. On its loop.</summary>
    internal void Serve(AcceptedStream stream) => _ = ServeAsync(stream);

    private async Task ServeAsync(AcceptedStream stream)
    {
        var started = upstreams.Loop.Now;
        var counters = metrics.OfStream(stream.Route.Route.Id);
        Interlocked.Increment(ref connections);
        counters.Opened++;
        counters.Active++;
        var result = default(Result);
        try
        {
            result = await AdmitAsync(stream).ConfigureAwait(false);
            counters.Refused += result.Relay is null ? 1 : 0;
            counters.BytesReceived += result.Relay?.BytesReceived ?? 0;
            counters.BytesSent += result.Relay?.BytesSent ?? 0;
        }
        catch (Exception exception)
        {
            report("A connection failed.", exception);
            stream.Channel.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref connections);
            counters.Active--;
            stream.Received.Return();
        }

        Log(stream, result, upstreams.Loop.Now - started);
    }

    private async ValueTask<Result> AdmitAsync(AcceptedStream stream)
    {
        var route = stream.Route;
        var client = stream.Client.Address;
        var reason = !route.Admits(client) ? "not-admitted" : !route.TryEnter(client) ? "too-many-connections" : "";
        if (reason.Length > 0)
        {
            stream.Channel.Dispose();
            return new Result { Reason = reason };
        }

        try
        {
            return await RelayAsync(stream).ConfigureAwait(false);
        }
        finally
        {
            route.Leave(client);
        }
    }

    private async ValueTask<Result> RelayAsync(AcceptedStream stream)
    {
        StreamLease lease;
        try
        {
            lease = await Connector.ConnectAsync(stream.Route, stream.Client, stream.Channel.LocalEndPoint).ConfigureAwait(false);
        }
        catch (StreamConnectException exception)
        {
            stream.Channel.Dispose();
            return new Result { Reason = exception.Message, Endpoint = exception.Endpoint, Attempts = exception.Attempts };
        }

        try
        {
            var idle = stream.Route.Route.IdleTimeout ?? options.IdleTimeout;
            var relay = new StreamRelay(stream.Channel, lease.Channel, idle, stream.Route.Route.HalfCloseTimeout ?? idle);
            await relay.RunAsync(stream.Received.Memory).ConfigureAwait(false);
            return new Result { Relay = relay, Reason = relay.Reason, Endpoint = lease.Endpoint, Attempts = lease.Attempts };
        }
        finally
        {
            lease.Release();
            stream.Channel.Dispose();
        }
    }

    private void Log(in AcceptedStream stream, in Result result, long duration)
    {
        if (log is { IsEnabled: true })
        {
            log.Log(new StreamLogEntry
            {
                Client = stream.Client,
                Listener = stream.Listener,
                Route = stream.Route,
                Protocol = stream.Route.Route.Tls == StreamTls.None ? "tcp" : "tls",
                ServerName = stream.ServerName,
                Duration = duration,
                BytesReceived = result.Relay?.BytesReceived ?? 0,
                BytesSent = result.Relay?.BytesSent ?? 0,
                Endpoint = result.Endpoint,
                Attempts = result.Attempts,
                Reason = result.Reason ?? "failed",
            });
        }
    }

    private readonly struct Result
    {
        internal StreamRelay? Relay { get; init; }

        internal Upstreams.UpstreamEndpoint? Endpoint { get; init; }

        internal int Attempts { get; init; }

        internal string? Reason { get; init; }
    }
}
