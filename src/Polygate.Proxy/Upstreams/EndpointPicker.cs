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
        BalancingAlgorithm.RingHash => new RingHashPicker(shares, new RequestHash(balancing)),
        BalancingAlgorithm.Maglev => new MaglevPicker(shares, new RequestHash(balancing)),
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// An endpoint that is neither excluded nor ejected; failing that one that is not ejected; failing that any: it is
    /// better to try than to refuse everybody.
    /// </summary>
    public UpstreamEndpoint Pick(RequestHead head, UpstreamEndpoint? exclude)
    {
        if (Shares.Length == 1)
        {
            return Shares[0].Endpoint;
        }

        return Choose(head, new Eligibility(exclude, AllowEjected: false))
            ?? Choose(head, new Eligibility(null, AllowEjected: false))
            ?? Choose(head, new Eligibility(null, AllowEjected: true))
            ?? Shares[0].Endpoint;
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
}

/// <summary>Which endpoints may be picked.</summary>
internal readonly record struct Eligibility(UpstreamEndpoint? Exclude, bool AllowEjected)
{
    public bool Allows(UpstreamEndpoint endpoint) => endpoint != Exclude && (AllowEjected || !endpoint.IsEjected);
}
