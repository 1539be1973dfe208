using System.Runtime.CompilerServices;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Forwarding;

/// <summary>
/// Requests of the gateway's own on one loop (authorization, error pages, keys): over the same connections as those of clients, with
/// the whole answer read.
/// </summary>
internal sealed class Subrequests(UpstreamConnections connections)
{
    private static readonly HeaderTable NoTrailers = new();

    /// <summary>Sends a request and reads its answer. Never fails: <see cref="SubrequestAnswer.Failure"/> says what went wrong.</summary>
    /// <param name="cluster">The backend.</param>
    /// <param name="request">Head of the request; must not change until this completes. An empty authority becomes the endpoint's.</param>
    /// <param name="body">The body; must not change either.</param>
    /// <param name="limits">Time and size.</param>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    public async ValueTask<SubrequestAnswer> SendAsync(UpstreamCluster cluster, RequestHead request, ReadOnlyMemory<byte> body, SubrequestLimits limits)
    {
        var answer = new SubrequestAnswer();
        var attempt = new Attempt(limits.Protocol);
        var timer = connections.Loop.StartTimer(limits.Timeout, static attempt => ((Attempt)attempt!).Expire(), attempt);
        UpstreamEndpoint? previous = null;
        try
        {
            for (var left = limits.Attempts; left > 0 && !attempt.IsExpired; left--)
            {
                if (cluster.Backend is not { } backend || cluster.Pick(request, previous) is not { } endpoint)
                {
                    answer.Failure = "no endpoint";
                    break;
                }

                previous = endpoint;
                var isDone = await TryAsync(cluster, backend, endpoint, request, body, limits, attempt, answer, fresh: false);
                if (!isDone && attempt.WasStale && !attempt.IsExpired)
                    isDone = await TryAsync(cluster, backend, endpoint, request, body, limits, attempt, answer, fresh: true);

                if (isDone || !attempt.NeverSent)
                    break;
            }
        }
        finally
        {
            timer.Cancel();
        }

        if (attempt.IsExpired && answer.Failure is not null)
            answer.Failure = "timed out";

        return answer;
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    private async ValueTask<bool> TryAsync(
        UpstreamCluster cluster, Backend backend, UpstreamEndpoint endpoint, RequestHead request, ReadOnlyMemory<byte> body, SubrequestLimits limits, Attempt attempt,
        SubrequestAnswer answer, bool fresh)
    {
        attempt.Begin();
        endpoint.RequestStarted();
        UpstreamExchange? upstream = null;
        try
        {
            upstream = await connections.OpenAsync(cluster, endpoint, backend, attempt.Protocol ?? backend.Protocol, fresh);
            attempt.Sent(upstream);
            upstream.IdleTimeout = limits.Timeout;
            var authority = backend.UseEndpointHost || request.Authority.IsEmpty ? endpoint.HostHeader.Span : request.Authority;
            upstream.StartRequest(request, authority, body.Length, default);
            await ExchangeAsync(upstream, body, answer, limits.MaximumBytes);
            answer.Failure = null;
            return true;
        }
        catch (UpstreamOverloadedException)
        {
            answer.Failure = "too many connections";
            return true;
        }
        catch (ChannelException exception)
        {
            attempt.WasStale = upstream is { IsReused: true, ResponseBegun: false } or { IsUnprocessed: true };
            answer.Failure = exception.Error == ChannelError.TimedOut ? "timed out" : upstream is null ? "connect failed" : "connection broken";
            return false;
        }
        catch (BadMessageException)
        {
            answer.Failure = "invalid answer";
            return true;
        }
        finally
        {
            attempt.End();
            upstream?.Release();
            endpoint.RequestEnded();
        }
    }

    /// <summary>The answer may come before the request is sent: a server need not read what it does not want.</summary>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private static async ValueTask ExchangeAsync(UpstreamExchange upstream, ReadOnlyMemory<byte> body, SubrequestAnswer answer, int maximum)
    {
        var sending = upstream.CompleteRequestAsync(body, NoTrailers);
        try
        {
            await ReadAsync(upstream, answer, maximum);
        }
        finally
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
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private static async ValueTask ReadAsync(UpstreamExchange upstream, SubrequestAnswer answer, int maximum)
    {
        do
        {
            await upstream.ReadHeadAsync(answer.Head, answer.Trailers);
        }
        while (answer.Head.Status < 200);

        answer.Body = [];
        answer.IsTruncated = false;
        while (!upstream.IsResponseComplete)
        {
            var slice = await upstream.ReadResponseAsync();
            if (slice.IsEmpty)
                return;

            var room = Math.Min(slice.Length, maximum - answer.Body.Length);
            answer.Body = [.. answer.Body, .. slice.Span[..room]];
            if (room < slice.Length)
            {
                // What is not read any more makes the connection useless.
                answer.IsTruncated = true;
                upstream.Abort();
                return;
            }
        }
    }

    /// <summary>What is under way, for the timer to break.</summary>
    private sealed class Attempt(BackendProtocol? protocol)
    {
        private UpstreamExchange? upstream;

        public BackendProtocol? Protocol => protocol;

        public bool IsExpired { get; private set; }

        public bool WasStale { get; set; }

        /// <summary>No connection was had, so that another endpoint may be asked.</summary>
        public bool NeverSent { get; private set; }

        public void Begin() => (WasStale, NeverSent) = (false, true);

        public void Sent(UpstreamExchange exchange)
        {
            NeverSent = false;
            upstream = exchange;
            if (IsExpired)
                exchange.Abort();
        }

        public void End() => upstream = null;

        public void Expire()
        {
            IsExpired = true;
            upstream?.Abort();
        }
    }
}

/// <summary>The limits of a request of the gateway's own.</summary>
/// <param name="Timeout">For all of it.</param>
/// <param name="MaximumBytes">Of the answer's body; what is beyond is cut off.</param>
/// <param name="Protocol">What is spoken; null for the backend's.</param>
/// <param name="Attempts">How many endpoints are tried when they cannot be reached.</param>
internal readonly record struct SubrequestLimits(TimeSpan Timeout, int MaximumBytes, BackendProtocol? Protocol = null, int Attempts = 2);

/// <summary>The answer to a request of the gateway's own.</summary>
internal sealed class SubrequestAnswer
{
    public ResponseHead Head { get; } = new();

    public HeaderTable Trailers { get; } = new();

    public byte[] Body { get; set; } = [];

    public bool IsTruncated { get; set; }

    /// <summary>Why there is no answer; null when there is one.</summary>
    public string? Failure { get; set; }
}
