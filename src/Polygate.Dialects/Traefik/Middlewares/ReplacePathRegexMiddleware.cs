using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary>
/// <c>replacePathRegex</c>: replaces everything that a regular expression finds in the path, and tells the original in
/// <c>X-Replaced-Path</c>.
/// </summary>
internal static class ReplacePathRegexMiddleware
{
    public static void Apply(ReplacePathRegexSpec spec, MiddlewareScope scope)
    {
        if (scope.Regex(spec.Regex?.Trim(), "spec.replacePathRegex.regex") is { } pattern)
        {
            scope.Add(new RewriteFilter
            {
                Path = new RegexRewrite(pattern, GoReplacement.Convert((spec.Replacement ?? "").Trim(), pattern)) { All = true },
                RecordOriginalPathIn = ReplacePathMiddleware.RecordIn,
            });
        }
    }
}
