using System.Diagnostics;
using System.Runtime.CompilerServices;
using Polygate.Model;
using Polygate.Proxy.Health;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Upstreams;

#pragma warning disable CA2012 // A read is begun, what was kept back is flushed, then the read is awaited: once.

namespace Polygate.Proxy.Forwarding;

/// <summary>
/// One attempt to have a request answered by an endpoint: both bodies flow at once, and either side may end first. Belongs to an exchange's
/// <see cref="ExchangeState"/>, and is used again for its next attempt.
/// </summary>
internal sealed class ForwardAttempt
{
    private BodyLimits limits;
    private long startedAt;
    private long answeredAt;
    private int status;

    public HttpExchange Exchange { get; private set; } = null!;

    public ForwardAction Action { get; private set; } = null!;

    public Backend Backend { get; private set; } = null!;

    public UpstreamCluster Cluster { get; private set; } = null!;

    public UpstreamEndpoint Endpoint { get; private set; } = null!;

    /// <summary>Makes it the attempt that is under way.</summary>
    /// <param name="exchange">What is to be answered.</param>
    /// <param name="action">What the route says.</param>
    /// <param name="backend">The backend's settings.</param>
    /// <param name="cluster">The backend.</param>
    /// <param name="endpoint">Where to.</param>
    /// <param name="limits">On the request's body.</param>
    public ForwardAttempt Begin(
        HttpExchange exchange, ForwardAction action, Backend backend, UpstreamCluster cluster, UpstreamEndpoint endpoint, in BodyLimits limits)
    {
        Exchange = exchange;
        Action = action;
        Backend = backend;
        Endpoint = endpoint;
        Cluster = cluster;
        this.limits = limits;
        startedAt = answeredAt = 0;
        status = 0;
        if (cluster.Current.IsWatched)
            startedAt = Stopwatch.GetTimestamp();

        return this;
    }

    private ExchangeState State => Exchange.State;

    /// <summary>gRPC needs HTTP/2, whatever else the backend is spoken to with.</summary>
    public BackendProtocol Protocol =>
        Backend.Protocol == BackendProtocol.Http1 && GrpcMessages.IsCall(Exchange.Request.Headers) ? BackendProtocol.Http2 : Backend.Protocol;

    /// <summary>Whether the body, if there is one, could be sent once more.</summary>
    private bool CanResend => Exchange.RequestLength == 0 || State.HasBody;

    /// <summary>
    /// Whether the route's policy has an attempt that ended so repeated, and the request allows it. Without a policy an endpoint that cannot be
    /// reached is passed over for another: endpoints come and go, and clients need not notice.
    /// </summary>
    public bool IsRepeatable(AttemptOutcome outcome)
    {
        if (Exchange.ResponseStarted)
            return false;

        // Without a connection nothing was sent, so any method may be repeated, and any body that was not begun.
        var isUntouched = CanResend || Exchange.RequestBodyBytes == State.Body.Length;
        if (Action.Retry is not { } policy)
            return outcome == AttemptOutcome.ConnectFailed && isUntouched && Cluster.Endpoints.Count > 1;

        if (outcome is AttemptOutcome.ConnectFailed or AttemptOutcome.ConnectTimedOut)
            return policy.OnConnectionError && isUntouched;

        return CanResend && outcome switch
        {
            AttemptOutcome.BadAnswer => policy.OnInvalidAnswer && (policy.NonIdempotent || IsIdempotent(Exchange.Request.Method)),
            AttemptOutcome.Broken => policy.OnConnectionError && (policy.NonIdempotent || IsIdempotent(Exchange.Request.Method)),
            AttemptOutcome.TimedOut => policy.OnTimeout && (policy.NonIdempotent || IsIdempotent(Exchange.Request.Method)),
            _ => false,
        };
    }

    /// <summary>Sends the request and the answer, and gives the connection back.</summary>
    /// <param name="upstream">Taken over; nothing is under way on it when this completes.</param>
    /// <param name="options">How long a tunnel may be silent.</param>
    /// <param name="timer">Ends with the answer's head.</param>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    public async ValueTask<AttemptOutcome> RunAsync(UpstreamExchange upstream, UpstreamOptions options, LoopTimer timer)
    {
        var sending = default(ValueTask);
        AttemptOutcome outcome;
        try
        {
            if (Exchange.IsClientGone || State.TimedOut)
                return Exchange.IsClientGone ? AttemptOutcome.ClientGone : AttemptOutcome.TimedOut;

            try
            {
                upstream.StartRequest(Exchange.Request, Authority, State.IsBodyChanged ? State.Body.Length : Exchange.RequestLength, Upgrade);
                sending = CanResend
                    ? upstream.CompleteRequestAsync(State.Body, Exchange.RequestTrailers)
                    : RequestPump.RunAsync(Exchange, upstream, limits);
                while (true)
                {
                    await upstream.ReadHeadAsync(Exchange.Response, Exchange.ResponseTrailers);
                    if (Exchange.Response.Status is >= 200 or 101)
                        break;

                    if (Exchange.Response.Status != 100)
                        await SendInformationalAsync();
                }

                timer.Cancel();
                outcome = await AnswerAsync(upstream, options);
            }
            catch (ChannelException exception)
            {
                outcome = Judge(upstream, exception);
            }
            catch (BadMessageException) when (!State.IsSending)
            {
                outcome = Exchange.ResponseStarted ? Cut("invalid answer") : AttemptOutcome.BadAnswer;
            }
            catch
            {
                // Whatever it was: nothing may be under way when the connection is given back.
                upstream.Abort();
                await EndRequestAsync(upstream, sending);
                throw;
            }

            if (sending.IsCompletedSuccessfully)
                sending.GetAwaiter().GetResult();
            else
                await EndRequestAsync(upstream, sending);

            return outcome;
        }
        finally
        {
            timer.Cancel();
            Exchange.OnClientGone(null, null);
            State.Upstream = null;
            upstream.Release();
        }
    }

    /// <summary>Tells those who watch the backend how the attempt went.</summary>
    public void Report(ClusterSnapshot watching, AttemptOutcome outcome)
    {
        var result = outcome switch
        {
            AttemptOutcome.ConnectFailed => EndpointResult.ConnectFailed,
            AttemptOutcome.ConnectTimedOut or AttemptOutcome.TimedOut => EndpointResult.TimedOut,
            AttemptOutcome.Broken or AttemptOutcome.BadAnswer or AttemptOutcome.Stale => EndpointResult.Broken,
            AttemptOutcome.Answered or AttemptOutcome.BadStatus or AttemptOutcome.RetriesSpent or AttemptOutcome.Replaced when status != 0 => EndpointResult.Answered,
            _ => (EndpointResult?)null,
        };
        if (result is { } known && startedAt != 0)
            watching.Record(Endpoint, known, status, Stopwatch.GetElapsedTime(startedAt, answeredAt == 0 ? Stopwatch.GetTimestamp() : answeredAt));
    }

    /// <summary>Where the answer came before the request's end, the rest of it goes nowhere.</summary>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private static async ValueTask EndRequestAsync(UpstreamExchange upstream, ValueTask sending)
    {
        if (!sending.IsCompleted)
            upstream.Abort();

        try
        {
            await sending;
        }
        catch (ChannelException)
        {
            // Reading the answer told what there is to tell.
        }
    }

    /// <summary>Sends the answer whose head is there. No async method, for the usual answer has all come with its head.</summary>
    private ValueTask<AttemptOutcome> AnswerAsync(UpstreamExchange upstream, UpstreamOptions options)
    {
        var response = Exchange.Response;
        status = response.Status;
        State.Times.HeadCame(Exchange.Loop.Now);
        if (startedAt != 0)
            answeredAt = Stopwatch.GetTimestamp();

        if (CanResend && Action.Retry is not null)
        {
            if (State.Retries.TryTakeFor(response, IsIdempotent(Exchange.Request.Method), Exchange.Loop.Now))
                return new(AttemptOutcome.BadStatus);

            if (State.Retries.Refusal is not null)
                return new(AttemptOutcome.RetriesSpent);
        }

        if (response.Status >= 200 && ErrorPageSender.PageFor(Exchange, response.Status, isBackendAnswer: true) is { } page)
        {
            State.Page = page;
            return new(AttemptOutcome.Replaced);
        }

        if (State.Session is { } session)
            session.Set(Exchange.Request, Cluster.Current, Endpoint, response);
        else
            Cluster.SetStickyCookie(Exchange.Request, Endpoint, response);

        State.IsBackendAnswer = true;
        GatewayReplies.ApplyFilters(Exchange);
        var sending = response.Status == 101 ? TunnelAsync(upstream, options)
            : State.Encoder is not null || State.Route is { Filters.Bandwidth: not null } ? SendShapedAsync(upstream)
            : SendAsync(upstream);
        if (!sending.IsCompletedSuccessfully)
            return AnsweredAsync(sending);

        sending.GetAwaiter().GetResult();
        return new(AttemptOutcome.Answered);
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    private static async ValueTask<AttemptOutcome> AnsweredAsync(ValueTask sending)
    {
        await sending;
        return AttemptOutcome.Answered;
    }

    private async ValueTask TunnelAsync(UpstreamExchange upstream, UpstreamOptions options)
    {
        upstream.IdleTimeout = options.TunnelTimeout;
        State.IsSending = true;
        await Exchange.SwitchProtocolsAsync();
        await Tunnel.RunAsync(Exchange, upstream);
    }

    private ValueTask SendShapedAsync(UpstreamExchange upstream)
    {
        Exchange.StartResponse(State.Encoder is null ? upstream.ResponseLength : null);
        return ShapedBody.SendAsync(Exchange, upstream, State.Route!.Filters.Bandwidth);
    }

    private async ValueTask SendInformationalAsync()
    {
        State.IsSending = true;
        await Exchange.SendInformationalAsync();
        State.IsSending = false;
    }

    private ValueTask SendAsync(UpstreamExchange upstream)
    {
        Exchange.StartResponse(upstream.ResponseLength);
        if (upstream.IsResponseComplete)
            return CompleteAsync(default);

        var reading = upstream.ReadResponseAsync();
        if (!reading.IsCompletedSuccessfully)
            return SendBodyAsync(upstream, reading);

        var slice = reading.Result;
        if (!slice.IsEmpty && !upstream.IsResponseComplete)
            return SendBodyAsync(upstream, new(slice));

        return CompleteAsync(slice);
    }

    private ValueTask CompleteAsync(ReadOnlyMemory<byte> last)
    {
        State.Times.Ended(Exchange.Loop.Now);
        State.IsSending = true;
        return Exchange.CompleteResponseAsync(last);
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask SendBodyAsync(UpstreamExchange upstream, ValueTask<ReadOnlyMemory<byte>> reading)
    {
        while (true)
        {
            if (!reading.IsCompleted)
                await FlushWhileReadingAsync(upstream, reading);

            var slice = await reading;
            if (slice.IsEmpty || upstream.IsResponseComplete)
            {
                await CompleteAsync(slice);
                return;
            }

            State.IsSending = true;
            await Exchange.WriteResponseAsync(slice);
            State.IsSending = false;
            reading = upstream.ReadResponseAsync();
        }
    }

    /// <summary>What was kept back goes out before the wait; should that fail, the wait is ended too.</summary>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask FlushWhileReadingAsync(UpstreamExchange upstream, ValueTask<ReadOnlyMemory<byte>> reading)
    {
        try
        {
            State.IsSending = true;
            await Exchange.FlushResponseAsync();
            State.IsSending = false;
        }
        catch
        {
            upstream.Abort();
            await RequestPump.IgnoreAsync(reading);
            throw;
        }
    }

    /// <summary>What a broken connection means, which depends on whose it is and on how far things went.</summary>
    private AttemptOutcome Judge(UpstreamExchange upstream, ChannelException exception)
    {
        if (State.RequestFailure is not null)
            return Exchange.ResponseStarted ? Cut("invalid request body") : AttemptOutcome.RequestBroken;

        if (Exchange.IsClientGone || State.IsSending)
            return Exchange.ResponseStarted ? Cut("client gone") : AttemptOutcome.ClientGone;

        if (State.TimedOut || exception.Error == ChannelError.TimedOut)
            return Exchange.ResponseStarted ? Cut("backend timed out") : AttemptOutcome.TimedOut;

        if (Exchange.ResponseStarted)
            return Cut("backend broke off");

        var isStale = upstream is { IsReused: true, ResponseBegun: false } && IsIdempotent(Exchange.Request.Method);
        return (isStale || upstream.IsUnprocessed) && CanResend ? AttemptOutcome.Stale : AttemptOutcome.Broken;
    }

    /// <summary>An answer that cannot be finished must not look finished.</summary>
    private AttemptOutcome Cut(string reason)
    {
        State.Reason = reason;
        Exchange.Abort();
        return AttemptOutcome.Answered;
    }

    private ReadOnlySpan<byte> Authority =>
        Backend.UseEndpointHost || Exchange.Request.Authority.IsEmpty ? Endpoint.HostHeader.Span : Exchange.Request.Authority;

    private ReadOnlySpan<byte> Upgrade => Action.AllowUpgrade && Exchange.RequestLength == 0 ? Exchange.UpgradeProtocol : default;

    /// <summary>RFC 9110 section 9.2.2.</summary>
    private static bool IsIdempotent(ReadOnlySpan<byte> method) =>
        method.SequenceEqual("GET"u8) || method.SequenceEqual("HEAD"u8) || method.SequenceEqual("PUT"u8) || method.SequenceEqual("DELETE"u8)
        || method.SequenceEqual("OPTIONS"u8) || method.SequenceEqual("TRACE"u8);
}
