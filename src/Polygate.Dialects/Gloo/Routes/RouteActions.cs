using Polygate.Dialects.Common;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.Routes;

/// <summary>What answers a route's requests.</summary>
internal sealed class RouteActions
{
    /// <summary>Gloo's default; 0 means none.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(15);

    private readonly IResourceLookup lookup;
    private readonly Findings findings;
    private readonly GlooSettings settings;
    private readonly Destinations destinations;

    public RouteActions(IResourceLookup lookup, Findings findings, GlooSettings settings, Destinations destinations)
    {
        this.lookup = lookup;
        this.findings = findings;
        this.settings = settings;
        this.destinations = destinations;
    }

    /// <summary>The action of a route for one of its matchers; null (and a finding) when it has none that can be served.</summary>
    /// <param name="route">The route.</param>
    /// <param name="path">The matcher's path, for rewriting.</param>
    /// <param name="host">The virtual host's options, for what the route leaves open.</param>
    public RouteAction? Of(EffectiveRoute route, PathPattern path, VirtualHostOptions host)
    {
        var spec = route.Spec;
        var actions = (spec.RouteAction is null ? 0 : 1) + (spec.RedirectAction is null ? 0 : 1) + (spec.DirectResponseAction is null ? 0 : 1);
        if (actions != 1)
        {
            findings.Reject("invalid-field", $"A route has exactly one action, not {actions}.", route.Field, route.Owner);
            return null;
        }

        return spec switch
        {
            { RedirectAction: { } redirect } => Redirect(redirect, path, route.Field + ".redirectAction", route.Owner),
            { DirectResponseAction: { } response } => Direct(response, route.Field + ".directResponseAction", route.Owner),
            _ => Forward(spec.RouteAction!, route, host),
        };
    }

    /// <summary>How a prefix rewrite applies to a matcher: pure text in place of a prefix, the whole path of any other matcher.</summary>
    public static PathRewrite PrefixRewrite(PathPattern path, string replacement) =>
        path.Kind == PathPatternKind.StringPrefix ? new ReplaceTextPrefix(path.Value.Length, replacement) : new ReplaceFullPath(replacement);

    /// <summary>A rewrite by regular expression; null (and a rejection) when it is not valid.</summary>
    public static PathRewrite? RegexRewrite(RegexMatchAndSubstitute rewrite, string field, Resource owner, Findings findings)
    {
        if (!Re2.TryConvert(rewrite.Pattern?.Regex ?? "", out var pattern, out var problem))
        {
            findings.Reject("invalid-field", $"The regular expression {rewrite.Pattern?.Regex} is not valid: {problem}", field + ".pattern.regex", owner);
            return null;
        }

        return new RegexRewrite(pattern, Re2.ConvertSubstitution(rewrite.Substitution ?? "")) { All = true };
    }

    private RouteAction? Forward(RouteActionSpec action, EffectiveRoute route, VirtualHostOptions host)
    {
        var field = route.Field + ".routeAction";
        var adapt = BackendAdapter.Of(route.Options, route.Field + ".options", route.Owner, findings);
        if (action.Single is { } single)
        {
            var backend = destinations.Single(single, field + ".single", route.Owner, adapt);
            return backend.Backend is null && settings.MissingDestinationAnswer is { Body.Length: > 0 } answer
                ? new DirectResponseAction(answer.Status, answer.Body, "text/plain")
                : Forward([backend], route, host);
        }

        if (action.Multi is { } multi)
        {
            return Forward(destinations.Multi(multi.Destinations, field + ".multi.destinations", route.Owner, adapt), route, host);
        }

        if (action.UpstreamGroup is { } name)
        {
            var ns = string.IsNullOrEmpty(name.Namespace) ? route.Owner.Namespace : name.Namespace;
            if (lookup.Get<UpstreamGroup>(ns, name.Name ?? "") is { } group)
            {
                return Forward(destinations.Group(group, route.Owner, field + ".upstreamGroup", adapt), route, host);
            }

            findings.Warn("missing-reference", $"The UpstreamGroup {ns}/{name.Name} does not exist.", field + ".upstreamGroup", route.Owner);
            return Forward([new WeightedBackend(null) { ErrorStatus = settings.MissingDestinationAnswer.Status }], route, host);
        }

        var unsupported = action switch
        {
            { ClusterHeader: not null } => "clusterHeader",
            { DynamicForwardProxy: not null } => "dynamicForwardProxy",
            _ => "",
        };
        if (unsupported.Length == 0)
        {
            findings.Reject("invalid-field", "A routeAction needs single, multi or upstreamGroup.", field, route.Owner);
            return null;
        }

        findings.Refuse("unsupported-field", $"{unsupported} is not supported yet: the route answers 503.", $"{field}.{unsupported}", route.Owner);
        return Forward([new WeightedBackend(null) { ErrorStatus = 503 }], route, host);
    }

    private ForwardAction Forward(ValueList<WeightedBackend> backends, EffectiveRoute route, VirtualHostOptions host)
    {
        var options = route.Options;
        var field = route.Field + ".options";
        var retries = options.Retries ?? host.Retries;
        return new ForwardAction(backends)
        {
            NoBackendStatus = 503,
            RequestTimeout = Duration(options.Timeout, field + ".timeout", route.Owner) ?? DefaultTimeout,
            IdleTimeout = Duration(options.IdleTimeout, field + ".idleTimeout", route.Owner),
            BackendTimeout = Duration(retries?.PerTryTimeout, field + ".retries.perTryTimeout", route.Owner),
            Retry = retries is null ? null : Retry(retries, field + ".retries", route.Owner),
            AllowUpgrade = options.Upgrades?.Any(upgrade => upgrade.Websocket?.Enabled == false) != true,
        };
    }

    private TimeSpan? Duration(string? text, string field, Resource owner)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (GoDuration.TryParse(text, out var duration) && duration >= TimeSpan.Zero)
        {
            return duration;
        }

        findings.Reject("invalid-field", $"{text} is not a duration such as 15s.", field, owner);
        return null;
    }

    private RetryPolicy? Retry(RetrySpec retries, string field, Resource owner)
    {
        var unsupported = new List<string>();
        var policy = EnvoyRetries.Parse(
            retries.RetryOn ?? "", retries.NumRetries is > 0 and var number ? number : 1, retries.RetriableStatusCodes ?? [], unsupported);
        foreach (var word in unsupported)
        {
            findings.Warn("unsupported-field", $"The retry condition {word} is not supported yet and has no effect.", field + ".retryOn", owner);
        }

        findings.Unsupported(retries.RetryBackOff?.MaxInterval is not null, field + ".retryBackOff.maxInterval", owner);
        return Duration(retries.RetryBackOff?.BaseInterval, field + ".retryBackOff.baseInterval", owner) is { } wait && policy is not null
            ? policy with { Backoff = wait }
            : policy;
    }

    private DirectResponseAction? Direct(DirectResponseSpec response, string field, Resource owner)
    {
        if (response.Status is not (>= 200 and <= 599))
        {
            findings.Reject("invalid-field", $"The status of a direct response is from 200 to 599, not {response.Status}.", field + ".status", owner);
            return null;
        }

        return new DirectResponseAction(response.Status.Value, response.Body ?? "", "text/plain");
    }

    private RedirectAction? Redirect(RedirectSpec redirect, PathPattern path, string field, Resource owner)
    {
        ReadOnlySpan<int> statuses = [301, 302, 303, 307, 308];
        var code = ProtoEnum.Read(
            redirect.ResponseCode, "MOVED_PERMANENTLY", "FOUND", "SEE_OTHER", "TEMPORARY_REDIRECT", "PERMANENT_REDIRECT");
        if (code < 0)
        {
            findings.Reject("invalid-field", $"{redirect.ResponseCode} is not a redirect code such as FOUND.", field + ".responseCode", owner);
            return null;
        }

        if ((redirect.PathRedirect ?? redirect.PrefixRewrite) is { } text && PathRules.Problem(text.Split('?')[0]) is { } problem)
        {
            findings.Reject("invalid-field", $"The path {text} is not accepted: {problem}.", field, owner);
            return null;
        }

        return new RedirectAction
        {
            Status = statuses[code],
            Scheme = redirect.HttpsRedirect == true ? "https" : null,
            Host = string.IsNullOrEmpty(redirect.HostRedirect) ? null : redirect.HostRedirect,

            // A new host takes the place of the old one with its port (Envoy, host_redirect).
            Port = redirect.PortRedirect is > 0 and var port ? port : string.IsNullOrEmpty(redirect.HostRedirect) ? null : 0,
            StripQuery = redirect.StripQuery == true,
            Path = redirect switch
            {
                { PathRedirect: { Length: > 0 } whole } => new ReplaceFullPath(whole),
                { PrefixRewrite: { Length: > 0 } prefix } => PrefixRewrite(path, prefix),
                { RegexRewrite: { } regex } => RegexRewrite(regex, field + ".regexRewrite", owner, findings),
                _ => null,
            },
        };
    }
}
