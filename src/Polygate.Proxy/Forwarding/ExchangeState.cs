using System.Buffers.Text;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Forwarding;

/// <summary>What the request pipeline remembers of an exchange. Part of the exchange, and reused with it.</summary>
internal sealed class ExchangeState
{
    private ByteText originalPath;
    private ByteText originalQuery;
    private ByteText originalAuthority;
    private byte[]? body;

    public FilterState RouteFilters { get; } = new();

    public FilterState BackendFilters { get; } = new();

    /// <summary>The attempt under way, or the last one.</summary>
    public ForwardAttempt Attempt { get; } = new();

    /// <summary>How long that attempt took.</summary>
    public AttemptTimes Times { get; } = new();

    /// <summary>On the loop's clock.</summary>
    public long Started { get; private set; }

    public CompiledRoute? Route { get; set; }

    public ForwardTarget? Target { get; set; }

    /// <summary>The endpoint of the last attempt.</summary>
    public UpstreamEndpoint? Endpoint { get; set; }

    /// <summary>Whether there may be another attempt.</summary>
    public RetryGate Retries { get; } = new();

    /// <summary>What binds clients to backends and endpoints on this route; null where the backend's own setting counts.</summary>
    public StickySession? Session { get; set; }

    /// <summary>The endpoint that the client is bound to: tried first, once.</summary>
    public UpstreamEndpoint? Bound { get; set; }

    /// <summary>Whether the answer at hand is the backend's, and not the gateway's.</summary>
    public bool IsBackendAnswer { get; set; }

    /// <summary>Whether the answer at hand is an error page, which no other replaces.</summary>
    public bool IsErrorPage { get; set; }

    /// <summary>What takes the place of the backend's answer, once <see cref="AttemptOutcome.Replaced"/>.</summary>
    public ErrorPage? Page { get; set; }

    /// <summary>Changes the answer's body; null where nothing does.</summary>
    public BodyEncoder? Encoder { get; set; }

    /// <summary>How often an endpoint was tried.</summary>
    public int Attempts { get; set; }

    /// <summary>Why the answer is what it is, where the backend did not give it; empty otherwise.</summary>
    public string Reason { get; set; } = "";

    /// <summary>The backend's side of the attempt under way, which is broken when the client leaves or the time is over.</summary>
    public UpstreamExchange? Upstream { get; set; }

    /// <summary>A time limit of the route has passed.</summary>
    public bool TimedOut { get; private set; }

    /// <summary>A time limit that covers all attempts has passed.</summary>
    public bool TimedOutForGood { get; private set; }

    /// <summary>What is wrong with the request's body; null while nothing is.</summary>
    public LocalReply? RequestFailure { get; set; }

    /// <summary>The answer was being sent, not received, when something failed.</summary>
    public bool IsSending { get; set; }

    /// <summary>Whether the whole body is held, so that it can be sent again (and copied).</summary>
    public bool HasBody { get; private set; }

    /// <summary>The body, when <see cref="HasBody"/>; otherwise its beginning, as far as it was read before the backend was asked.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>Whether the length of the body held is what counts: it is another than the client's, or the client told none.</summary>
    public bool IsBodyChanged { get; private set; }

    /// <summary>The path as it came, before filters; kept only for an access log, and where <see cref="KeepsOriginal"/>.</summary>
    public ReadOnlySpan<byte> OriginalPath => originalPath.Span;

    /// <summary>Whether the target as it came, before filters, is kept: some filter of the route speaks of it.</summary>
    public bool KeepsOriginal { get; private set; }

    /// <summary>The query as it came; valid where <see cref="KeepsOriginal"/>.</summary>
    public ReadOnlySpan<byte> OriginalQuery => originalQuery.Span;

    public bool HadQuery { get; private set; }

    /// <summary>Host and port as they came; valid where <see cref="KeepsOriginal"/>.</summary>
    public ReadOnlySpan<byte> OriginalAuthority => originalAuthority.Span;

    public void Begin(long now)
    {
        Started = now;
        Route = null;
        Target = null;
        Endpoint = null;
        Session = null;
        IsBackendAnswer = IsErrorPage = false;
        Bound = null;
        Attempts = 0;
        Times.Clear();
        Reason = "";
        Upstream = null;
        TimedOut = TimedOutForGood = IsSending = HasBody = IsBodyChanged = false;
        RequestFailure = null;
        Body = default;
        KeepsOriginal = false;
        originalPath.Clear();
    }

    public void KeepPath(ReadOnlySpan<byte> path) => originalPath.Set(path);

    public void KeepOriginal(RequestHead request)
    {
        KeepsOriginal = true;
        originalPath.Set(request.Path);
        originalQuery.Set(request.Query);
        originalAuthority.Set(request.Authority);
        HadQuery = request.HasQuery;
    }

    /// <summary>The endpoint that the client is bound to, the first time.</summary>
    public UpstreamEndpoint? TakeBound()
    {
        var bound = Bound;
        Bound = null;
        return bound;
    }

    /// <summary>A new attempt has its own time.</summary>
    public void BeginAttempt(long now)
    {
        Attempts++;
        Times.Begin(now);
        TimedOut = TimedOutForGood;
        IsSending = false;
    }

    /// <summary>Holds a further piece of the body.</summary>
    public void AppendBody(ReadOnlySpan<byte> piece)
    {
        var length = Body.Length;
        if (body is null)
        {
            body = BufferPool.Rent(Math.Max(BufferPool.Large, piece.Length));
        }
        else if (body.Length - length < piece.Length)
        {
            var larger = BufferPool.Rent(Math.Max(body.Length * 2, length + piece.Length));
            Body.Span.CopyTo(larger);
            BufferPool.Return(body);
            body = larger;
        }

        piece.CopyTo(body.AsSpan(length));
        Body = body.AsMemory(0, length + piece.Length);
    }

    /// <summary>Says that what is held is the whole body.</summary>
    public void CompleteBody() => HasBody = true;

    /// <summary>Says that the length of what is held is told, whatever the client told of it.</summary>
    public void TellBodyLength() => IsBodyChanged = true;

    /// <summary>Decodes the whole body, which is held, from base64 (perhaps in several padded pieces); false when it is none.</summary>
    public bool TryDecodeBody()
    {
        var decoded = 0;
        for (var read = 0; read < Body.Length; read += 4)
        {
            var group = body.AsSpan(read, Math.Min(4, Body.Length - read));
            if (Base64.DecodeFromUtf8InPlace(group, out var written) != System.Buffers.OperationStatus.Done)
                return false;

            group[..written].CopyTo(body.AsSpan(decoded));
            decoded += written;
        }

        Body = body.AsMemory(0, decoded);
        IsBodyChanged = true;
        return true;
    }

    public void ReleaseBody()
    {
        Encoder?.Dispose();
        Encoder = null;
        if (body is null)
            return;

        BufferPool.Return(body);
        body = null;
        HasBody = false;
        Body = default;
    }

    public void ExpireAttempt()
    {
        TimedOut = true;
        Upstream?.Abort();
    }

    public void ExpireForGood()
    {
        TimedOutForGood = true;
        ExpireAttempt();
    }
}
