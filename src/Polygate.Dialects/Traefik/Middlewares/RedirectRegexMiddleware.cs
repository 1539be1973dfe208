using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary><c>redirectRegex</c>: redirects when a regular expression finds something in the whole URL.</summary>
internal static class RedirectRegexMiddleware
{
    public static void Apply(RedirectRegexSpec spec, MiddlewareScope scope)
    {
        if (scope.Regex(spec.Regex, "spec.redirectRegex.regex") is { } pattern)
        {
            scope.Add(new RedirectRegexFilter(pattern, GoReplacement.Convert(spec.Replacement ?? "", pattern), spec.Permanent == true));
        }
    }
}
