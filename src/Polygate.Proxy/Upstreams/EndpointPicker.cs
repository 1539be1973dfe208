using System.Diagnostics;
using Polygate.Model;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Upstreams;

/// <summary>Picks one of a fixed, non-empty set of endpoints. Thread-safe, allocates nothing.</summary>
internal abstract class EndpointPicker
{
    protected EndpointPicker(EndpointShare[] shares) => Shares = shares;

    protected EndpointShare[] Shares { get; }

    public static EndpointPicker Create(LoadBalancing balancing, EndpointShare[] shares) => balancing.Algorithm switch
    {
        BalancingAlgorithm.RoundRobin => new RoundRobinPicker(shares),
        BalancingAlgorithm.LeastRequests => new LeastRequestsPicker(shares),
        BalancingAlgorithm.TwoRandomChoices => new TwoRandomChoicesPicker(shares),
        BalancingAlgorithm.Random => new RandomPicker(shares),
        BalancingAlgorithm.RingHash or BalancingAlgorithm.Maglev when balancing.SubsetSize > 1 =>
            new SubsetPicker(shares, new RequestHash(balancing), balancing.SubsetSize),
        BalancingAlgorithm.RingHash => new RingHashPicker(shares, new RequestHash(balancing)),
        BalancingAlgorithm.Maglev => new MaglevPicker(shares, new RequestHash(balancing)),
        BalancingAlgorithm.PeakEwma => new PeakEwmaPicker(shares, balancing.Decay),
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// An endpoint that is usable and not excluded; failing that one that is usable. When none is (or fewer than the backend wants): any, since it is
    /// better to try than to refuse everybody, unless the backend says otherwise. Null when there is none, or none that bears another request.
    /// </summary>
    public UpstreamEndpoint? Pick(RequestHead head, UpstreamEndpoint? exclude, HealthPanic? panic)
    {
        if (panic is { BelowPercent: > 0 } && UsablePercent() < panic.BelowPercent)
        {
            return panic.Refuse ? null : PickAny(head, exclude);
        }

        if (Shares.Length == 1)
        {
            var only = Shares[0].Endpoint;
            return (only.IsUsable || panic is not { Refuse: true }) && only.HasRoom ? only : null;
        }

        return Choose(head, new Eligibility(exclude, AllowUnusable: false, AllowSlow: false))
            ?? Choose(head, new Eligibility(exclude, AllowUnusable: false, AllowSlow: true))
            ?? Choose(head, new Eligibility(null, AllowUnusable: false, AllowSlow: true))
            ?? (panic is { Refuse: true } ? null : PickAny(head, null));
    }

    /// <summary>An eligible endpoint, or null when there is none.</summary>
    protected abstract UpstreamEndpoint? Choose(RequestHead head, Eligibility eligible);

    /// <summary>The first eligible endpoint from a place on, around once.</summary>
    protected UpstreamEndpoint? FirstFrom(int start, Eligibility eligible)
    {
        for (var i = 0; i < Shares.Length; i++)
        {
            var endpoint = Shares[(start + i) % Shares.Length].Endpoint;
            if (eligible.Allows(endpoint))
            {
                return endpoint;
            }
        }

        return null;
    }

    /// <summary>Requests under way for each unit of weight, the one to come included.</summary>
    protected static double Load(EndpointShare share) => (share.Endpoint.ActiveRequests + 1.0) / share.Weight;

    /// <summary>Whatever health says.</summary>
    private UpstreamEndpoint? PickAny(RequestHead head, UpstreamEndpoint? exclude)
    {
        var eligible = new Eligibility(Shares.Length == 1 ? null : exclude, AllowUnusable: true, AllowSlow: true);
        return Choose(head, eligible) ?? FirstFrom(0, eligible);
    }

    private double UsablePercent()
    {
        var usable = 0;
        foreach (var share in Shares)
        {
            usable += share.Endpoint.IsUsable ? 1 : 0;
        }

        return 100.0 * usable / Shares.Length;
    }
}

/// <summary>Which endpoints may be picked.</summary>
internal readonly record struct Eligibility(UpstreamEndpoint? Exclude, bool AllowUnusable, bool AllowSlow)
{
    public bool Allows(UpstreamEndpoint endpoint) =>
        endpoint != Exclude && (AllowUnusable || endpoint.IsUsable) && endpoint.HasRoom && (AllowSlow || endpoint.TakesWhileSlow());
}
