using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>The matches for one host of one virtual host: finds the one of smallest precedence that fits a request.</summary>
internal abstract class PathIndex
{
    // Up to here a scan is faster than hashing, and far smaller: most hosts have few routes.
    private const int MostScanned = 8;

    private readonly bool decodes;

    protected PathIndex(CompiledMatch[] matches)
    {
        Matches = matches;
        decodes = Array.Exists(matches, match => match.Match.Path.Decoded);
    }

    /// <summary>All matches, those of invalid patterns included, in order of precedence.</summary>
    public CompiledMatch[] Matches { get; }

    /// <summary>An index of the matches of the listeners that share a socket, each listener's in order of precedence; null for none.</summary>
    public static PathIndex? Build(IReadOnlyList<ImmutableArray<CompiledMatch>> byListener)
    {
        if (byListener.Count == 0)
        {
            return null;
        }

        CompiledMatch[] ordered = [.. byListener.SelectMany(matches => matches)];
        if (byListener.Count > 1)
        {
            Array.Sort(ordered, CompiledMatch.CompareInScope);
        }

        return ordered.Length <= MostScanned ? new PathScan(ordered) : new PathTables(ordered);
    }

    public CompiledMatch? Find(in MatchContext context) =>
        decodes && DecodedPath.Differs(context.Head.Path) ? FindDecoded(context) : FindPath(context);

    /// <summary>Finds by <see cref="MatchContext.Path"/>.</summary>
    protected abstract CompiledMatch? FindPath(in MatchContext context);

    [SkipLocalsInit]
    private CompiledMatch? FindDecoded(in MatchContext context)
    {
        const int OnStack = 512;
        var path = context.Head.Path;
        var decoded = path.Length <= OnStack ? stackalloc byte[OnStack] : new byte[path.Length];
        return FindPath(new MatchContext(context.Head, context.Draw, decoded[..DecodedPath.Write(path, decoded)]));
    }
}

/// <summary>Many matches. Exact paths and element prefixes are looked up by hash (once, and once an element), string prefixes
/// in a trie; regular expressions are tried in order of precedence only while they could still win.</summary>
internal sealed class PathTables : PathIndex
{
    private readonly Candidate[] anyPath;
    private readonly Candidate[] patterns;
    private readonly PathTexts? texts;
    private readonly PathTexts? textsInLowerCase;

    public PathTables(CompiledMatch[] matches)
        : base(matches)
    {
        var candidates = matches.Select((match, rank) => new Candidate(rank, match)).Where(candidate => candidate.Match.Problem is null).ToList();
        anyPath = [.. candidates.Where(candidate => candidate.Kind == PathPatternKind.Any)];
        patterns = [.. candidates.Where(candidate => candidate.Kind == PathPatternKind.Regex)];
        var byText = candidates.Where(candidate => candidate.Kind is not (PathPatternKind.Any or PathPatternKind.Regex))
            .ToLookup(candidate => candidate.Match.Match.Path.IgnoreCase);
        texts = PathTexts.Build(byText[false]);
        textsInLowerCase = PathTexts.Build(byText[true]);
    }

    protected override CompiledMatch? FindPath(in MatchContext context)
    {
        var best = Candidate.None;
        texts?.Find(context.Path, context, ref best);
        if (textsInLowerCase is not null)
        {
            FindInLowerCase(context, ref best);
        }

        Candidate.Consider(anyPath, context, ref best);
        if (patterns.Length > 0)
        {
            FindPattern(context, ref best);
        }

        return best.Match;
    }

    private void FindPattern(in MatchContext context, ref Candidate best)
    {
        foreach (var candidate in patterns)
        {
            if (candidate.Rank >= best.Rank)
            {
                return;
            }

            if (candidate.Match.Path.Finds(context.Path) && candidate.Match.ConditionsHold(context))
            {
                best = candidate;
                return;
            }
        }
    }

    [SkipLocalsInit]
    private void FindInLowerCase(in MatchContext context, ref Candidate best)
    {
        const int OnStack = 512;
        var path = context.Path;
        Span<byte> lower = path.Length <= OnStack ? stackalloc byte[OnStack] : new byte[path.Length];
        AsciiText.ToLower(path, lower);
        textsInLowerCase!.Find(lower[..path.Length], context, ref best);
    }
}

/// <summary>A match and its place in the order of its index.</summary>
internal readonly struct Candidate(int rank, CompiledMatch? match)
{
    public readonly int Rank = rank;

    private readonly CompiledMatch? match = match;

    public static Candidate None => new(int.MaxValue, null);

    public CompiledMatch Match => match!;

    public PathPatternKind Kind => match!.Match.Path.Kind;

    /// <summary>Takes the first of the candidates (in order of rank) that is better than the best so far and whose conditions hold.</summary>
    public static void Consider(Candidate[] candidates, in MatchContext context, ref Candidate best)
    {
        foreach (ref readonly var candidate in candidates.AsSpan())
        {
            if (candidate.Rank >= best.Rank)
            {
                return;
            }

            if (candidate.Match.ConditionsHold(context))
            {
                best = candidate;
                return;
            }
        }
    }
}
