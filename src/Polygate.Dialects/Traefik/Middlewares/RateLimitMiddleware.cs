using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary>
/// <c>rateLimit</c>: a token bucket a client, refilled with <c>average</c> each <c>period</c> (one second by default). Requests beyond it are
/// refused at once; Traefik holds them back for up to half a token's time first.
/// </summary>
internal static class RateLimitMiddleware
{
    public static void Apply(RateLimitSpec spec, MiddlewareScope scope)
    {
        if (spec.Redis is not null)
        {
            scope.RefuseUnsupported("spec.rateLimit.redis");
            return;
        }

        var criterion = spec.SourceCriterion;
        if (IpAllowListMiddleware.HasStrategy(criterion?.IpStrategy))
        {
            scope.RefuseUnsupported("spec.rateLimit.sourceCriterion.ipStrategy");
            return;
        }

        if (criterion?.RequestHost == true)
        {
            scope.RefuseUnsupported("spec.rateLimit.sourceCriterion.requestHost");
            return;
        }

        var period = TraefikDurations.Read(spec.Period, scope.Findings, "spec.rateLimit.period") ?? TimeSpan.FromSeconds(1);
        if (spec.Average is < 0 || spec.Burst is < 0 or > int.MaxValue || period <= TimeSpan.Zero)
        {
            scope.Refuse("invalid-rate-limit", "average and burst are 0 or more, period is longer than 0.", "spec.rateLimit");
            return;
        }

        // An average of 0 means no limit.
        if (spec.Average is > 0 and var average)
        {
            scope.Add(new RateLimitFilter(average, period, (int)Math.Max(1, spec.Burst ?? 1))
            {
                ByHeader = criterion?.RequestHeaderName is { Length: > 0 } header ? header : null,
                RejectBody = "Too Many Requests",
            });
        }
    }
}
