using Polygate.Model;
using Polygate.Proxy.Filters.Authorization;
using Polygate.Proxy.Filters.Jwt;
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
        var extras = new ChainExtras();
        for (var i = 0; i < filters.Length; i++)
        {
            switch (filters[i])
            {
                case MirrorFilter mirror:
                    extras = extras with { Mirrors = [.. extras.Mirrors, new MirrorTarget(state.Clusters.Get(mirror.Backend), mirror.Share)] };
                    break;
                case ErrorPagesFilter pages:
                    extras = extras with { ErrorPages = [.. extras.ErrorPages, new ErrorPage(pages, state.Clusters.Get(pages.Backend))] };
                    break;
                case BandwidthLimitFilter limit:
                    var rate = new BandwidthLimit(limit.BytesPerSecond, limit.AfterBytes);
                    extras = extras with { Bandwidth = extras.Bandwidth is { } slower && slower.BytesPerSecond <= rate.BytesPerSecond ? slower : rate };
                    break;
                case BodyLimitFilter { MaximumBytes: <= 0 }:
                    break;
                case BodyLimitFilter limit:
                    var made = new BodyLimit(limit.MaximumBytes, LocalReply.Of(limit.RejectStatus));
                    extras = extras with { BodyLimit = extras.BodyLimit is { } stricter && stricter.MaximumBytes <= made.MaximumBytes ? stricter : made };
                    steps.Add(new BodyLimitStep(made));
                    break;
                default:
                    steps.Add(CompileStep(filters[i], $"{id}/filters/{i}", state, problems));
                    break;
            }
        }

        return FilterChain.Create([.. steps], extras);
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
            RedirectFilter redirect => new RedirectStep(redirect, found),
            RedirectToTlsFilter redirect => new RedirectToTlsStep(redirect, found),
            RedirectRegexFilter redirect => new RedirectRegexStep(redirect, found),
            CorsFilter cors => new CorsStep(cors, found),
            AddressAccessFilter access => new AddressAccessStep(access, found),
            BasicAuthenticationFilter basic => new BasicAuthenticationStep(basic, state.Passwords, problems),
            RateLimitFilter limit => new RateLimitStep(limit, state.Limiters.Get(limit.Counter is { } counter ? "counter/" + counter : id), found),
            GrpcWebFilter web => new GrpcWebStep(web),
            HeaderLimitFilter limit => new HeaderLimitStep(limit),
            ClientCertificateFilter certificate => new ClientCertificateStep(certificate, found),
            ConcurrencyLimitFilter limit =>
                new ConcurrencyLimitStep(limit, state.Concurrency.Get(limit.Counter is { } counter ? "counter/" + counter : id), found),
            ExternalAuthorizationFilter external =>
                new ExternalAuthorizationStep(external, state.Clusters.Get(external.Backend), state.Authorizations.Get(id), found),
            AnyOfFilter any => new AnyOfStep([.. any.Filters.Select((inner, i) => CompileStep(inner, $"{id}/{i}", state, found))]),
            JwtAuthenticationFilter jwt => new JwtAuthenticationStep(jwt, state, found),
            ApiKeyAuthenticationFilter keys => new ApiKeyAuthenticationStep(keys, found),
            DigestAuthenticationFilter digest => new DigestAuthenticationStep(digest, problems),
            CompressionFilter compression => new CompressionStep(compression, found),
            CookieRewriteFilter cookies => new CookieRewriteStep(cookies, found),
            LocationRewriteFilter locations => new LocationRewriteStep(locations, found),
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
