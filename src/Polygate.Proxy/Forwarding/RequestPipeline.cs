using System.Runtime.CompilerServices;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Forwarding;

/// <summary>
/// What happens to a request, in whatever version of HTTP it came: match, filters, then a redirect, a direct answer, or a backend. One for each
/// loop.
/// </summary>
internal sealed class RequestPipeline : IExchangeHandler
{
    /// <summary>What nginx made known as the status of requests whose client did not wait for the answer; only in logs and counts.</summary>
    private const int ClientClosedRequest = 499;

    private readonly ForwardedFields forwarded;
    private readonly Forwarder forwarder;
    private readonly IAccessLog? accessLog;
    private readonly Action<string, Exception?> report;

    public RequestPipeline(
        UpstreamConnections connections, LoopMetrics metrics, ForwardedFields forwarded, IAccessLog? accessLog, Action<string, Exception?> report)
    {
        Metrics = metrics;
        Connections = connections;
        this.accessLog = accessLog;
        this.report = report;
        this.forwarded = forwarded;
        forwarder = new Forwarder(connections, metrics);
    }

    public LoopMetrics Metrics { get; }

    public UpstreamConnections Connections { get; }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    public async ValueTask HandleAsync(HttpExchange exchange)
    {
        Begin(exchange);
        try
        {
            await AnswerAsync(exchange);
        }
        catch (ChannelException)
        {
            exchange.State.Reason = "client gone";
            exchange.Abort();
        }
        catch (BadMessageException exception)
        {
            await TryRefuseAsync(exchange, exception.Status, exception.Message);
        }
        catch (Exception exception)
        {
            report("A request failed.", exception);
            await TryRefuseAsync(exchange, 500, "internal error");
        }

        End(exchange);
    }

    public async ValueTask RefuseAsync(HttpExchange exchange, int status, string reason)
    {
        Begin(exchange);
        try
        {
            exchange.State.Reason = reason;
            await GatewayReplies.SendAsync(exchange, GatewayReplies.For(status));
        }
        finally
        {
            End(exchange);
        }
    }

    private void Begin(HttpExchange exchange)
    {
        Metrics.ActiveRequests++;
        exchange.State.Begin(exchange.Loop.Now);
        if (accessLog is { IsEnabled: true })
            exchange.State.KeepPath(exchange.Request.Path);
    }

    private void End(HttpExchange exchange)
    {
        var state = exchange.State;
        state.ReleaseBody();
        state.RouteFilters.End();
        state.BackendFilters.End();
        var status = exchange.IsClientGone || !exchange.ResponseStarted ? ClientClosedRequest : exchange.Response.Status;
        var duration = exchange.Loop.Now - state.Started;
        Metrics.ActiveRequests--;
        var counters = Metrics.Of(state.Route);
        counters.Count(status, duration, exchange.RequestBodyBytes, exchange.ResponseBodyBytes);
        counters.Details?.Count(exchange.Request.Method, status, duration, exchange.RequestBodyBytes, exchange.ResponseBodyBytes, state.Times);
        if (accessLog is not { IsEnabled: true })
            return;

        var entry = new AccessLogEntry
        {
            Request = exchange.Request,
            Path = state.OriginalPath,
            Status = status,
            Version = exchange.Version,
            Duration = duration,
            RequestBodyBytes = exchange.RequestBodyBytes,
            ResponseBodyBytes = exchange.ResponseBodyBytes,
            Route = state.Route,
            Endpoint = state.Endpoint,
            Attempts = state.Attempts,
            Times = state.Attempts == 0 ? null : state.Times,
            Reason = state.Reason,
        };
        accessLog.Log(entry);
    }

    // What usually has nothing to wait for is no async method: every one of those that waits for the backend costs each request.
    private ValueTask AnswerAsync(HttpExchange exchange)
    {
        var state = exchange.State;
        forwarded.Apply(exchange.Request);
        var route = exchange.Request.Client.Routes.Current.Match(exchange.Request);
        state.Route = route;
        exchange.Loop.Holder = route?.Route.Id;
        if (route is null)
        {
            var misdirected = exchange.Request.Client.Routes.Current.IsMisdirected(exchange.Request);
            state.Reason = misdirected ? "misdirected" : "no route";
            return GatewayReplies.SendAsync(exchange, GatewayReplies.For(misdirected ? 421 : 404));
        }

        if (route.Filters.IsEmpty && !route.KeepsOriginal)
            return AnswerAsync(exchange, route, null);

        if (route.KeepsOriginal)
            state.KeepOriginal(exchange.Request);

        state.RouteFilters.Begin(route.Listener.Port, exchange, forwarder.Subrequests);
        var filtering = route.Filters.ApplyToRequestAsync(exchange.Request, state.RouteFilters);
        return filtering.IsCompletedSuccessfully ? AnswerAsync(exchange, route, filtering.Result) : AnswerLaterAsync(exchange, route, filtering);
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask AnswerLaterAsync(HttpExchange exchange, CompiledRoute route, ValueTask<LocalReply?> filtering) =>
        await AnswerAsync(exchange, route, await filtering);

    /// <param name="exchange">What is answered.</param>
    /// <param name="route">Its route.</param>
    /// <param name="reply">The answer of a filter; null when none answered.</param>
    private ValueTask AnswerAsync(HttpExchange exchange, CompiledRoute route, LocalReply? reply)
    {
        if (reply is not null)
        {
            exchange.State.Reason = "answered by a filter";
            return GatewayReplies.SendAsync(exchange, reply);
        }

        return route.Forward is { } forward
            ? forwarder.ForwardAsync(exchange, route, forward)
            : GatewayReplies.SendAsync(exchange, route.Answer(exchange.Request));
    }

    /// <summary>Answers if nothing was answered yet; otherwise cuts what was begun.</summary>
    private static async ValueTask TryRefuseAsync(HttpExchange exchange, int status, string reason)
    {
        exchange.State.Reason = reason;
        if (exchange.ResponseStarted)
        {
            exchange.Abort();
            return;
        }

        try
        {
            await GatewayReplies.SendAsync(exchange, GatewayReplies.For(status));
        }
        catch (ChannelException)
        {
            exchange.Abort();
        }
    }
}
