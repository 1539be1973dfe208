using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary>
/// <c>retry</c>: <c>attempts</c> counts all tries. Network failures are repeated for every method as long as no byte was sent, answers with one of
/// the statuses for idempotent methods unless <c>retryNonIdempotentMethod</c>.
/// </summary>
internal static class RetryMiddleware
{
    public static void Apply(RetrySpec spec, MiddlewareScope scope)
    {
        if (spec.Attempts is not > 0)
        {
            scope.Refuse("invalid-retry", "spec.retry.attempts is required and at least 1.", "spec.retry.attempts");
            return;
        }

        var statuses = StatusRanges.Read(spec.Status, scope.Findings, "spec.retry.status");
        var backoff = TraefikDurations.Read(spec.InitialInterval, scope.Findings, "spec.retry.initialInterval");
        scope.Findings.Unsupported(spec.Timeout, "spec.retry.timeout");
        scope.Findings.Unsupported(spec.MaxRequestBodyBytes, "spec.retry.maxRequestBodyBytes");
        if (spec.Attempts > 1)
        {
            scope.Retry = new RetryPolicy(spec.Attempts.Value - 1)
            {
                Statuses = statuses,
                OnConnectionError = spec.DisableRetryOnNetworkError != true,
                NonIdempotent = spec.RetryNonIdempotentMethod == true,
                Backoff = backoff ?? TimeSpan.Zero,
            };
        }
    }
}
