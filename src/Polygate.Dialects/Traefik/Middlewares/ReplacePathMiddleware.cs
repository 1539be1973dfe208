using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary><c>replacePath</c>: replaces the whole path and tells the original in <c>X-Replaced-Path</c>.</summary>
internal static class ReplacePathMiddleware
{
    /// <summary>The request header that tells the original path.</summary>
    public const string RecordIn = "X-Replaced-Path";

    public static void Apply(ReplacePathSpec spec, MiddlewareScope scope)
    {
        if (spec.Path is ['/', ..])
        {
            scope.Add(new RewriteFilter { Path = new ReplaceFullPath(spec.Path), RecordOriginalPathIn = RecordIn });
        }
        else
        {
            scope.Refuse("invalid-path", "spec.replacePath.path is required and starts with a slash.", "spec.replacePath.path");
        }
    }
}
