using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>What a search found: a match, and its route without having to look at the match; both null for nothing.</summary>
internal readonly record struct Hit(CompiledMatch? Match, CompiledRoute? Route);

/// <summary>
/// A match at its place in an index, with what most lookups need of it: with a hundred thousand routes nothing is in a cache, and every
/// object looked at costs a wait for memory. Candidates of one text form a chain in order of precedence.
/// </summary>
internal sealed class Candidate
{
    private readonly CompiledRoute route;
    private readonly bool isUnconditional;

    /// <param name="match">The match.</param>
    /// <param name="rank">Grows with the order of precedence among all matches of the index.</param>
    public Candidate(CompiledMatch match, long rank)
    {
        Match = match;
        route = match.Route;
        Rank = rank;
        Kind = match.Match.Path.Kind;
        isUnconditional = match.Match.Conditions.IsEmpty;
    }

    public CompiledMatch Match { get; }

    public Hit Hit => new(Match, route);

    public long Rank { get; }

    /// <summary>How the path compares.</summary>
    public PathPatternKind Kind { get; }

    /// <summary>The candidate after it.</summary>
    public Candidate? Next { get; private set; }

    /// <summary>A chain with this candidate before it.</summary>
    public Candidate Before(Candidate? chain)
    {
        Next = chain;
        return this;
    }

    /// <summary>A chain without some matches and with other candidates; null when nothing is left. The chain itself stays as it is: others search it.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="removed">What is to go.</param>
    /// <param name="added">New candidates in order of precedence; they become part of the new chain.</param>
    public static Candidate? Merge(Candidate? chain, IReadOnlySet<CompiledMatch> removed, Candidate? added)
    {
        Candidate? first = null;
        Candidate? last = null;
        while (true)
        {
            while (chain is not null && removed.Contains(chain.Match))
            {
                chain = chain.Next;
            }

            var isNew = chain is null || added?.Precedes(chain) == true;
            var next = isNew ? added : new Candidate(chain!.Match, chain.Rank);
            if (last is null)
            {
                first = next;
            }
            else
            {
                last.Next = next;
            }

            if (chain is null)
            {
                return first;
            }

            last = next;
            if (isNew)
            {
                added = added!.Next;
            }
            else
            {
                chain = chain.Next;
            }
        }
    }

    /// <summary>Whether it wins over the best so far.</summary>
    public bool Precedes(Candidate? best) => best is null || Rank < best.Rank;

    /// <summary>Whether the conditions beside host and path hold.</summary>
    public bool ConditionsHold(in MatchContext context) => isUnconditional || Match.ConditionsHold(context);

    /// <summary>Takes the first of a chain that is better than the best so far and whose conditions hold.</summary>
    public static void Consider(Candidate? chain, in MatchContext context, ref Candidate? best)
    {
        for (var candidate = chain; candidate is not null && candidate.Precedes(best); candidate = candidate.Next)
        {
            if (candidate.ConditionsHold(context))
            {
                best = candidate;
                return;
            }
        }
    }

    /// <summary>As <see cref="Consider"/>, for element prefixes alone: the text is shorter than the path.</summary>
    public static void ConsiderElementPrefixes(Candidate? chain, in MatchContext context, ref Candidate? best)
    {
        for (var candidate = chain; candidate is not null && candidate.Precedes(best); candidate = candidate.Next)
        {
            if (candidate.Kind == PathPatternKind.ElementPrefix && candidate.ConditionsHold(context))
            {
                best = candidate;
                return;
            }
        }
    }
}
