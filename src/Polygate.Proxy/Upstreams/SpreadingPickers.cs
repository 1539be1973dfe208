using Polygate.Proxy.Http;

namespace Polygate.Proxy.Upstreams;

/// <summary>
/// Weighted round robin, smooth: an endpoint's turns are spread evenly over the round. The round is laid out once, so
/// that a turn is one atomic increment.
/// </summary>
internal sealed class RoundRobinPicker : EndpointPicker
{
    // Beyond this many turns weights are rounded to shares of a round; every endpoint keeps at least one.
    private const int LongestRound = 8192;
    private readonly int[] round;
    private uint turn;

    public RoundRobinPicker(EndpointShare[] shares)
        : base(shares)
    {
        round = LayOut(shares);
        turn = (uint)Random.Shared.Next(round.Length);
    }

    protected override UpstreamEndpoint? Choose(RequestHead head, Eligibility eligible)
    {
        var start = Interlocked.Increment(ref turn) % (uint)round.Length;
        var first = Shares[round[start]].Endpoint;
        if (eligible.Allows(first))
        {
            return first;
        }

        for (var i = 1u; i < round.Length; i++)
        {
            var endpoint = Shares[round[(start + i) % (uint)round.Length]].Endpoint;
            if (eligible.Allows(endpoint))
            {
                return endpoint;
            }
        }

        return null;
    }

    private static int[] LayOut(EndpointShare[] shares)
    {
        var divisor = shares.Aggregate(0, (common, share) => Gcd(share.Weight, common));
        var weights = Array.ConvertAll(shares, share => (long)(share.Weight / divisor));
        var total = weights.Sum();
        if (total > Math.Max(LongestRound, shares.Length))
        {
            weights = Array.ConvertAll(weights, weight => Math.Max(1, weight * LongestRound / total));
            total = weights.Sum();
        }

        // Earliest deadline first: the n-th turn of an endpoint of weight w is due at (n - 1/2) / w.
        var due = new PriorityQueue<int, (double Time, int Index)>();
        for (var i = 0; i < weights.Length; i++)
        {
            due.Enqueue(i, (0.5 / weights[i], i));
        }

        var round = new int[total];
        for (var i = 0; i < round.Length; i++)
        {
            due.TryDequeue(out var index, out var priority);
            round[i] = index;
            due.Enqueue(index, (priority.Time + (1.0 / weights[index]), index));
        }

        return round;
    }

    private static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}

/// <summary>The endpoint with the fewest requests under way for its weight; equals take turns.</summary>
internal sealed class LeastRequestsPicker : EndpointPicker
{
    private uint turn;

    public LeastRequestsPicker(EndpointShare[] shares)
        : base(shares)
    {
    }

    protected override UpstreamEndpoint? Choose(RequestHead head, Eligibility eligible)
    {
        var start = Interlocked.Increment(ref turn) % (uint)Shares.Length;
        UpstreamEndpoint? best = null;
        var least = double.MaxValue;
        for (var i = 0u; i < Shares.Length; i++)
        {
            var share = Shares[(start + i) % (uint)Shares.Length];
            var load = Load(share);
            if (load < least && eligible.Allows(share.Endpoint))
            {
                (best, least) = (share.Endpoint, load);
            }
        }

        return best;
    }
}

/// <summary>The less loaded, for its weight, of two endpoints drawn at random.</summary>
internal sealed class TwoRandomChoicesPicker : EndpointPicker
{
    public TwoRandomChoicesPicker(EndpointShare[] shares)
        : base(shares)
    {
    }

    protected override UpstreamEndpoint? Choose(RequestHead head, Eligibility eligible)
    {
        var first = Random.Shared.Next(Shares.Length);
        var second = Random.Shared.Next(Shares.Length - 1);
        second += second >= first ? 1 : 0;
        var (better, worse) = Load(Shares[second]) < Load(Shares[first]) ? (second, first) : (first, second);
        return eligible.Allows(Shares[better].Endpoint) ? Shares[better].Endpoint : FirstFrom(worse, eligible);
    }
}

/// <summary>A random endpoint by weight.</summary>
internal sealed class RandomPicker : EndpointPicker
{
    private readonly long[] weightUpTo;

    public RandomPicker(EndpointShare[] shares)
        : base(shares)
    {
        weightUpTo = new long[shares.Length];
        var sum = 0L;
        for (var i = 0; i < shares.Length; i++)
        {
            weightUpTo[i] = sum += shares[i].Weight;
        }
    }

    protected override UpstreamEndpoint? Choose(RequestHead head, Eligibility eligible) => FirstFrom(Draw(weightUpTo), eligible);

    private static int Draw(long[] weightUpTo)
    {
        var found = Array.BinarySearch(weightUpTo, Random.Shared.NextInt64(weightUpTo[^1]));

        // A draw below an entry belongs to it, one equal to it to the next.
        return found >= 0 ? found + 1 : ~found;
    }
}
