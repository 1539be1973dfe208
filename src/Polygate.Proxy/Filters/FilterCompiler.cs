using Polygate.Model;
using Polygate.Proxy.Filters.Authorization;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Filters;

/// <summary>Makes filters of the model ready to run. A filter that cannot be made refuses every request: it is never skipped.</summary>
internal static class FilterCompiler
{
    /// <param name="filters">In order.</param>
    /// <param name="id">The chain's stable identity; state is keyed by it and the filter's place.</param>
    /// <param name="state">What outlives configurations.</param>
    /// <param name="problems">Receives what is wrong with the filters.</param>
    public static FilterChain Compile(ReadOnlySpan<Filter> filters, string id, RuntimeState state, ICollection<string> problems)
    {
        var steps = new List<FilterStep>();
        var mirrors = new List<MirrorTarget>();
        BodyLimit? bodyLimit = null;
        for (var i = 0; i < filters.Length; i++)
        {
            switch (filters[i])
            {
                case MirrorFilter mirror:
                    mirrors.Add(new MirrorTarget(state.Clusters.Get(mirror.Backend), mirror.Share));
                    break;
                case BodyLimitFilter { MaximumBytes: <= 0 }:
                    break;
                case BodyLimitFilter limit:
                    var made = new BodyLimit(limit.MaximumBytes, LocalReply.Of(limit.RejectStatus));
                    bodyLimit = bodyLimit is null || made.MaximumBytes < bodyLimit.MaximumBytes ? made : bodyLimit;
                    steps.Add(new BodyLimitStep(made));
                    break;
                default:
                    steps.Add(CompileStep(filters[i], $"{id}/filters/{i}", state, problems));
                    break;
            }
        }

        return FilterChain.Create([.. steps], bodyLimit, [.. mirrors]);
    }

    private static FilterStep CompileStep(Filter filter, string id, RuntimeState state, ICollection<string> problems)
    {
        var found = new List<string>();
        FilterStep step = filter switch
        {
            RequestHeaderFilter request => new RequestHeaderStep(request),
            RequestHeaderTemplateFilter templates => new RequestHeaderTemplateStep(templates),
            ResponseHeaderFilter response => new ResponseHeaderStep(response),
            RewriteFilter rewrite => new RewriteStep(rewrite, found),
            RedirectToTlsFilter redirect => new RedirectToTlsStep(redirect, found),
            RedirectRegexFilter redirect => new RedirectRegexStep(redirect, found),
            CorsFilter cors => new CorsStep(cors, found),
            AddressAccessFilter access => new AddressAccessStep(access, found),
            BasicAuthenticationFilter basic => new BasicAuthenticationStep(basic, state.Passwords, problems),
            RateLimitFilter limit => new RateLimitStep(limit, state.Limiters.Get(limit.Counter is { } counter ? "counter/" + counter : id), found),
            ClientCertificateFilter certificate => new ClientCertificateStep(certificate),
            ConcurrencyLimitFilter limit =>
                new ConcurrencyLimitStep(limit, state.Concurrency.Get(limit.Counter is { } counter ? "counter/" + counter : id), found),
            ExternalAuthorizationFilter external =>
                new ExternalAuthorizationStep(external, state.Clusters.Get(external.Backend), state.Authorizations.Get(id), found),
            AnyOfFilter any => new AnyOfStep([.. any.Filters.Select((inner, i) => CompileStep(inner, $"{id}/{i}", state, found))]),
            RefuseFilter refuse => new RefuseStep(LocalReply.Of(refuse.Status, refuse.Body)),
            _ => Unavailable(filter, found),
        };
        if (found.Count == 0)
        {
            return step;
        }

        found.ForEach(problems.Add);
        return new RefuseStep(LocalReply.Of(503));
    }

    /// <summary>A filter that this engine does not have.</summary>
    private static RefuseStep Unavailable(Filter filter, List<string> problems)
    {
        problems.Add($"The engine has no {filter.GetType().Name}, so that the route refuses every request.");
        return new RefuseStep(LocalReply.Of(503));
    }
}
