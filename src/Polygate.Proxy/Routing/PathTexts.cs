using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>The candidates of a <see cref="PathIndex"/> whose paths are plain text.</summary>
internal sealed class PathTexts
{
    private readonly ByteMap<Node> nodes;
    private readonly PrefixTrie<Candidate[]>? prefixes;

    // Which numbers of slashes element prefixes have, so that others are not looked up.
    private readonly ulong prefixDepths;
    private readonly bool hasExact;

    private PathTexts(IReadOnlyCollection<Candidate> candidates)
    {
        var byKey = candidates.Where(candidate => candidate.Kind != PathPatternKind.StringPrefix)
            .GroupBy(candidate => candidate.Match.Path.Key, ByteKeyComparer.Instance)
            .Select(group => KeyValuePair.Create<byte[], Node?>(group.Key, new Node(group)))
            .ToList();
        nodes = ByteMap<Node>.Empty.With(byKey);
        foreach (var candidate in candidates.Where(candidate => candidate.Kind == PathPatternKind.ElementPrefix))
        {
            prefixDepths |= DepthBit(candidate.Match.Path.Key.AsSpan().Count((byte)'/'));
        }

        hasExact = candidates.Any(candidate => candidate.Kind == PathPatternKind.Exact);
        prefixes = PrefixTrie<Candidate[]>.Build(
            [.. candidates.Where(candidate => candidate.Kind == PathPatternKind.StringPrefix)
                .GroupBy(candidate => candidate.Match.Path.Key, ByteKeyComparer.Instance)
                .Select(group => KeyValuePair.Create(group.Key, group.ToArray()))]);
    }

    /// <summary>The candidates, in order of rank; null for none.</summary>
    public static PathTexts? Build(IEnumerable<Candidate> candidates)
    {
        var list = candidates.ToList();
        return list.Count == 0 ? null : new PathTexts(list);
    }

    public void Find(ReadOnlySpan<byte> path, in MatchContext context, ref Candidate best)
    {
        if (nodes.Count > 0)
        {
            FindElements(path, context, ref best);
        }

        if (prefixes is not null)
        {
            FindPrefixes(prefixes, path, context, ref best);
        }
    }

    // The whole path first, then each shorter prefix that ends before a slash: the longer ones usually precede, which
    // spares testing the conditions of the shorter.
    private void FindElements(ReadOnlySpan<byte> path, in MatchContext context, ref Candidate best)
    {
        var depth = path.Count((byte)'/');
        if ((hasExact || (prefixDepths & DepthBit(depth)) != 0) && nodes.Find(path) is { } whole)
        {
            Candidate.Consider(whole.Exact, context, ref best);
            Candidate.Consider(whole.Prefix, context, ref best);
        }

        var end = path.LastIndexOf((byte)'/');
        for (depth--; end >= 0; depth--)
        {
            path = path[..end];
            if ((prefixDepths & DepthBit(depth)) != 0 && nodes.Find(path) is { } node)
            {
                Candidate.Consider(node.Prefix, context, ref best);
            }

            end = depth <= 0 ? -1 : path.LastIndexOf((byte)'/');
        }
    }

    private static void FindPrefixes(PrefixTrie<Candidate[]> prefixes, ReadOnlySpan<byte> path, in MatchContext context, ref Candidate best)
    {
        for (var node = prefixes.Deepest(path); node >= 0;)
        {
            if (prefixes.Value(node, out node) is { } candidates)
            {
                Candidate.Consider(candidates, context, ref best);
            }
        }
    }

    private static ulong DepthBit(int depth) => 1UL << Math.Min(depth, 63);

    /// <summary>What hangs on one text: as a whole path and as an element prefix.</summary>
    private sealed class Node(IEnumerable<Candidate> candidates)
    {
        public readonly Candidate[] Exact = [.. candidates.Where(candidate => candidate.Kind == PathPatternKind.Exact)];
        public readonly Candidate[] Prefix = [.. candidates.Where(candidate => candidate.Kind == PathPatternKind.ElementPrefix)];
    }
}
