using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Backends;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Rules;

/// <summary>What a list of filters becomes: steps, and an answer when the request is redirected.</summary>
internal sealed record TranslatedFilters(ValueList<Filter> Steps, RedirectAction? Redirect);

/// <summary>Turns the filters of a rule, or of one of its backends, into those of the model, in their order.</summary>
internal sealed class RouteFilters
{
    private readonly RouteBackends backends;
    private readonly RouteReport report;

    public RouteFilters(RouteBackends backends, RouteReport report)
    {
        this.backends = backends;
        this.report = report;
    }

    /// <summary>Translates filters that <see cref="RuleChecks"/> found possible.</summary>
    /// <param name="filters">The filters.</param>
    /// <param name="rule">Their rule: its match says which prefix is replaced.</param>
    /// <param name="field">Where they stand.</param>
    public TranslatedFilters Translate(IReadOnlyList<HTTPRouteFilter>? filters, HTTPRouteRule rule, string field)
    {
        var steps = new List<Filter>();
        RedirectAction? redirect = null;
        for (var i = 0; i < (filters?.Count ?? 0); i++)
        {
            var filter = filters![i];
            var at = $"{field}[{i}]";
            if (filter.Type == "RequestRedirect")
            {
                redirect = Redirect(filter.RequestRedirect!, rule);
            }
            else if (Step(filter, rule, at) is { } step)
            {
                steps.Add(step);
            }
        }

        return new TranslatedFilters(steps.ToValueList(), redirect);
    }

    private Filter? Step(HTTPRouteFilter filter, HTTPRouteRule rule, string field) => filter.Type switch
    {
        "RequestHeaderModifier" => new RequestHeaderFilter(Headers(filter.RequestHeaderModifier!)),
        "ResponseHeaderModifier" => new ResponseHeaderFilter(Headers(filter.ResponseHeaderModifier!)),
        "URLRewrite" => new RewriteFilter { Host = filter.URLRewrite!.Hostname, Path = Path(filter.URLRewrite.Path, rule) },
        "RequestMirror" => Mirror(filter.RequestMirror!, field + ".requestMirror.backendRef"),
        "CORS" => Cors(filter.CORS!),
        "ExtensionRef" => Extension(filter.ExtensionRef, field + ".extensionRef"),
        _ => ExternalAuth.Translate(filter.ExternalAuth, backends, report, field + ".externalAuth"),
    };

    /// <summary>Names compare without case; only the first action of a name counts.</summary>
    private static HeaderChanges Headers(HeaderModifier modifier) => new()
    {
        Set = Fields(modifier.Set),
        Add = Fields(modifier.Add),
        Remove = (modifier.Remove ?? []).Distinct(StringComparer.OrdinalIgnoreCase).ToValueList(),
    };

    private static ValueList<HeaderValue> Fields(IReadOnlyList<HeaderField>? fields) =>
        (fields ?? []).DistinctBy(field => field.Name, StringComparer.OrdinalIgnoreCase).Select(field => new HeaderValue(field.Name, field.Value)).ToValueList();

    private static PathRewrite? Path(HTTPPathModifier? path, HTTPRouteRule rule) => path switch
    {
        null => null,
        { Type: "ReplaceFullPath" } => new ReplaceFullPath(path.ReplaceFullPath!),
        _ => new ReplaceElementPrefix(Paths.Prefix(HttpRules.MatchesOf(rule)[0].Path?.Value ?? "/"), path.ReplacePrefixMatch!),
    };

    /// <summary>A scheme without a port means the scheme's own port, not the listener's (HTTPRequestRedirectFilter, "port").</summary>
    private static RedirectAction Redirect(HTTPRequestRedirect redirect, HTTPRouteRule rule) => new()
    {
        Status = redirect.StatusCode ?? 302,
        Scheme = redirect.Scheme,
        Host = redirect.Hostname,
        Port = redirect.Port ?? redirect.Scheme switch { "http" => 80, "https" => 443, _ => null },
        Path = Path(redirect.Path, rule),
    };

    /// <summary>A mirror whose target does not resolve is left out: the request itself is not concerned.</summary>
    private MirrorFilter? Mirror(RequestMirror mirror, string field)
    {
        var share = mirror switch
        {
            { Percent: { } percent } => percent / 100.0,
            { Fraction: { } fraction } => (double)fraction.Numerator / (fraction.Denominator ?? 100),
            _ => 1,
        };
        return backends.Get(mirror.BackendRef!, field) is { } backend && share > 0 ? new MirrorFilter(backend, share) : null;
    }

    private static CorsFilter Cors(HTTPCORS cors) => new()
    {
        AllowOrigins = (cors.AllowOrigins ?? []).ToValueList(),
        AllowMethods = (cors.AllowMethods ?? []).ToValueList(),
        AllowHeaders = (cors.AllowHeaders ?? []).ToValueList(),
        ExposeHeaders = (cors.ExposeHeaders ?? []).ToValueList(),
        AllowCredentials = cors.AllowCredentials ?? false,
        MaxAge = cors.MaxAge ?? 5,
    };

    /// <summary>No extension kinds are defined here; requests must not pass as if the filter were not there (HTTPRouteFilter, "extensionRef").</summary>
    private RefuseFilter Extension(LocalObjectReference? reference, string field)
    {
        report.Unresolved(new Problem(
            "InvalidKind",
            $"There is no filter {reference?.Kind} {reference?.Name} in group \"{reference?.Group}\"; requests that need it are answered 500.",
            field));
        return new RefuseFilter(500);
    }
}
