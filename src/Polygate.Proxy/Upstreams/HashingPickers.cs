using Polygate.Proxy.Http;

namespace Polygate.Proxy.Upstreams;

/// <summary>
/// Consistent hashing on a ring (Karger et al. 1997): every endpoint stands on it many times, by weight; a request
/// goes to the next one from its hash on. When an endpoint goes, only its requests move.
/// </summary>
internal sealed class RingHashPicker : EndpointPicker
{
    private const int PointsPerEndpoint = 160;
    private const int MostPoints = 65_536;
    private const int MostSteps = 256;
    private readonly RequestHash hash;
    private readonly ulong[] points;
    private readonly int[] owners;

    public RingHashPicker(EndpointShare[] shares, RequestHash hash)
        : base(shares)
    {
        this.hash = hash;
        var each = Math.Clamp(MostPoints / shares.Length, 1, PointsPerEndpoint);
        var average = shares.Average(share => share.Weight);
        var ring = new List<(ulong Point, int Owner)>();
        for (var owner = 0; owner < shares.Length; owner++)
        {
            var count = Math.Clamp((int)Math.Round(each * shares[owner].Weight / average), 1, MostPoints);
            for (var i = 0; i < count; i++)
            {
                ring.Add((EndpointHash.Mix(shares[owner].Endpoint.Hash + (ulong)i), owner));
            }
        }

        ring.Sort();
        points = [.. ring.Select(entry => entry.Point)];
        owners = [.. ring.Select(entry => entry.Owner)];
    }

    protected override UpstreamEndpoint? Choose(RequestHead head, Eligibility eligible)
    {
        var found = Array.BinarySearch(points, hash.Of(head));
        var position = (found >= 0 ? found : ~found) % points.Length;
        for (var step = 0; step < Math.Min(MostSteps, points.Length); step++)
        {
            var endpoint = Shares[owners[(position + step) % points.Length]].Endpoint;
            if (eligible.Allows(endpoint))
            {
                return endpoint;
            }
        }

        return FirstFrom(owners[position], eligible);
    }
}

/// <summary>Consistent hashing by a lookup table that endpoints fill in turns (Eisenbud et al. 2016, "Maglev", section 3.4).</summary>
internal sealed class MaglevPicker : EndpointPicker
{
    // A prime, and large against the usual number of endpoints, so that shares are even to within a percent.
    private const int TableSize = 65_537;
    private const int MostSteps = 64;
    private readonly RequestHash hash;
    private readonly int[] table;

    public MaglevPicker(EndpointShare[] shares, RequestHash hash)
        : base(shares)
    {
        this.hash = hash;
        table = Fill(shares);
    }

    protected override UpstreamEndpoint? Choose(RequestHead head, Eligibility eligible)
    {
        var key = hash.Of(head);
        for (var step = 0; step < MostSteps; step++)
        {
            var endpoint = Shares[table[key % TableSize]].Endpoint;
            if (eligible.Allows(endpoint))
            {
                return endpoint;
            }

            key = EndpointHash.Mix(key);
        }

        return FirstFrom(table[key % TableSize], eligible);
    }

    private static int[] Fill(EndpointShare[] shares)
    {
        var table = new int[TableSize];
        Array.Fill(table, -1);
        var next = Array.ConvertAll(shares, share => share.Endpoint.Hash % TableSize);
        var step = Array.ConvertAll(shares, share => (EndpointHash.Mix(share.Endpoint.Hash) % (TableSize - 1)) + 1);
        var turns = new double[shares.Length];
        double heaviest = shares.Max(share => share.Weight);
        for (var filled = 0; ;)
        {
            for (var i = 0; i < shares.Length; i++)
            {
                // The heaviest has a turn each round, the others by their share of its weight.
                turns[i] += shares[i].Weight / heaviest;
                if (turns[i] < 1)
                {
                    continue;
                }

                turns[i]--;
                while (table[next[i]] >= 0)
                {
                    next[i] = (next[i] + step[i]) % TableSize;
                }

                table[next[i]] = i;
                if (++filled == TableSize)
                {
                    return table;
                }
            }
        }
    }
}
