using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>Body size and request rates.</summary>
internal sealed record Limits
{
    private const long DefaultBodySize = 1 << 20;

    /// <summary>Null for none.</summary>
    public BodyLimitFilter? Body { get; init; }

    /// <summary>Requests a second and a minute of one client, over all paths of the Ingress.</summary>
    public ValueList<Filter> Rates { get; init; }

    /// <param name="reader">The annotations.</param>
    /// <param name="ingress">Namespace and name: what the rates are counted over.</param>
    public static Limits Parse(AnnotationReader reader, string ingress)
    {
        var bodySize = reader.Size("proxy-body-size") ?? DefaultBodySize;
        return new Limits
        {
            Body = bodySize == 0 ? null : new BodyLimitFilter(bodySize),
            Rates = ParseRates(reader, ingress).ToValueList(),
        };
    }

    private static List<Filter> ParseRates(AnnotationReader reader, string ingress)
    {
        var multiplier = Math.Max(1, reader.Number("limit-burst-multiplier", Ignore) ?? 5);
        var exempt = reader.Networks("limit-allowlist", Ignore);
        var rates = new List<Filter>();
        Add("limit-rps", TimeSpan.FromSeconds(1));
        Add("limit-rpm", TimeSpan.FromMinutes(1));
        return rates;

        void Ignore(string name, string message) => reader.IgnoreIngress(name, message);

        void Add(string name, TimeSpan period)
        {
            if (reader.Number(name, Ignore) is > 0 and var limit)
            {
                // A leaky bucket without delay lets the burst pass on top of the request that fills it first.
                var burst = (int)Math.Min(int.MaxValue, (((long)limit * multiplier) + 1));
                rates.Add(new RateLimitFilter(limit, period, burst)
                {
                    Counter = $"ingress-nginx/{ingress}/{name}",
                    Exempt = exempt,
                    RejectStatus = 503,
                });
            }
        }
    }
}
