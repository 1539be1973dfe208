using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Polygate.Proxy.Routing;

/// <summary>The matches for one host of one virtual host: finds the one of smallest precedence that fits a request.</summary>
internal abstract class PathIndex
{
    // Up to here a scan is faster than hashing, and far smaller: most hosts have few routes.
    private const int MostScanned = 8;

    // How many matches compare the decoded path: looking at all of them for each change would take longer than the change.
    private readonly int decoding;

    protected PathIndex(CompiledMatch[] matches, int decoding)
    {
        Matches = matches;
        this.decoding = decoding;
    }

    /// <summary>All matches, those of invalid patterns included, in order of precedence.</summary>
    public CompiledMatch[] Matches { get; }

    /// <summary>An index of the matches of the listeners that share a socket; null for none.</summary>
    /// <param name="byListener">Each listener's, in order of precedence.</param>
    /// <param name="before">The index that this one takes the place of; null for none. What is in both is not made again.</param>
    public static PathIndex? Build(IReadOnlyList<ImmutableArray<CompiledMatch>> byListener, PathIndex? before)
    {
        if (byListener.Count == 0)
        {
            return null;
        }

        CompiledMatch[] ordered = byListener.Count == 1 ? [.. byListener[0]] : [.. byListener.SelectMany(matches => matches)];
        if (byListener.Count > 1)
        {
            Array.Sort(ordered, CompiledMatch.CompareInScope);
        }

        return ordered.Length <= MostScanned ? new PathScan(ordered) : (before as PathTables)?.With(ordered) ?? new PathTables(ordered);
    }

    public Hit Find(in MatchContext context) =>
        decoding > 0 && DecodedPath.Differs(context.Head.Path) ? FindDecoded(context) : FindPath(context);

    protected static int CountDecoding(IEnumerable<CompiledMatch> matches) => matches.Count(match => match.Match.Path.Decoded);

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
