namespace Polygate.Proxy.Routing;

/// <summary>
/// The matches of an index in order of precedence, each with a number that grows in that order and stays what it is while others come and go between:
/// so that a change among ten thousand does not make all of them anew.
/// </summary>
internal sealed class RankedMatches
{
    /// <summary>Between neighbours at first: half of it is left to each side of what comes between, forty times over.</summary>
    private const long Gap = 1L << 40;

    private readonly CompiledMatch[] matches;
    private readonly long[] ranks;

    private RankedMatches(CompiledMatch[] matches, long[] ranks)
    {
        this.matches = matches;
        this.ranks = ranks;
    }

    /// <summary>The number of the match at a place.</summary>
    public long Rank(int index) => ranks[index];

    /// <summary>Gives each of some matches its number.</summary>
    /// <param name="ordered">In order of precedence.</param>
    public static RankedMatches Of(CompiledMatch[] ordered)
    {
        var ranks = new long[ordered.Length];
        for (var i = 0; i < ranks.Length; i++)
        {
            ranks[i] = Gap * (i + 1L);
        }

        return new RankedMatches(ordered, ranks);
    }

    /// <summary>The same for other matches; those that were there keep their numbers. Null when there is no number left somewhere between two.</summary>
    /// <param name="ordered">In order of precedence; those that stay are the same instances.</param>
    /// <param name="removed">Receives what is there no more.</param>
    /// <param name="added">Receives the places of what is new.</param>
    public RankedMatches? With(CompiledMatch[] ordered, List<CompiledMatch> removed, List<int> added)
    {
        var newRanks = new long[ordered.Length];
        var old = 0;
        for (var i = 0; i < ordered.Length; i++)
        {
            while (old < matches.Length && !ReferenceEquals(matches[old], ordered[i]) && CompiledMatch.CompareInScope(matches[old], ordered[i]) <= 0)
            {
                removed.Add(matches[old++]);
            }

            if (old < matches.Length && ReferenceEquals(matches[old], ordered[i]))
            {
                newRanks[i] = ranks[old++];
            }
            else
            {
                added.Add(i);
            }
        }

        removed.AddRange(matches.AsSpan(old));
        return TryRank(newRanks, added) ? new RankedMatches(ordered, newRanks) : null;
    }

    /// <summary>Spreads what is new between its neighbours.</summary>
    private static bool TryRank(long[] ranks, List<int> added)
    {
        for (var i = 0; i < added.Count;)
        {
            var first = added[i];
            var end = first;
            while (i < added.Count && added[i] == end)
            {
                i++;
                end++;
            }

            var count = end - first;
            var before = first == 0 ? 0 : ranks[first - 1];
            var step = end < ranks.Length ? (ranks[end] - before) / (count + 1) : Math.Min(Gap, (long.MaxValue - before) / count);
            if (step == 0)
            {
                return false;
            }

            for (var place = first; place < end; place++)
            {
                ranks[place] = before += step;
            }
        }

        return true;
    }
}
