using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary><c>headers</c>: custom header fields, CORS, and security headers of answers.</summary>
internal static class HeadersMiddleware
{
    public static void Apply(HeadersSpec spec, MiddlewareScope scope)
    {
        if (spec == new HeadersSpec())
        {
            scope.Refuse("invalid-middleware", "spec.headers says nothing.", "spec.headers");
            return;
        }

        if (spec.AllowedHosts is { Count: > 0 } && spec.IsDevelopment != true)
        {
            scope.RefuseUnsupported("spec.headers.allowedHosts");
            return;
        }

        Redirect(spec, scope);
        Cors(spec, scope);
        RequestHeaders(spec, scope);
        if (ResponseHeaders(spec) is { } changes)
        {
            scope.Add(new ResponseHeaderFilter(changes));
        }

        scope.Findings.Unsupported(spec.HostsProxyHeaders, "spec.headers.hostsProxyHeaders");
        scope.Findings.Unsupported(spec.SslProxyHeaders, "spec.headers.sslProxyHeaders");
        Ignored(spec.FeaturePolicy, "featurePolicy", scope);
    }

    /// <summary>Traefik 3 ignores the ssl fields; up to 2.11, whose objects the older group has, they redirect.</summary>
    private static void Redirect(HeadersSpec spec, MiddlewareScope scope)
    {
        if (!scope.IsLegacy)
        {
            Ignored(spec.SslRedirect, "sslRedirect", scope);
            Ignored(spec.SslTemporaryRedirect, "sslTemporaryRedirect", scope);
            Ignored(spec.SslHost, "sslHost", scope);
            Ignored(spec.SslForceHost, "sslForceHost", scope);
            return;
        }

        if (spec.SslRedirect == true && spec.IsDevelopment != true)
        {
            scope.Add(new RedirectToTlsFilter(new RedirectAction
            {
                Status = spec.SslTemporaryRedirect == true ? 307 : 301,
                Scheme = "https",
                Host = string.IsNullOrEmpty(spec.SslHost) ? null : spec.SslHost,
            }));
        }

        scope.Findings.Unsupported(spec.SslForceHost, "spec.headers.sslForceHost");
    }

    private static void Ignored(object? value, string name, MiddlewareScope scope)
    {
        if (value is not null and not false)
        {
            scope.Findings.Warning("no-effect", $"spec.headers.{name} has no effect since Traefik 3.", "spec.headers." + name);
        }
    }

    private static void Cors(HeadersSpec spec, MiddlewareScope scope)
    {
        var asksForCors = spec.AccessControlAllowCredentials == true || spec.AddVaryHeader == true || spec.AccessControlMaxAge is not null and not 0
            || spec.AccessControlAllowHeaders is { Count: > 0 } || spec.AccessControlAllowMethods is { Count: > 0 }
            || spec.AccessControlAllowOriginList is { Count: > 0 } || spec.AccessControlAllowOriginListRegex is { Count: > 0 }
            || spec.AccessControlExposeHeaders is { Count: > 0 };
        if (!asksForCors)
        {
            return;
        }

        var patterns = new List<string>();
        for (var i = 0; i < (spec.AccessControlAllowOriginListRegex?.Count ?? 0); i++)
        {
            if (scope.Regex(spec.AccessControlAllowOriginListRegex![i], $"spec.headers.accessControlAllowOriginListRegex[{i}]") is not { } pattern)
            {
                return;
            }

            patterns.Add(pattern);
        }

        scope.Add(new CorsFilter
        {
            AllowOrigins = (spec.AccessControlAllowOriginList ?? []).ToValueList(),
            AllowOriginPatterns = patterns.ToValueList(),
            AllowMethods = (spec.AccessControlAllowMethods ?? []).ToValueList(),
            AllowHeaders = (spec.AccessControlAllowHeaders ?? []).ToValueList(),
            ExposeHeaders = (spec.AccessControlExposeHeaders ?? []).ToValueList(),
            AllowCredentials = spec.AccessControlAllowCredentials == true,
            MaxAge = spec.AccessControlMaxAge,
            PreflightStatus = 200,
        });
    }

    private static void RequestHeaders(HeadersSpec spec, MiddlewareScope scope)
    {
        var custom = Sorted(spec.CustomRequestHeaders);
        if (custom.Find(header => IsHost(header.Name)) is { Value.Length: > 0 } host)
        {
            scope.Add(new RewriteFilter { Host = host.Value });
        }

        if (Changes(custom.FindAll(header => !IsHost(header.Name))) is { } changes)
        {
            scope.Add(new RequestHeaderFilter(changes));
        }
    }

    private static bool IsHost(string name) => name.Equals("Host", StringComparison.OrdinalIgnoreCase);

    private static HeaderChanges? ResponseHeaders(HeadersSpec spec)
    {
        var headers = Sorted(spec.CustomResponseHeaders);
        void Set(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                headers.Add(new HeaderValue(name, value));
            }
        }

        Set("X-Frame-Options", spec.CustomFrameOptionsValue is { Length: > 0 } options ? options : spec.FrameDeny == true ? "DENY" : null);
        Set("X-Content-Type-Options", spec.ContentTypeNosniff == true ? "nosniff" : null);
        Set("X-XSS-Protection", spec.CustomBrowserXSSValue is { Length: > 0 } xss ? xss : spec.BrowserXssFilter == true ? "1; mode=block" : null);
        Set("Content-Security-Policy", spec.ContentSecurityPolicy);
        Set("Content-Security-Policy-Report-Only", spec.ContentSecurityPolicyReportOnly);
        Set("Referrer-Policy", spec.ReferrerPolicy);
        Set("Permissions-Policy", spec.PermissionsPolicy);
        if (spec.IsDevelopment != true)
        {
            Set("Strict-Transport-Security", StrictTransportSecurity(spec));
            Set("Public-Key-Pins", spec.PublicKey);
        }

        return Changes(headers);
    }

    /// <summary>Browsers ignore the header on answers that came without TLS (RFC 6797 section 8.1), so it is always sent.</summary>
    private static string? StrictTransportSecurity(HeadersSpec spec) =>
        spec.StsSeconds is not > 0
            ? null
            : $"max-age={spec.StsSeconds}"
                + (spec.StsIncludeSubdomains == true ? "; includeSubDomains" : "")
                + (spec.StsPreload == true ? "; preload" : "");

    /// <summary>An empty value deletes the field.</summary>
    private static HeaderChanges? Changes(List<HeaderValue> headers) =>
        headers.Count == 0
            ? null
            : new HeaderChanges
            {
                Remove = headers.Where(header => header.Value.Length == 0).Select(header => header.Name).ToValueList(),
                Set = headers.Where(header => header.Value.Length > 0).ToValueList(),
            };

    private static List<HeaderValue> Sorted(IReadOnlyDictionary<string, string>? headers) =>
        [.. (headers ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new HeaderValue(pair.Key, pair.Value))];
}
