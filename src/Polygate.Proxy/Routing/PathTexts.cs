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

    private PathTexts(ByteMap<Candidate> elements, PrefixMap<Candidate> strings, ulong prefixDepths, bool hasExact)
    {
        this.elements = elements;
        this.strings = strings;
        this.prefixDepths = prefixDepths;
        this.hasExact = hasExact;
    }

    private static PathTexts Empty { get; } = new(ByteMap<Candidate>.Empty, PrefixMap<Candidate>.Empty, 0, false);

    /// <summary>The texts without some matches and with other candidates.</summary>
    /// <param name="before">The texts; null for none.</param>
    /// <param name="removed">What is to go.</param>
    /// <param name="added">From the last to the first in order of rank.</param>
    /// <returns>Null for none.</returns>
    public static PathTexts? With(PathTexts? before, IReadOnlySet<CompiledMatch> removed, List<Candidate> added)
    {
        var texts = (before ?? Empty).With(removed, added);
        return texts.elements.Count + texts.strings.Count == 0 ? null : texts;
    }

    private PathTexts With(IReadOnlySet<CompiledMatch> removed, List<Candidate> added)
    {
        var byElements = new Dictionary<byte[], Candidate?>(added.Count, ByteKeyComparer.Instance);
        var byString = new Dictionary<byte[], Candidate?>(ByteKeyComparer.Instance);
        foreach (var match in removed)
        {
            MapOf(match)[match.Path.Key] = null;
        }

        // What is gone leaves its depth behind: that costs a look too many, and no wrong answer.
        var depths = prefixDepths;
        var anyExact = hasExact;
        foreach (var candidate in added)
        {
            var key = candidate.Match.Path.Key;
            ref var chain = ref CollectionsMarshal.GetValueRefOrAddDefault(MapOf(candidate.Match), key, out _);
            chain = candidate.Before(chain);
            anyExact |= candidate.Kind == PathPatternKind.Exact;
            depths |= candidate.Kind == PathPatternKind.ElementPrefix ? DepthBit(key.AsSpan().Count((byte)'/')) : 0;
        }

        return new PathTexts(
            elements.With([.. byElements.Select(text => KeyValuePair.Create(text.Key, Candidate.Merge(elements.Find(text.Key), removed, text.Value)))]),
            strings.With([.. byString.Select(text => KeyValuePair.Create(text.Key, Candidate.Merge(strings[text.Key], removed, text.Value)))]),
            depths,
            anyExact);

        Dictionary<byte[], Candidate?> MapOf(CompiledMatch match) => match.Match.Path.Kind == PathPatternKind.StringPrefix ? byString : byElements;
    }

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
