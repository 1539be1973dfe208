using System.Runtime.InteropServices;
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

    private PathTexts(IEnumerable<Candidate> candidates)
    {
        var byKey = new Dictionary<byte[], TextCandidates>(ByteKeyComparer.Instance);
        foreach (var candidate in candidates)
        {
            var key = candidate.Match.Path.Key;
            CollectionsMarshal.GetValueRefOrAddDefault(byKey, key, out _).Add(candidate);
            hasExact |= candidate.Kind == PathPatternKind.Exact;
            prefixDepths |= candidate.Kind == PathPatternKind.ElementPrefix ? DepthBit(key.AsSpan().Count((byte)'/')) : 0;
        }

        nodes = ByteMap<Node>.Empty.With(
            [.. byKey.Where(entry => entry.Value.HasNode).Select(entry => KeyValuePair.Create<byte[], Node?>(entry.Key, entry.Value.ToNode()))]);
        prefixes = PrefixTrie<Candidate[]>.Build(
            [.. byKey.Where(entry => entry.Value.Strings is not null).Select(entry => KeyValuePair.Create(entry.Key, entry.Value.Strings!.ToArray()))]);
    }

    /// <summary>The candidates, in order of rank; null for none.</summary>
    public static PathTexts? Build(IEnumerable<Candidate> candidates)
    {
        var list = candidates as IReadOnlyCollection<Candidate> ?? [.. candidates];
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
    private sealed class Node(Candidate[] exact, Candidate[] prefix)
    {
        public readonly Candidate[] Exact = exact;
        public readonly Candidate[] Prefix = prefix;
    }

    /// <summary>The candidates of one text while they are collected.</summary>
    private struct TextCandidates
    {
        private List<Candidate>? exact;
        private List<Candidate>? elements;

        public List<Candidate>? Strings { get; private set; }

        public readonly bool HasNode => exact is not null || elements is not null;

        public void Add(Candidate candidate)
        {
            switch (candidate.Kind)
            {
                case PathPatternKind.Exact:
                    (exact ??= []).Add(candidate);
                    break;
                case PathPatternKind.ElementPrefix:
                    (elements ??= []).Add(candidate);
                    break;
                default:
                    (Strings ??= []).Add(candidate);
                    break;
            }
        }

        public readonly Node ToNode() => new(exact?.ToArray() ?? [], elements?.ToArray() ?? []);
    }
}
