using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary>
/// <c>buffering</c>: the limit on the size of requests. Bodies are streamed, so the sizes of buffers have no meaning here.
/// </summary>
internal static class BufferingMiddleware
{
    public static void Apply(BufferingSpec spec, MiddlewareScope scope)
    {
        if (spec.MaxRequestBodyBytes is < 0)
        {
            scope.Refuse("invalid-size", "spec.buffering.maxRequestBodyBytes is 0 or more.", "spec.buffering.maxRequestBodyBytes");
            return;
        }

        if (spec.MaxRequestBodyBytes is > 0 and var maximum)
        {
            scope.Add(new BodyLimitFilter(maximum));
        }

        scope.Findings.Unsupported(spec.MaxResponseBodyBytes is > 0 ? spec.MaxResponseBodyBytes : null, "spec.buffering.maxResponseBodyBytes");
        scope.Findings.Unsupported(spec.RetryExpression, "spec.buffering.retryExpression");
        if (spec.MemRequestBodyBytes is not null || spec.MemResponseBodyBytes is not null)
        {
            scope.Findings.Info("no-effect", "Bodies are streamed, not buffered: sizes of buffers have no effect.", "spec.buffering");
        }
    }
}
