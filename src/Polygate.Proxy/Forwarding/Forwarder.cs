using System.Runtime.CompilerServices;
using Polygate.Model;
using Polygate.Proxy.FastCgi;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Forwarding;

/// <summary>Sends requests of one loop to backends, as often as their route allows, and their answers to the clients.</summary>
internal sealed class Forwarder(UpstreamConnections connections, LoopMetrics metrics)
{
    /// <summary>Bodies up to this size are held where a route may send them twice (retries, mirrors).</summary>
    private const int HeldBodyLimit = 64 * 1024;

    /// <summary>Bodies up to this size are read before a backend is asked that has to know their length first, where the client does not tell it.</summary>
    private const int MeasuredBodyLimit = 1024 * 1024;

    /// <summary>How many endpoints are tried when they cannot be reached and the route has no policy of its own.</summary>
    private const int AttemptsToConnect = 3;

    private readonly MirrorSender mirrors = new(connections);

    /// <summary>Requests of the gateway's own.</summary>
    public Subrequests Subrequests { get; } = new(connections);

    /// <summary>Answers a request from a backend, or says why there is no answer.</summary>
    /// <exception cref="ChannelException">The client is gone.</exception>
    /// <exception cref="BadMessageException">The request's body is broken.</exception>
    public ValueTask ForwardAsync(HttpExchange exchange, CompiledRoute route, CompiledForward forward)
    {
        var target = forward.Session is null ? forward.Pick() : PickInSession(exchange, forward);
        if (target?.Cluster is null)
            return FailAsync(exchange, target?.ErrorStatus ?? forward.Action.NoBackendStatus, "no valid backend");

        // The usual route asks for nothing that comes before the backend or has to be undone after it.
        return target.Filters.IsEmpty && !HoldsBody(route, target, forward.Action) && forward.Action.RequestTimeout is null
            && target.Cluster.Backend is not ({ CircuitBreaker: not null } or { Protocol: BackendProtocol.FastCgi })
            ? TryAsync(exchange, forward.Action, target.Cluster, new BodyLimits(route.Filters.BodyLimit, null))
            : PrepareAsync(exchange, route, forward, target, target.Cluster);
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask PrepareAsync(HttpExchange exchange, CompiledRoute route, CompiledForward forward, ForwardTarget target, UpstreamCluster cluster)
    {
        var state = exchange.State;
        if (!target.Filters.IsEmpty)
        {
            state.Target = target;
            state.BackendFilters.Begin(route.Listener.Port, exchange, Subrequests);
            if (await target.Filters.ApplyToRequestAsync(exchange.Request, state.BackendFilters) is { } reply)
            {
                state.Reason = "answered by a filter";
                await GatewayReplies.SendAsync(exchange, reply);
                return;
            }
        }

        var limits = new BodyLimits(route.Filters.BodyLimit, target.Filters.BodyLimit);
        if (HoldsBody(route, target, forward.Action))
            await HoldBodyAsync(exchange, forward.Action.Retry);

        var needsLength = exchange.RequestLength is null && cluster.Backend is { Protocol: BackendProtocol.FastCgi };
        if (needsLength)
            await HeldBody.ReadAsync(exchange, MeasuredBodyLimit);

        if (limits.Exceeded(exchange) is { } refusal)
        {
            await GatewayReplies.SendAsync(exchange, refusal);
            return;
        }

        if (needsLength)
        {
            if (!state.HasBody)
            {
                await FailAsync(exchange, 411, "length required");
                return;
            }

            state.TellBodyLength();
        }

        if (!cluster.TryBeginRequest())
        {
            await FailAsync(exchange, 503, "too many requests under way");
            return;
        }

        Mirror(exchange, route.Filters);
        Mirror(exchange, target.Filters);
        var timer = Time(forward.Action.RequestTimeout, static state => ((ExchangeState)state!).ExpireForGood(), state);
        try
        {
            await TryAsync(exchange, forward.Action, cluster, limits);
        }
        finally
        {
            timer.Cancel();
            cluster.EndRequest();
            state.Retries.End();
        }
    }

    /// <summary>The backend that the client's session is with, and its endpoint there; otherwise a backend by weight.</summary>
    private static ForwardTarget? PickInSession(HttpExchange exchange, CompiledForward forward)
    {
        var state = exchange.State;
        state.Session = forward.Session;
        foreach (var target in forward.Targets)
        {
            if (target.Cluster?.Current is { } cluster && forward.Session!.Find(exchange.Request, cluster) is { IsUsable: true, HasRoom: true } bound)
            {
                state.Bound = bound;
                return target;
            }
        }

        return forward.Pick();
    }

    /// <summary>Whether the body may be needed again after it was sent once.</summary>
    private static bool HoldsBody(CompiledRoute route, ForwardTarget target, ForwardAction action) =>
        action.Retry is not null || route.Filters.Mirrors.Count > 0 || target.Filters.Mirrors.Count > 0;

    /// <summary>Small bodies are read to their end first.</summary>
    private static ValueTask HoldBodyAsync(HttpExchange exchange, RetryPolicy? retry)
    {
        var limit = Math.Min(retry?.MaximumBodyBytes ?? HeldBodyLimit, HeldBodyLimit);
        return exchange.RequestLength is null or 0 || exchange.RequestLength > limit ? default : HeldBody.ReadAsync(exchange, (int)limit);
    }

    private void Mirror(HttpExchange exchange, FilterChain filters)
    {
        foreach (var target in filters.Mirrors)
        {
            if (target.Share < 1 && Random.Shared.NextDouble() >= target.Share)
                continue;

            if (exchange.RequestLength == 0 || exchange.State.HasBody)
                mirrors.Send(exchange.Request, target.Cluster, exchange.State.Body);
            else
                metrics.MirrorsSkipped++;
        }
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask TryAsync(HttpExchange exchange, ForwardAction action, UpstreamCluster cluster, BodyLimits limits)
    {
        var state = exchange.State;
        var retries = state.Retries;
        retries.Begin(action.Retry, action.Retry?.Attempts ?? AttemptsToConnect - 1, cluster, connections.Loop.Now);
        UpstreamEndpoint? previous = null;
        while (true)
        {
            if (cluster.Backend is not { } backend || (state.TakeBound() ?? cluster.Pick(exchange.Request, previous)) is not { } endpoint)
            {
                await FailAsync(exchange, 503, "no endpoint");
                return;
            }

            state.Endpoint = endpoint;
            var attempt = state.Attempt.Begin(exchange, action, backend, cluster, endpoint, limits);
            endpoint.RequestStarted();
            AttemptOutcome outcome;
            try
            {
                outcome = await RunAsync(attempt, fresh: false);
                if (outcome == AttemptOutcome.Stale)
                    outcome = await RunAsync(attempt, fresh: true);
            }
            finally
            {
                endpoint.RequestEnded();
                state.Times.Ended(connections.Loop.Now);
            }

            if (cluster.Current is { IsWatched: true } watching)
                attempt.Report(watching, outcome);

            if (outcome == AttemptOutcome.Answered)
                return;

            if (outcome == AttemptOutcome.Replaced)
            {
                await ErrorPageSender.SendAsync(exchange, state.Page!, exchange.Response.Status);
                return;
            }

            // An answer that is thrown away has its attempt already.
            var isRetried = outcome == AttemptOutcome.BadStatus || (attempt.IsRepeatable(outcome) && retries.TryTake(connections.Loop.Now));
            if (state.TimedOutForGood || exchange.IsClientGone || !isRetried)
            {
                await (retries.Refusal is { } refusal && !exchange.IsClientGone ? FailAsync(exchange, refusal, "retry budget spent") : FailAsync(exchange, outcome));
                return;
            }

            previous = endpoint;
            if (retries.NextWait() is var wait && wait > TimeSpan.Zero)
                await connections.Loop.DelayAsync(wait);
        }
    }

    /// <summary>One attempt on one connection, which usually rests in its pool.</summary>
    private ValueTask<AttemptOutcome> RunAsync(ForwardAttempt attempt, bool fresh)
    {
        attempt.Exchange.State.BeginAttempt(connections.Loop.Now);
        return !fresh && connections.TryTake(attempt.Endpoint, attempt.Protocol) is { } rested ? RunAsync(attempt, rested) : OpenAndRunAsync(attempt);
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    private async ValueTask<AttemptOutcome> OpenAndRunAsync(ForwardAttempt attempt)
    {
        UpstreamExchange upstream;
        try
        {
            upstream = await connections.ConnectAsync(attempt.Cluster, attempt.Endpoint, attempt.Backend, attempt.Protocol);
        }
        catch (UpstreamOverloadedException exception)
        {
            attempt.Exchange.State.Reason = exception.Reason;
            return AttemptOutcome.Overloaded;
        }
        catch (ChannelException exception)
        {
            return exception.Error == ChannelError.TimedOut ? AttemptOutcome.ConnectTimedOut : AttemptOutcome.ConnectFailed;
        }

        if (upstream is FastCgiExchange fastCgi)
            fastCgi.Serves = attempt.Exchange;

        return await RunAsync(attempt, upstream);
    }

    private ValueTask<AttemptOutcome> RunAsync(ForwardAttempt attempt, UpstreamExchange upstream)
    {
        var exchange = attempt.Exchange;
        var state = exchange.State;
        upstream.IdleTimeout = attempt.Action.IdleTimeout is { } idle && idle > TimeSpan.Zero ? idle : connections.Options.IdleTimeout;
        state.Upstream = upstream;
        state.Times.Connected(connections.Loop.Now);
        exchange.OnClientGone(static state => ((ExchangeState)state!).Upstream?.Abort(), state);
        var timer = Time(attempt.Action.BackendTimeout, static state => ((ExchangeState)state!).ExpireAttempt(), state);
        return attempt.RunAsync(upstream, connections.Options, timer);
    }

    private LoopTimer Time(TimeSpan? limit, Action<object?> expire, ExchangeState state) =>
        limit is { } time && time > TimeSpan.Zero ? connections.Loop.StartTimer(time, expire, state) : default;

    private static ValueTask FailAsync(HttpExchange exchange, AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.ClientGone => throw new ChannelException(ChannelError.Reset, "The client is gone."),
        AttemptOutcome.RequestBroken => GatewayReplies.SendAsync(exchange, exchange.State.RequestFailure!),
        AttemptOutcome.ConnectFailed => FailAsync(exchange, 502, "connect failed"),
        AttemptOutcome.ConnectTimedOut => FailAsync(exchange, 504, "connect timed out"),
        AttemptOutcome.TimedOut => FailAsync(exchange, 504, "backend timed out"),
        AttemptOutcome.Overloaded => FailAsync(exchange, 503, exchange.State.Reason),
        AttemptOutcome.BadAnswer => FailAsync(exchange, 502, "invalid answer"),
        _ => FailAsync(exchange, 502, "connection broken"),
    };

    private static ValueTask FailAsync(HttpExchange exchange, int status, string reason)
    {
        exchange.State.Reason = reason;
        return GatewayReplies.SendAsync(exchange, GatewayReplies.For(status));
    }
}

/// <summary>The limits on a request's body: the route's and the backend's.</summary>
internal readonly record struct BodyLimits(BodyLimit? Route, BodyLimit? Backend)
{
    /// <summary>The answer to a request whose body, as far as it was read, is too large; null while it is not.</summary>
    public LocalReply? Exceeded(HttpExchange exchange) =>
        Route is not null && exchange.RequestBodyBytes > Route.MaximumBytes ? Route.Refusal
        : Backend is not null && exchange.RequestBodyBytes > Backend.MaximumBytes ? Backend.Refusal
        : null;
}

/// <summary>How an attempt ended.</summary>
internal enum AttemptOutcome
{
    /// <summary>The answer was sent (or cut, when it could not be finished).</summary>
    Answered,

    /// <summary>A connection that had rested was closed under the request, which may safely be sent again.</summary>
    Stale,
    ConnectFailed,
    ConnectTimedOut,
    Overloaded,
    TimedOut,

    /// <summary>The connection broke before the answer's head was complete.</summary>
    Broken,
    BadAnswer,

    /// <summary>The answer's status is one that the route retries.</summary>
    BadStatus,

    /// <summary>The answer's status is one that the route retries, but the retry budget has none left and says what to answer.</summary>
    RetriesSpent,

    /// <summary>The answer's status is one for which another backend answers.</summary>
    Replaced,
    ClientGone,

    /// <summary>The request's body is broken or too large.</summary>
    RequestBroken,
}
