using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary>
/// <c>stripPrefix</c>: removes the first of the prefixes, which are plain text (<c>/foo</c> makes <c>/foobar</c> to <c>/bar</c>), and
/// tells it in <c>X-Forwarded-Prefix</c>. <c>forceSlash</c> makes no difference on the wire: an empty path is sent as <c>/</c>.
/// </summary>
internal static class StripPrefixMiddleware
{
    /// <summary>The request header that says what was stripped.</summary>
    public const string RecordIn = "X-Forwarded-Prefix";

    public static void Apply(StripPrefixSpec spec, MiddlewareScope scope) =>
        scope.Add(new RewriteFilter { Path = new StripPrefixes((spec.Prefixes ?? []).ToValueList()) { RecordIn = RecordIn } });
}
