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

    public Hit Find(in MatchContext context) =>
        decodes && DecodedPath.Differs(context.Head.Path) ? FindDecoded(context) : FindPath(context);

    /// <summary>Finds by <see cref="MatchContext.Path"/>.</summary>
    protected abstract Hit FindPath(in MatchContext context);

    [SkipLocalsInit]
    private Hit FindDecoded(in MatchContext context)
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
    private readonly Candidate? anyPath;
    private readonly Candidate? patterns;
    private readonly PathTexts? texts;
    private readonly PathTexts? textsInLowerCase;

    public PathTables(CompiledMatch[] matches)
        : base(matches)
    {
        var exact = new List<Candidate>(matches.Length);
        var inLowerCase = new List<Candidate>();

        // From the last to the first: a chain grows at its head.
        for (var rank = matches.Length - 1; rank >= 0; rank--)
        {
            var match = matches[rank];
            if (match.Problem is not null)
            {
                continue;
            }

            switch (match.Match.Path.Kind)
            {
                case PathPatternKind.Any:
                    anyPath = new Candidate(match, rank, anyPath);
                    break;
                case PathPatternKind.Regex:
                    patterns = new Candidate(match, rank, patterns);
                    break;
                default:
                    (match.Match.Path.IgnoreCase ? inLowerCase : exact).Add(new Candidate(match, rank, null));
                    break;
            }
        }

        texts = PathTexts.Build(exact);
        textsInLowerCase = PathTexts.Build(inLowerCase);
    }

    protected override Hit FindPath(in MatchContext context)
    {
        Candidate? best = null;
        texts?.Find(context.Path, context, ref best);
        if (textsInLowerCase is not null)
        {
            FindInLowerCase(context, ref best);
        }

        Candidate.Consider(anyPath, context, ref best);
        for (var candidate = patterns; candidate is not null && candidate.Precedes(best); candidate = candidate.Next)
        {
            if (candidate.Match.Path.Finds(context.Path) && candidate.ConditionsHold(context))
            {
                return candidate.Hit;
            }
        }

        return best?.Hit ?? default;
    }

    [SkipLocalsInit]
    private void FindInLowerCase(in MatchContext context, ref Candidate? best)
    {
        const int OnStack = 512;
        var path = context.Path;
        Span<byte> lower = path.Length <= OnStack ? stackalloc byte[OnStack] : new byte[path.Length];
        AsciiText.ToLower(path, lower);
        textsInLowerCase!.Find(lower[..path.Length], context, ref best);
    }
}
