using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;

namespace Polygate.Dialects.GatewayApi.Rules;

/// <summary>
/// Finds what makes a rule impossible to serve. An API server refuses most of it; files reach the gateway unchecked.
/// </summary>
internal static class RuleChecks
{
    private const string Unsupported = "UnsupportedValue";

    private const string Incompatible = "IncompatibleFilters";

    public static Problem? Problem(HTTPRouteRule rule, string field, string[] filterTypes) =>
        FilterProblem(rule.Filters, rule, field + ".filters", filterTypes)
        ?? BackendProblem(rule, field + ".backendRefs", filterTypes)
        ?? DurationProblem(rule.Timeouts?.Request, field + ".timeouts.request")
        ?? DurationProblem(rule.Timeouts?.BackendRequest, field + ".timeouts.backendRequest")
        ?? RetryProblem(rule.Retry, field + ".retry")
        ?? SessionProblem(rule.SessionPersistence, field + ".sessionPersistence");

    public static bool IsMethod(string method) =>
        method is "GET" or "HEAD" or "POST" or "PUT" or "DELETE" or "CONNECT" or "OPTIONS" or "TRACE" or "PATCH";

    /// <summary>Checks conditions over headers or query parameters.</summary>
    public static Problem? ValueProblem(IReadOnlyList<HTTPValueMatch>? values, string field, bool headers)
    {
        for (var i = 0; i < (values?.Count ?? 0); i++)
        {
            var value = values![i];
            if (value.Type is not (null or "Exact" or "RegularExpression"))
            {
                return new Problem(Unsupported, $"\"{value.Type}\" is not Exact or RegularExpression.", $"{field}[{i}].type");
            }

            if (value.Name.Length == 0 || (headers && !IsToken(value.Name)))
            {
                return new Problem(Unsupported, $"\"{value.Name}\" is not a name.", $"{field}[{i}].name");
            }

            if (value.Type == "RegularExpression" && Patterns.Problem(value.Value) is { } problem)
            {
                return new Problem(Unsupported, problem, $"{field}[{i}].value");
            }
        }

        return null;
    }

    private static Problem? BackendProblem(HTTPRouteRule rule, string field, string[] filterTypes)
    {
        for (var i = 0; i < (rule.BackendRefs?.Count ?? 0); i++)
        {
            var backend = rule.BackendRefs![i];
            if (backend.Weight is < 0 or > 1_000_000)
            {
                return new Problem(Unsupported, $"The weight {backend.Weight} is not between 0 and 1000000.", $"{field}[{i}].weight");
            }

            if (FilterProblem(backend.Filters, rule, $"{field}[{i}].filters", filterTypes) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static Problem? FilterProblem(IReadOnlyList<HTTPRouteFilter>? filters, HTTPRouteRule rule, string field, string[] types)
    {
        for (var i = 0; i < (filters?.Count ?? 0); i++)
        {
            var filter = filters![i];
            var at = $"{field}[{i}]";
            if (!types.Contains(filter.Type))
            {
                return new Problem(Unsupported, $"\"{filter.Type}\" is not a filter of this kind of route.", at + ".type");
            }

            if (filter.Type is not ("RequestMirror" or "ExtensionRef") && filters.Take(i).Any(other => other.Type == filter.Type))
            {
                return new Problem(Incompatible, $"A rule may have only one {filter.Type} filter.", at);
            }

            if (filter.Type is "RequestRedirect" or "URLRewrite"
                && filters.Take(i).Any(other => other.Type is "RequestRedirect" or "URLRewrite"))
            {
                return new Problem(Incompatible, "A request cannot be both redirected and rewritten.", at);
            }

            if (ContentProblem(filter, rule, at) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static Problem? ContentProblem(HTTPRouteFilter filter, HTTPRouteRule rule, string field) => filter.Type switch
    {
        "RequestHeaderModifier" => HeaderProblem(filter.RequestHeaderModifier, field + ".requestHeaderModifier"),
        "ResponseHeaderModifier" => HeaderProblem(filter.ResponseHeaderModifier, field + ".responseHeaderModifier"),
        "RequestMirror" => MirrorProblem(filter.RequestMirror, field + ".requestMirror"),
        "RequestRedirect" => RedirectProblem(filter.RequestRedirect, rule, field + ".requestRedirect"),
        "URLRewrite" => filter.URLRewrite is { } rewrite
            ? PathProblem(rewrite.Path, rule, field + ".urlRewrite.path")
            : Missing(field + ".urlRewrite"),
        "CORS" => filter.CORS is null ? Missing(field + ".cors") : null,
        _ => null,
    };

    private static Problem? HeaderProblem(HeaderModifier? modifier, string field)
    {
        if (modifier is null)
        {
            return Missing(field);
        }

        var names = (modifier.Set ?? []).Concat(modifier.Add ?? []).Select(header => header.Name).Concat(modifier.Remove ?? []);
        return names.FirstOrDefault(name => !IsToken(name)) is { } wrong
            ? new Problem(Unsupported, $"\"{wrong}\" is not a header name.", field)
            : null;
    }

    private static Problem? MirrorProblem(RequestMirror? mirror, string field)
    {
        if (mirror?.BackendRef is null)
        {
            return Missing(field + ".backendRef");
        }

        if (mirror is { Percent: not null, Fraction: not null })
        {
            return new Problem(Unsupported, "A mirror has either a percentage or a fraction.", field);
        }

        var inRange = mirror.Percent is null or (>= 0 and <= 100)
            && mirror.Fraction is null or { Numerator: >= 0, Denominator: null or > 0 }
            && (mirror.Fraction is not { } fraction || fraction.Numerator <= (fraction.Denominator ?? 100));
        return inRange ? null : new Problem(Unsupported, "The mirrored share is not between nothing and everything.", field);
    }

    private static Problem? RedirectProblem(HTTPRequestRedirect? redirect, HTTPRouteRule rule, string field)
    {
        if (redirect is null)
        {
            return Missing(field);
        }

        if (redirect.Scheme is not (null or "http" or "https"))
        {
            return new Problem(Unsupported, $"The scheme \"{redirect.Scheme}\" is not http or https.", field + ".scheme");
        }

        if (redirect.StatusCode is not (null or 301 or 302 or 303 or 307 or 308))
        {
            return new Problem(Unsupported, $"The status {redirect.StatusCode} is not 301, 302, 303, 307 or 308.", field + ".statusCode");
        }

        return redirect.Port is < 1 or > 65535
            ? new Problem(Unsupported, $"The port {redirect.Port} is not between 1 and 65535.", field + ".port")
            : PathProblem(redirect.Path, rule, field + ".path");
    }

    private static Problem? PathProblem(HTTPPathModifier? path, HTTPRouteRule rule, string field)
    {
        switch (path?.Type)
        {
            case null:
                return null;
            case "ReplaceFullPath":
                return path.ReplaceFullPath is null ? Missing(field + ".replaceFullPath") : null;
            case "ReplacePrefixMatch":
                if (path.ReplacePrefixMatch is null)
                {
                    return Missing(field + ".replacePrefixMatch");
                }

                return HttpRules.MatchesOf(rule) is [{ Path: null or { Type: null or "PathPrefix" } }]
                    ? null
                    : new Problem(Incompatible, "ReplacePrefixMatch needs exactly one match, of type PathPrefix.", field);
            default:
                return new Problem(Unsupported, $"\"{path.Type}\" is not ReplaceFullPath or ReplacePrefixMatch.", field + ".type");
        }
    }

    private static Problem? RetryProblem(HTTPRouteRetry? retry, string field)
    {
        if (retry?.Codes?.Any(code => code is < 400 or > 599) == true)
        {
            return new Problem(Unsupported, "Only answers of status 400 to 599 can be retried.", field + ".codes");
        }

        return retry?.Attempts is < 0
            ? new Problem(Unsupported, $"{retry.Attempts} attempts are not possible.", field + ".attempts")
            : DurationProblem(retry?.Backoff, field + ".backoff");
    }

    /// <summary>Checks how sessions are kept.</summary>
    public static Problem? SessionProblem(SessionPersistence? session, string field)
    {
        if (session?.Type is not (null or "Cookie" or "Header"))
        {
            return new Problem(Unsupported, $"\"{session.Type}\" is not Cookie or Header.", field + ".type");
        }

        if (session?.CookieConfig?.LifetimeType is { } lifetime)
        {
            if (lifetime is not ("Session" or "Permanent"))
            {
                return new Problem(Unsupported, $"\"{lifetime}\" is not Session or Permanent.", field + ".cookieConfig.lifetimeType");
            }

            if (lifetime == "Permanent" && session.AbsoluteTimeout is null)
            {
                return new Problem(Unsupported, "A permanent cookie needs an absoluteTimeout.", field + ".absoluteTimeout");
            }
        }

        return session?.SessionName is { Length: > 0 } name && !IsToken(name)
            ? new Problem(Unsupported, $"\"{name}\" cannot be the name of a cookie.", field + ".sessionName")
            : DurationProblem(session?.AbsoluteTimeout, field + ".absoluteTimeout");
    }

    private static Problem? DurationProblem(string? text, string field) =>
        text is null || Durations.TryParse(text, out _)
            ? null
            : new Problem(Unsupported, $"\"{text}\" is not a duration such as 1h30m, 10s or 500ms.", field);

    private static Problem Missing(string field) => new(Unsupported, "The field is missing.", field);

    /// <summary>A token of RFC 9110 section 5.6.2.</summary>
    public static bool IsToken(string text) =>
        text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter));
}
