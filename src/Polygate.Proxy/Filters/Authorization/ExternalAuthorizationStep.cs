using Polygate.Model;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Filters.Authorization;

/// <summary>Speaks to an authorization service in its protocol. Immutable.</summary>
internal abstract class AuthorizationClient
{
    public abstract bool UsesOriginal { get; }

    /// <summary>What is spoken; null for the backend's protocol.</summary>
    public abstract BackendProtocol? Protocol { get; }

    /// <summary>The most of the answer's body that is read.</summary>
    public abstract int MaximumBytes { get; }

    /// <summary>The question about a request.</summary>
    /// <param name="head">The client's request.</param>
    /// <param name="state">The chain's state.</param>
    /// <param name="body">The client's body, as far as the service is to know it.</param>
    /// <param name="question">Receives the head of the question.</param>
    /// <returns>The body of the question.</returns>
    public abstract ReadOnlyMemory<byte> Ask(RequestHead head, FilterState state, ReadOnlyMemory<byte> body, RequestHead question);

    /// <summary>What the answer means; null when it is neither yes nor no.</summary>
    public abstract AuthorizationVerdict? Judge(SubrequestAnswer answer, RequestHead head, FilterState state);
}

/// <summary>Has an authorization service decide about each request. Closed when the service is away, unless told otherwise.</summary>
internal sealed class ExternalAuthorizationStep : AsyncFilterStep
{
    private readonly ExternalAuthorizationFilter filter;
    private readonly UpstreamCluster cluster;
    private readonly AuthorizationClient client;
    private readonly CompiledTemplate? cacheKey;
    private readonly AuthorizationMemory? memory;
    private readonly LocalReply error;
    private readonly LocalReply? tooLarge;

    /// <param name="filter">The filter.</param>
    /// <param name="cluster">The service.</param>
    /// <param name="memory">Remembers answers; used where the filter says so.</param>
    /// <param name="problems">Receives what is wrong with the filter.</param>
    public ExternalAuthorizationStep(ExternalAuthorizationFilter filter, UpstreamCluster cluster, AuthorizationMemory memory, ICollection<string> problems)
    {
        this.filter = filter;
        this.cluster = cluster;
        client = filter.Protocol == AuthorizationProtocol.Grpc
            ? new GrpcAuthorizationClient(filter)
            : new HttpAuthorizationClient(filter, cluster, problems);
        error = LocalReply.Of(filter.ErrorStatus);
        tooLarge = filter.Body is { } body ? LocalReply.Of(body.RejectStatus) : null;
        if (filter is { Cache: { } cache, Protocol: AuthorizationProtocol.Http })
        {
            cacheKey = new CompiledTemplate(cache.Key);
            this.memory = memory;
        }
    }

    public override bool UsesOriginal => client.UsesOriginal || cacheKey is { UsesOriginal: true };

    public override async ValueTask<LocalReply?> OnRequestAsync(RequestHead head, FilterState state)
    {
        if (state.Exchange is not { } exchange || state.Subrequests is not { } subrequests)
            return error;

        UInt128 key = 0;
        if (cacheKey is not null)
        {
            var text = cacheKey.Render(head, state);
            key = text.IsEmpty ? 0 : TextDigest.Of(text);
            if (key != 0 && memory!.TryRecall(key, Environment.TickCount64) is { } remembered)
                return Apply(remembered, head, state);
        }

        var body = ReadOnlyMemory<byte>.Empty;
        if (filter.Body is { } wanted && exchange.RequestLength != 0)
        {
            await HeldBody.ReadAsync(exchange, wanted.MaximumBytes);
            body = exchange.State.Body;
            if (body.Length > wanted.MaximumBytes || !exchange.State.HasBody)
            {
                if (!wanted.AllowPartial)
                    return tooLarge;

                body = body[..Math.Min(body.Length, wanted.MaximumBytes)];
            }
        }

        var question = new RequestHead();
        var content = client.Ask(head, state, body, question);
        var answer = await subrequests.SendAsync(cluster, question, content, new SubrequestLimits(filter.Timeout, client.MaximumBytes, client.Protocol));
        var verdict = answer.Failure is null ? client.Judge(answer, head, state) : null;
        if (verdict is null)
        {
            exchange.State.Reason = "authorization unavailable";
            return filter.FailOpen ? null : error;
        }

        if (key != 0)
            memory!.Remember(key, verdict, Environment.TickCount64, LifetimeOf(answer.Head.Status));

        return Apply(verdict, head, state);
    }

    public override void OnResponse(RequestHead head, ResponseHead response, FilterState state)
    {
        if (state.NoteOf(this) is AuthorizationVerdict verdict && (!filter.Success.OnlyGoodResponses || IsGood(response.Status)))
            verdict.ApplyTo(response);
    }

    private LocalReply? Apply(AuthorizationVerdict verdict, RequestHead head, FilterState state)
    {
        if (verdict.Refusal is not null)
            return verdict.Refusal;

        verdict.ApplyTo(head);
        if (verdict.ResponseFields.Length > 0 || verdict.ResponseCookies.Length > 0)
            state.Note(this, verdict);

        return null;
    }

    private TimeSpan LifetimeOf(int status)
    {
        foreach (var lifetime in filter.Cache!.Lifetimes)
        {
            if (lifetime.Status == status)
                return lifetime.Duration;
        }

        return TimeSpan.Zero;
    }

    private static bool IsGood(int status) => status is 200 or 201 or 204 or 206 or 301 or 302 or 303 or 304 or 307 or 308;
}
