using Polygate.Dialects.Traefik.Resources;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary>The types of middleware, and what each does here.</summary>
internal static class MiddlewareCatalog
{
    /// <summary>Whether exactly one type is set; otherwise the middleware is an error, as in Traefik.</summary>
    public static bool HasOneType(MiddlewareSpec spec, MiddlewareScope scope)
    {
        var set = Types(spec, scope).Where(type => type.IsSet).Select(type => type.Name).ToList();
        if (set.Count == 1)
        {
            return true;
        }

        scope.Refuse(
            "invalid-middleware",
            set.Count == 0 ? "The middleware says nothing." : $"A middleware has exactly one type, found {string.Join(", ", set)}.",
            "spec");
        return false;
    }

    /// <summary>Adds the filters of a middleware that is not a chain.</summary>
    public static void Apply(MiddlewareSpec spec, MiddlewareScope scope)
    {
        if (HasOneType(spec, scope))
        {
            Types(spec, scope).Single(type => type.IsSet).Apply();
        }
    }

    private static MiddlewareType[] Types(MiddlewareSpec spec, MiddlewareScope scope) =>
    [
        Of("addPrefix", spec.AddPrefix, scope, AddPrefixMiddleware.Apply),
        Of("basicAuth", spec.BasicAuth, scope, BasicAuthMiddleware.Apply),
        Of("buffering", spec.Buffering, scope, BufferingMiddleware.Apply),
        Of("chain", spec.Chain, scope, (_, _) => { }),
        Of("headers", spec.Headers, scope, HeadersMiddleware.Apply),
        Of("ipAllowList", spec.IpAllowList, scope, (list, at) => IpAllowListMiddleware.Apply(list, at, "spec.ipAllowList")),
        Of("ipWhiteList", spec.IpWhiteList, scope, (list, at) => IpAllowListMiddleware.Apply(list, at, "spec.ipWhiteList")),
        Of("passTLSClientCert", spec.PassTLSClientCert, scope, PassTlsClientCertMiddleware.Apply),
        Of("rateLimit", spec.RateLimit, scope, RateLimitMiddleware.Apply),
        Of("redirectRegex", spec.RedirectRegex, scope, RedirectRegexMiddleware.Apply),
        Of("redirectScheme", spec.RedirectScheme, scope, RedirectSchemeMiddleware.Apply),
        Of("replacePath", spec.ReplacePath, scope, ReplacePathMiddleware.Apply),
        Of("replacePathRegex", spec.ReplacePathRegex, scope, ReplacePathRegexMiddleware.Apply),
        Of("retry", spec.Retry, scope, RetryMiddleware.Apply),
        Of("stripPrefix", spec.StripPrefix, scope, StripPrefixMiddleware.Apply),
        Of("stripPrefixRegex", spec.StripPrefixRegex, scope, StripPrefixRegexMiddleware.Apply),

        // Those that let requests pass which they were to stop close the route.
        Refused("digestAuth", spec.DigestAuth, scope),
        Refused("encodedCharacters", spec.EncodedCharacters, scope),
        Refused("forwardAuth", spec.ForwardAuth, scope),
        Refused("inFlightReq", spec.InFlightReq, scope),
        Refused("plugin", spec.Plugin, scope),

        // Those that only improve answers are left out.
        LeftOut("circuitBreaker", spec.CircuitBreaker, scope),
        LeftOut("compress", spec.Compress, scope),
        LeftOut("contentType", spec.ContentType, scope),
        LeftOut("errors", spec.Errors, scope),
        LeftOut("grpcWeb", spec.GrpcWeb, scope),
    ];

    private static MiddlewareType Of<TSpec>(string name, TSpec? spec, MiddlewareScope scope, Action<TSpec, MiddlewareScope> apply)
        where TSpec : class => new(name, spec is not null, () => apply(spec!, scope));

    private static MiddlewareType Refused(string name, object? spec, MiddlewareScope scope) =>
        new(name, spec is not null, () => scope.RefuseUnsupported("spec." + name));

    private static MiddlewareType LeftOut(string name, object? spec, MiddlewareScope scope) =>
        new(name, spec is not null, () => scope.Findings.Unsupported(spec, "spec." + name));

    private sealed record MiddlewareType(string Name, bool IsSet, Action Apply);
}
