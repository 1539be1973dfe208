using Polygate.Proxy.Http;

namespace Polygate.Proxy.Upstreams;

/// <summary>
/// The better of two random endpoints by what a further request would cost there: the average of its answer times, which follows a peak at once and
/// forgets it with time, times the requests under way (the balancer of Finagle and linkerd).
/// </summary>
internal sealed class PeakEwmaPicker : EndpointPicker
{
    /// <summary>Milliseconds an endpoint counts for while it owes its first answer: one that never answers must not look fast.</summary>
    private const double Unknown = 10_000;

    public PeakEwmaPicker(EndpointShare[] shares, TimeSpan? decay)
        : base(shares) => Decay = DecayOf(decay);

    private double Decay { get; }

    /// <summary>In milliseconds, at least one.</summary>
    public static double DecayOf(TimeSpan? decay) => Math.Max(1, (decay ?? TimeSpan.FromSeconds(10)).TotalMilliseconds);

    protected override UpstreamEndpoint? Choose(RequestHead head, Eligibility eligible)
    {
        var now = Environment.TickCount64;
        var first = Random.Shared.Next(Shares.Length);
        var second = Random.Shared.Next(Shares.Length - 1);
        second += second >= first ? 1 : 0;
        var (better, worse) = Cost(Shares[second], now) < Cost(Shares[first], now) ? (second, first) : (first, second);
        return eligible.Allows(Shares[better].Endpoint) ? Shares[better].Endpoint : FirstFrom(worse, eligible);
    }

    private double Cost(EndpointShare share, long now)
    {
        var average = share.Endpoint.Latency.At(now, Decay);
        var waiting = share.Endpoint.ActiveRequests;
        var cost = average == 0 && waiting > 0 ? Unknown + waiting : average * (waiting + 1);
        return cost / share.Weight;
    }
}
