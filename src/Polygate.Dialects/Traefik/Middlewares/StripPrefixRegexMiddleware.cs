using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary>
/// <c>stripPrefixRegex</c>: removes what the first matching expression finds at the start of the path. That is joining the
/// remainder to the base path <c>/</c>, leading slash restored.
/// </summary>
internal static class StripPrefixRegexMiddleware
{
    public static void Apply(StripPrefixRegexSpec spec, MiddlewareScope scope)
    {
        var patterns = new List<string>();
        for (var i = 0; i < (spec.Regex?.Count ?? 0); i++)
        {
            if (scope.Regex(spec.Regex![i], $"spec.stripPrefixRegex.regex[{i}]") is not { } pattern)
            {
                return;
            }

            patterns.Add("(?:" + pattern + ")");
        }

        if (patterns.Count > 0)
        {
            var any = "^(?:" + string.Join('|', patterns) + ")";
            scope.Add(new RewriteFilter
            {
                Path = new JoinBasePath("/", StripPattern: any) { RecordIn = StripPrefixMiddleware.RecordIn },
            });
        }
    }
}
