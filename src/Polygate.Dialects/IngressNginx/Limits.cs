using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>Body size, connections, request rates and bandwidth.</summary>
internal sealed record Limits
{
    private const long DefaultBodySize = 1 << 20;

    /// <summary>Null for none.</summary>
    public BodyLimitFilter? Body { get; init; }

    /// <summary>Requests of one client under way at a time, then a second and a minute, over all paths of the Ingress.</summary>
    public ValueList<Filter> Clients { get; init; }

    /// <summary>How fast answers are sent; null for as fast as they come.</summary>
    public BandwidthLimitFilter? Bandwidth { get; init; }

    /// <param name="reader">The annotations.</param>
    /// <param name="ingress">Namespace and name: what the rates are counted over.</param>
    /// <param name="options">The statuses of refusals.</param>
    public static Limits Parse(AnnotationReader reader, string ingress, IngressNginxOptions options)
    {
        var bodySize = reader.Size("proxy-body-size") ?? DefaultBodySize;
        var rate = reader.Number("limit-rate", Ignore) ?? 0;
        return new Limits
        {
            Body = bodySize == 0 ? null : new BodyLimitFilter(bodySize),
            Clients = ParseClients(reader, ingress, options).ToValueList(),
            Bandwidth = rate == 0 ? null : new BandwidthLimitFilter(rate * 1024L) { AfterBytes = (reader.Number("limit-rate-after", Ignore) ?? 0) * 1024L },
        };

        void Ignore(string name, string message) => reader.IgnoreIngress(name, message);
    }

    private static List<Filter> ParseClients(AnnotationReader reader, string ingress, IngressNginxOptions options)
    {
        var multiplier = Math.Max(1, reader.Number("limit-burst-multiplier", Ignore) ?? 5);
        var exempt = reader.Networks("limit-allowlist", Ignore);
        var limits = new List<Filter>();
        if (reader.Number("limit-connections", Ignore) is > 0 and var connections)
        {
            limits.Add(new ConcurrencyLimitFilter(connections)
            {
                Counter = $"ingress-nginx/{ingress}/limit-connections",
                Exempt = exempt,
                RejectStatus = options.ConnectionLimitStatus,
            });
        }

        Add("limit-rps", TimeSpan.FromSeconds(1));
        Add("limit-rpm", TimeSpan.FromMinutes(1));
        return limits;

        void Ignore(string name, string message) => reader.IgnoreIngress(name, message);

        void Add(string name, TimeSpan period)
        {
            if (reader.Number(name, Ignore) is > 0 and var limit)
            {
                // A leaky bucket without delay lets the burst pass on top of the request that fills it first.
                var burst = (int)Math.Min(int.MaxValue, (((long)limit * multiplier) + 1));
                limits.Add(new RateLimitFilter(limit, period, burst)
                {
                    Counter = $"ingress-nginx/{ingress}/{name}",
                    Exempt = exempt,
                    RejectStatus = options.RateLimitStatus == 503 && options.IsStrict(NginxQuirks.RateLimit503) ? 429 : options.RateLimitStatus,
                });
            }
        }
    }
}
