using System.Globalization;
using Polygate.Dialects.Common;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.Options;

/// <summary>CORS policies as filters (Envoy's CORS filter: preflights of allowed origins are answered 200, others are forwarded).</summary>
internal static class CorsFilters
{
    /// <summary>The policy as a filter; null when it is off or not valid.</summary>
    public static CorsFilter? Of(CorsPolicy? policy, string field, Resource owner, Findings findings)
    {
        if (policy is null || policy.DisableForRoute == true)
        {
            return null;
        }

        if (policy is { AllowOrigin: not { Count: > 0 }, AllowOriginRegex: not { Count: > 0 } })
        {
            findings.Reject("invalid-field", "A CORS policy needs allowOrigin or allowOriginRegex.", field, owner);
            return null;
        }

        var patterns = new List<string>();
        foreach (var pattern in policy.AllowOriginRegex ?? [])
        {
            if (!Re2.TryConvertWhole(pattern, out var converted, out var problem))
            {
                findings.Reject("invalid-field", $"The regular expression {pattern} is not valid: {problem}", field + ".allowOriginRegex", owner);
                return null;
            }

            patterns.Add(converted);
        }

        return new CorsFilter
        {
            AllowOrigins = (policy.AllowOrigin ?? []).ToValueList(),
            AllowOriginPatterns = patterns.ToValueList(),
            AllowMethods = (policy.AllowMethods ?? []).ToValueList(),
            AllowHeaders = (policy.AllowHeaders ?? []).ToValueList(),
            ExposeHeaders = (policy.ExposeHeaders ?? []).ToValueList(),
            AllowCredentials = policy.AllowCredentials == true,
            MaxAge = MaxAge(policy, field, owner, findings),
            PreflightStatus = 200,
            AnswerForbiddenPreflight = false,
        };
    }

    /// <summary>The headers that Gloo writes on every direct response of a route with a policy, whatever the origin.</summary>
    public static ResponseHeaderFilter OnDirectResponse(CorsFilter cors)
    {
        var headers = new List<HeaderValue>();
        Add("access-control-allow-origin", cors.AllowOrigins);
        Add("access-control-allow-methods", cors.AllowMethods);
        Add("access-control-allow-headers", cors.AllowHeaders);
        Add("access-control-expose-headers", cors.ExposeHeaders);
        if (cors.MaxAge is { } age)
        {
            headers.Add(new HeaderValue("access-control-max-age", age.ToString(CultureInfo.InvariantCulture)));
        }

        if (cors.AllowCredentials)
        {
            headers.Add(new HeaderValue("access-control-allow-credentials", "true"));
        }

        return new ResponseHeaderFilter(new HeaderChanges { Set = headers.ToValueList() });

        void Add(string name, ValueList<string> values)
        {
            if (!values.IsEmpty)
            {
                headers.Add(new HeaderValue(name, string.Join(',', values)));
            }
        }
    }

    private static int? MaxAge(CorsPolicy policy, string field, Resource owner, Findings findings)
    {
        if (string.IsNullOrEmpty(policy.MaxAge))
        {
            return null;
        }

        if (int.TryParse(policy.MaxAge, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return seconds;
        }

        findings.Warn("invalid-field", $"maxAge is a number of seconds, not {policy.MaxAge}; no age is sent.", field + ".maxAge", owner);
        return null;
    }
}
