using System.Runtime.InteropServices;
using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>The candidates of a <see cref="PathIndex"/> whose paths are plain text.</summary>
internal sealed class PathTexts
{
    /// <summary>Exact paths and element prefixes, by their text.</summary>
    private readonly ByteMap<Candidate> elements;
    private readonly PrefixMap<Candidate> strings;

    // Which numbers of slashes element prefixes have, so that others are not looked up.
    private readonly ulong prefixDepths;
    private readonly bool hasExact;

    private PathTexts(List<Candidate> candidates)
    {
        var byElements = new Dictionary<byte[], Candidate?>(candidates.Count, ByteKeyComparer.Instance);
        var byString = new Dictionary<byte[], Candidate?>(ByteKeyComparer.Instance);
        foreach (var candidate in candidates)
        {
            var key = candidate.Match.Path.Key;
            ref var chain = ref CollectionsMarshal.GetValueRefOrAddDefault(candidate.Kind == PathPatternKind.StringPrefix ? byString : byElements, key, out _);
            candidate.Next = chain;
            chain = candidate;
            hasExact |= candidate.Kind == PathPatternKind.Exact;
            prefixDepths |= candidate.Kind == PathPatternKind.ElementPrefix ? DepthBit(key.AsSpan().Count((byte)'/')) : 0;
        }

        elements = ByteMap<Candidate>.Empty.With([.. byElements]);
        strings = PrefixMap<Candidate>.Empty.With([.. byString]);
    }

    /// <param name="candidates">From the last to the first in order of rank.</param>
    /// <returns>Null for none.</returns>
    public static PathTexts? Build(List<Candidate> candidates) => candidates.Count == 0 ? null : new PathTexts(candidates);

    public void Find(ReadOnlySpan<byte> path, in MatchContext context, ref Candidate? best)
    {
        if (elements.Count > 0)
        {
            FindElements(path, context, ref best);
        }

        var hash = new ByteHash();
        for (var place = 0; place < strings.Lengths; place++)
        {
            Candidate.Consider(strings.Find(path, place, ref hash), context, ref best);
        }
    }

    // The whole path first, then each shorter prefix that ends before a slash: the longer ones usually precede, which
    // spares testing the conditions of the shorter.
    private void FindElements(ReadOnlySpan<byte> path, in MatchContext context, ref Candidate? best)
    {
        var depth = path.Count((byte)'/');
        if (hasExact || (prefixDepths & DepthBit(depth)) != 0)
        {
            Candidate.Consider(elements.Find(path), context, ref best);
        }

        var end = path.LastIndexOf((byte)'/');
        for (depth--; end >= 0; depth--)
        {
            path = path[..end];
            if ((prefixDepths & DepthBit(depth)) != 0)
            {
                Candidate.ConsiderElementPrefixes(elements.Find(path), context, ref best);
            }

            end = depth <= 0 ? -1 : path.LastIndexOf((byte)'/');
        }
    }

    private static ulong DepthBit(int depth) => 1UL << Math.Min(depth, 63);
}
