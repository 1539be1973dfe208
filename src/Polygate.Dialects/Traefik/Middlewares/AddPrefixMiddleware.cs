using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary><c>addPrefix</c>: puts a prefix, which starts with a slash, before the path.</summary>
internal static class AddPrefixMiddleware
{
    public static void Apply(AddPrefixSpec spec, MiddlewareScope scope)
    {
        if (spec.Prefix is ['/', ..])
        {
            scope.Add(new RewriteFilter { Path = new AddPrefix(spec.Prefix) });
        }
        else
        {
            scope.Refuse("invalid-path", "spec.addPrefix.prefix is required and starts with a slash.", "spec.addPrefix.prefix");
        }
    }
}
