using Polygate.Dialects.Gloo.Gateways;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Dialects.Gloo.Routes;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.Options;

/// <summary>
/// The filters of a route on a gateway, in Gloo's order: early transformation, CORS, what restricts access, regular
/// transformation, buffer limit, then what the router does: headers, rewrite, mirror.
/// </summary>
internal sealed class RouteFilters
{
    private readonly Findings findings;
    private readonly GlooSettings settings;
    private readonly Destinations destinations;
    private readonly Resource hostOwner;

    /// <param name="findings">Receives what is wrong.</param>
    /// <param name="settings">The installation's settings.</param>
    /// <param name="destinations">Finds the upstreams of mirrored requests.</param>
    /// <param name="hostOwner">The object of the virtual host.</param>
    public RouteFilters(Findings findings, GlooSettings settings, Destinations destinations, Resource hostOwner)
    {
        this.findings = findings;
        this.settings = settings;
        this.destinations = destinations;
        this.hostOwner = hostOwner;
    }

    public ValueList<Filter> Of(EffectiveRoute route, PathPattern path, VirtualHostOptions host, ServedGateway gateway)
    {
        const string HostField = "spec.virtualHost.options";
        var (options, field, owner) = (route.Options, route.Field + ".options", route.Owner);
        var filters = new List<Filter>();
        if (Restrictions.Of(options, host, gateway, settings).Any())
        {
            filters.Add(new RefuseFilter(503));
        }

        filters.AddRange(options.StagedTransformations is { } own
            ? TransformationFilters.Of(own, field + ".stagedTransformations", owner, findings)
            : TransformationFilters.Of(host.StagedTransformations, HostField + ".stagedTransformations", hostOwner, findings));
        if (Cors(route, host, field) is { } cors)
        {
            filters.Add(cors);
        }

        if (BodyLimit(options, host, gateway) is { } limit)
        {
            filters.Add(limit);
        }

        if (gateway.Http.Options?.Buffer is null && options.BufferPerRoute is not null)
        {
            findings.Warn("no-effect", "bufferPerRoute changes the Gateway's buffer, and it has none.", field + ".bufferPerRoute", owner);
        }

        var routeHeaders = HeaderFilters.Of(options.HeaderManipulation, field + ".headerManipulation", owner, findings);
        var hostHeaders = HeaderFilters.Of(host.HeaderManipulation, HostField + ".headerManipulation", hostOwner, findings);
        filters.AddRange(gateway.RouteHeadersWin ? Ordered(hostHeaders, routeHeaders) : Ordered(routeHeaders, hostHeaders));
        if (Rewrite(options, path, field, owner) is { } rewrite)
        {
            filters.Add(rewrite);
        }

        if (Mirror(options.Shadowing, field + ".shadowing", owner) is { } mirror)
        {
            filters.Add(mirror);
        }

        return filters.ToValueList();
    }

    /// <summary>Answers pass filters in reverse, so what must win on them stands first, and last on requests.</summary>
    private static IEnumerable<Filter> Ordered(IEnumerable<Filter> loses, IEnumerable<Filter> wins)
    {
        var (first, second) = (loses.ToList(), wins.ToList());
        return [
            .. first.OfType<RequestHeaderFilter>(), .. second.OfType<RequestHeaderFilter>(),
            .. second.OfType<ResponseHeaderFilter>(), .. first.OfType<ResponseHeaderFilter>(),
        ];
    }

    private Filter? Cors(EffectiveRoute route, VirtualHostOptions host, string field)
    {
        if (route.Options.Cors is null)
        {
            return CorsFilters.Of(host.Cors, "spec.virtualHost.options.cors", hostOwner, findings);
        }

        var cors = CorsFilters.Of(route.Options.Cors, field + ".cors", route.Owner, findings);
        if (cors is not null && route.Spec.RedirectAction is not null)
        {
            findings.Reject("invalid-field", "A route that redirects cannot have a CORS policy.", field + ".cors", route.Owner);
        }

        return cors is not null && route.Spec.DirectResponseAction is not null ? CorsFilters.OnDirectResponse(cors) : cors;
    }

    /// <summary>The gateway's buffer limit, which virtual hosts and routes may change; without one they say nothing.</summary>
    private static BodyLimitFilter? BodyLimit(RouteOptions route, VirtualHostOptions host, ServedGateway gateway)
    {
        if (gateway.Http.Options?.Buffer is not { } standard)
        {
            return null;
        }

        var changed = route.BufferPerRoute ?? host.BufferPerRoute;
        return changed?.Disabled == true || (changed?.Buffer ?? standard).MaxRequestBytes is not (> 0 and var limit) ? null : new BodyLimitFilter(limit);
    }

    private RewriteFilter? Rewrite(RouteOptions options, PathPattern path, string field, Resource owner)
    {
        var rewrite = new RewriteFilter { Host = string.IsNullOrEmpty(options.HostRewrite) ? null : options.HostRewrite };
        if (options.PrefixRewrite is { Length: > 0 } prefix)
        {
            if (PathRules.Problem(prefix) is { } problem)
            {
                findings.Reject("invalid-field", $"The path {prefix} is not accepted: {problem}.", field + ".prefixRewrite", owner);
            }

            if (options.RegexRewrite is not null)
            {
                findings.Warn("no-effect", "regexRewrite has no effect beside prefixRewrite.", field + ".regexRewrite", owner);
            }

            rewrite = rewrite with { Path = RouteActions.PrefixRewrite(path, prefix) };
        }
        else if (options.RegexRewrite is { } regex)
        {
            rewrite = rewrite with { Path = RouteActions.RegexRewrite(regex, field + ".regexRewrite", owner, findings) };
        }

        return rewrite is { Path: null, Host: null } ? null : rewrite;
    }

    private MirrorFilter? Mirror(Shadowing? shadowing, string field, Resource owner)
    {
        if (shadowing?.Percentage is not (> 0 and var percentage) || destinations.Upstream(shadowing.Upstream, field + ".upstream", owner) is not { } backend)
        {
            return null;
        }

        findings.Unsupported(!string.IsNullOrEmpty(shadowing.HostRewriteLiteral), field + ".hostRewriteLiteral", owner);
        if (shadowing is { DisableShadowHostSuffixAppend: not true, HostRewriteLiteral: null or "" })
        {
            findings.Warn("shadow-host", "Mirrored requests keep the host: -shadow is not appended to it yet.", field, owner);
        }

        return new MirrorFilter(backend.Id, Math.Min(percentage, 100) / 100);
    }
}
