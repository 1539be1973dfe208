using System.Runtime.CompilerServices;
using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>Many matches. Exact paths and element prefixes are looked up by hash (once, and once an element), string prefixes
/// by hash too (once a length); regular expressions are tried in order of precedence only while they could still win.</summary>
internal sealed class PathTables : PathIndex
{
    /// <summary>When more than one of this many matches is another, all is made anew.</summary>
    private const int UnchangedForEach = 4;

    private readonly RankedMatches ranked;
    private readonly int decoding;
    private readonly Candidate? anyPath;
    private readonly Candidate? patterns;
    private readonly PathTexts? texts;
    private readonly PathTexts? textsInLowerCase;

    /// <param name="matches">In order of precedence.</param>
    public PathTables(CompiledMatch[] matches)
        : this(matches, CountDecoding(matches), RankedMatches.Of(matches), null, [], [.. Enumerable.Range(0, matches.Length)])
    {
    }

    private PathTables(CompiledMatch[] matches, int decoding, RankedMatches ranked, PathTables? before, List<CompiledMatch> removed, List<int> added)
        : base(matches, decoding)
    {
        this.ranked = ranked;
        this.decoding = decoding;
        var gone = new PathKinds<HashSet<CompiledMatch>>(() => []);
        removed.ForEach(match => gone.Of(match)?.Add(match));

        // From the last to the first: a chain grows at its head.
        var come = new PathKinds<List<Candidate>>(() => []);
        for (var i = added.Count - 1; i >= 0; i--)
        {
            come.Of(matches[added[i]])?.Add(new Candidate(matches[added[i]], ranked.Rank(added[i])));
        }

        anyPath = Merged(before?.anyPath, gone.Any, come.Any);
        patterns = Merged(before?.patterns, gone.Patterns, come.Patterns);
        texts = Merged(before?.texts, gone.Texts, come.Texts);
        textsInLowerCase = Merged(before?.textsInLowerCase, gone.TextsInLowerCase, come.TextsInLowerCase);
    }

    /// <summary>The same for other matches, of which most are the same; null when it is better made anew.</summary>
    /// <param name="ordered">In order of precedence.</param>
    public PathTables? With(CompiledMatch[] ordered)
    {
        var removed = new List<CompiledMatch>();
        var added = new List<int>();
        if (ranked.With(ordered, removed, added) is not { } newRanks || (removed.Count + added.Count) * UnchangedForEach > ordered.Length)
        {
            return null;
        }

        var newDecoding = decoding - CountDecoding(removed) + CountDecoding(added.Select(place => ordered[place]));
        return new PathTables(ordered, newDecoding, newRanks, this, removed, added);
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

    private static Candidate? Merged(Candidate? before, HashSet<CompiledMatch> removed, List<Candidate> added) =>
        removed.Count + added.Count == 0
            ? before
            : Candidate.Merge(before, removed, added.Aggregate((Candidate?)null, static (chain, candidate) => candidate.Before(chain)));

    private static PathTexts? Merged(PathTexts? before, HashSet<CompiledMatch> removed, List<Candidate> added) =>
        removed.Count + added.Count == 0 ? before : PathTexts.With(before, removed, added);

    /// <summary>One of something for each way of looking matches up.</summary>
    private sealed class PathKinds<T>(Func<T> create)
    {
        public T Any { get; } = create();

        public T Patterns { get; } = create();

        public T Texts { get; } = create();

        public T TextsInLowerCase { get; } = create();

        /// <summary>That of a match; null for one that never matches.</summary>
        public T? Of(CompiledMatch match) => match.Problem is not null ? default : match.Match.Path.Kind switch
        {
            PathPatternKind.Any => Any,
            PathPatternKind.Regex => Patterns,
            _ => match.Match.Path.IgnoreCase ? TextsInLowerCase : Texts,
        };
    }
}
