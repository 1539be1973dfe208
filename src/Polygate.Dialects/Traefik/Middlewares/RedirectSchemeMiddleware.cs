using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary>
/// <c>redirectScheme</c>: redirects requests that came by the other scheme; a scheme's own port is not written. It is a redirect of
/// the whole URL, so that methods other than GET keep their method (307 and 308), as in Traefik.
/// </summary>
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

        if (spec.Scheme is not ("http" or "https"))
        {
            scope.Refuse("invalid-scheme", "spec.redirectScheme.scheme is http or https.", "spec.redirectScheme.scheme");
            return;
        }

        var (other, ownPort) = spec.Scheme == "https" ? ("http", 443) : ("https", 80);
        var authority = port is null || port == ownPort ? "${host}" : "${host}:" + port;
        scope.Add(new RedirectRegexFilter(
            $@"^{other}://(?<host>\[[^\]]*\]|[^:/]*)(?::[0-9]+)?(?<rest>.*)$", $"{spec.Scheme}://{authority}${{rest}}", spec.Permanent == true));
    }
}
