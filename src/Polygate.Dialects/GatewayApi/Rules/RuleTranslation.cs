using System.Security.Cryptography;
using System.Text;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Backends;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Rules;

/// <summary>What a rule does with the requests it gets, on one Gateway.</summary>
internal sealed class RuleTranslation
{
    // An invalid reference's share: 500 for HTTP; for gRPC, a status that clients read as UNAVAILABLE.
    private const int HttpFailure = 500;

    private const int GrpcFailure = 503;

    private const int DefaultRetries = 1;

    private readonly RouteView route;
    private readonly RouteBackends backends;
    private readonly RouteFilters filters;
    private readonly RouteReport report;
    private readonly bool secureCookies;

    /// <param name="route">The route.</param>
    /// <param name="backends">Where backends go.</param>
    /// <param name="report">Where problems go.</param>
    /// <param name="secureCookies">Whether all of its listeners speak TLS, so that cookies can be limited to it.</param>
    public RuleTranslation(RouteView route, RouteBackends backends, RouteReport report, bool secureCookies)
    {
        this.route = route;
        this.backends = backends;
        this.report = report;
        this.secureCookies = secureCookies;
        filters = new RouteFilters(backends, report);
    }

    private int FailureStatus => route.Kind == "GRPCRoute" ? GrpcFailure : HttpFailure;

    /// <summary>The filters and the action of a rule.</summary>
    public (ValueList<Filter> Filters, RouteAction Action) Translate(RuleView view)
    {
        var rule = view.Rule;
        var common = filters.Translate(rule.Filters, rule, view.Field + ".filters");
        if (common.Redirect is { } redirect)
        {
            if (rule.BackendRefs is { Count: > 0 })
            {
                report.Warn("unused-field", "The rule redirects every request, so its backends get none.", view.Field + ".backendRefs");
            }

            return (common.Steps, redirect);
        }

        return Forward(view, common.Steps);
    }

    private (ValueList<Filter> Filters, RouteAction Action) Forward(RuleView view, ValueList<Filter> steps)
    {
        var rule = view.Rule;
        var targets = new List<WeightedBackend>();
        for (var i = 0; i < (rule.BackendRefs?.Count ?? 0); i++)
        {
            var field = $"{view.Field}.backendRefs[{i}]";
            var reference = rule.BackendRefs![i];
            var own = filters.Translate(reference.Filters, rule, field + ".filters");
            if (own.Redirect is { } redirect)
            {
                if (rule.BackendRefs.Count == 1)
                {
                    return ([.. steps, .. own.Steps], redirect);
                }

                own = own with { Steps = [.. own.Steps, new RedirectFilter(redirect)] };
            }

            var backend = backends.Get(reference, field);
            targets.Add(new WeightedBackend(backend, reference.Weight ?? 1)
            {
                ErrorStatus = FailureStatus,
                Filters = own.Steps,
            });
        }

        return (backends.SpeakHttp2(rule.BackendRefs ?? []) ? [.. steps, new GrpcWebFilter()] : steps, new ForwardAction(targets.ToValueList())
        {
            NoBackendStatus = FailureStatus,
            RequestTimeout = Durations.Limit(rule.Timeouts?.Request),
            BackendTimeout = Durations.Limit(rule.Timeouts?.BackendRequest),
            Retry = Retry(rule.Retry),
            Sticky = Session(view),
        });
    }

    /// <summary>
    /// A stanza makes connection errors and timeouts of attempts retryable whatever its codes (HTTPRouteRetry); an
    /// unset number of attempts is the implementation's choice.
    /// </summary>
    private static RetryPolicy? Retry(HTTPRouteRetry? retry) => retry is null || retry.Attempts == 0 ? null
        : new RetryPolicy(retry.Attempts ?? DefaultRetries)
        {
            Statuses = (retry.Codes ?? []).ToValueList(),
            OnConnectionError = true,
            OnTimeout = true,
            Backoff = Durations.Limit(retry.Backoff) ?? TimeSpan.Zero,
        };

    /// <summary>
    /// Keeps a session on its backend and endpoint; weights are for first requests. A token means nothing to any other rule (SessionPersistence:
    /// sessions are never shared).
    /// </summary>
    private Stickiness? Session(RuleView view)
    {
        // What the rule says rules over what a policy says of its backends.
        if ((view.Rule.SessionPersistence ?? backends.SessionPolicy(view.Rule.BackendRefs ?? [], view.Field)?.Value.Spec.SessionPersistence) is not { } session)
        {
            return null;
        }

        var name = string.IsNullOrEmpty(session.SessionName) ? GeneratedName(view) : session.SessionName;
        var lifetime = Durations.Limit(session.AbsoluteTimeout);
        var salt = $"{route.Kind}/{route.Resource.FullName}/{Key(view)}";
        if (session.Type == "Header")
        {
            return new StickyHeader(name) { Salt = salt, AbsoluteTimeout = lifetime };
        }

        return new StickyCookie(name)
        {
            Salt = salt,
            AbsoluteTimeout = lifetime,
            Secure = secureCookies,
            SecureOverTls = true,
            HttpOnly = true,
            SameSite = "Strict",
            MaxAge = session.CookieConfig?.LifetimeType == "Permanent" ? (int?)lifetime?.TotalSeconds : null,
        };
    }

    /// <summary>
    /// What tells a rule from the others of its route: its name if it has one of its own (that is not a number), else its
    /// place.
    /// </summary>
    public string Key(RuleView view) =>
        view.Rule.Name is { Length: > 0 } name && !name.All(char.IsAsciiDigit) && route.Rules.Count(rule => rule.Rule.Name == name) == 1
            ? name
            : $"{view.Index}";

    private string GeneratedName(RuleView view)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{route.Kind}/{route.Resource.FullName}/{Key(view)}"));
        return "polygate-" + Convert.ToHexStringLower(hash.AsSpan(0, 8));
    }
}
