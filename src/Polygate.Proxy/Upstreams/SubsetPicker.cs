using Polygate.Proxy.Http;

namespace Polygate.Proxy.Upstreams;

/// <summary>
/// Consistent hashing over groups of endpoints: the request's hash picks the group, chance the endpoint in it, so that a busy key has several
/// endpoints. Groups are of equal size; the last is filled up from the beginning.
/// </summary>
internal sealed class SubsetPicker : EndpointPicker
{
    private readonly RequestHash hash;
    private readonly int[][] groups;

    public SubsetPicker(EndpointShare[] shares, RequestHash hash, int size)
        : base(shares)
    {
        this.hash = hash;
        var order = Enumerable.Range(0, shares.Length).OrderBy(index => shares[index].Endpoint.Hash).ToArray();
        size = Math.Min(size, order.Length);
        groups = [.. Enumerable.Range(0, (order.Length + size - 1) / size).Select(group =>
            Enumerable.Range(group * size, size).Select(place => order[place % order.Length]).ToArray())];
    }

    protected override UpstreamEndpoint? Choose(RequestHead head, Eligibility eligible)
    {
        var key = hash.Of(head);
        var best = 0;
        var highest = 0UL;
        for (var group = 0; group < groups.Length; group++)
        {
            // Rendezvous hashing: a further group takes its share from each of the others.
            var score = EndpointHash.Mix(key ^ EndpointHash.Mix((ulong)group));
            if (score >= highest)
            {
                (best, highest) = (group, score);
            }
        }

        var members = groups[best];
        var start = Random.Shared.Next(members.Length);
        for (var i = 0; i < members.Length; i++)
        {
            var endpoint = Shares[members[(start + i) % members.Length]].Endpoint;
            if (eligible.Allows(endpoint))
            {
                return endpoint;
            }
        }

        return FirstFrom(members[start], eligible);
    }
}
