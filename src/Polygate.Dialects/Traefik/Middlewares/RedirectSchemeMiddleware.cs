using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary><c>redirectScheme</c>: redirects requests that came by another scheme; a scheme's own port is not written.</summary>
internal static class RedirectSchemeMiddleware
{
    public static void Apply(RedirectSchemeSpec spec, MiddlewareScope scope)
    {
        int? port = null;
        if (!string.IsNullOrEmpty(spec.Port))
        {
            if (!int.TryParse(spec.Port, out var number) || number is < 1 or > 65535)
            {
                scope.Refuse("invalid-port", "spec.redirectScheme.port is not a port number.", "spec.redirectScheme.port");
                return;
            }

            port = number;
        }

        switch (spec.Scheme)
        {
            case "https":
                scope.Add(new RedirectToTlsFilter(new RedirectAction { Status = spec.Permanent == true ? 301 : 302, Scheme = "https", Port = port }));
                break;
            case "http":
                var authority = port is null or 80 ? "${host}" : "${host}:" + port;
                scope.Add(new RedirectRegexFilter(
                    @"^https://(?<host>\[[^\]]*\]|[^:/]*)(?::[0-9]+)?(?<rest>.*)$", "http://" + authority + "${rest}", spec.Permanent == true));
                break;
            default:
                scope.Refuse("invalid-scheme", "spec.redirectScheme.scheme is http or https.", "spec.redirectScheme.scheme");
                break;
        }
    }
}
