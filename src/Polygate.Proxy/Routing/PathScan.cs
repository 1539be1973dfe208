using System.Runtime.CompilerServices;
using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>
/// A few matches, tried one after the other in order of precedence. The first, most often the only one or the one that answers, lies in this
/// very object, with the beginning of its text: with a hundred thousand hosts nothing is in a cache, and every other object costs a wait for memory.
/// </summary>
internal sealed class PathScan : PathIndex
{
    private readonly Entry first;
    private readonly Entry[] others;

    public PathScan(CompiledMatch[] matches)
        : base(matches, CountDecoding(matches))
    {
        Entry[] entries = [.. matches.Where(match => match.Problem is null).Select(match => new Entry(match))];
        first = entries.FirstOrDefault();
        others = entries.Length > 1 ? entries[1..] : [];
    }

    protected override Hit FindPath(in MatchContext context)
    {
        if (first.Answers(context))
        {
            return first.Hit;
        }

        foreach (ref readonly var entry in others.AsSpan())
        {
            if (entry.Answers(context))
            {
                return entry.Hit;
            }
        }

        return default;
    }

    /// <summary>A match; the default answers nothing.</summary>
    private readonly struct Entry
    {
        private readonly Beginning beginning;
        private readonly int length;
        private readonly PathPatternKind kind;

        /// <summary>Whether the text in this entry is all that has to be compared.</summary>
        private readonly bool isPlain;
        private readonly bool isUnconditional;

        public Entry(CompiledMatch match)
        {
            Hit = new Hit(match, match.Route);
            var key = match.Path.Key;
            length = key.Length;
            kind = match.Match.Path.Kind;
            isPlain = !match.Match.Path.IgnoreCase && kind != PathPatternKind.Regex && length <= Beginning.Length;
            isUnconditional = match.Match.Conditions.IsEmpty;
            key.AsSpan(0, Math.Min(length, Beginning.Length)).CopyTo(beginning);
        }

        public Hit Hit { get; }

        public bool Answers(in MatchContext context) =>
            Hit.Match is { } match && (isPlain ? Fits(context.Path) : match.Path.Finds(context.Path)) && (isUnconditional || match.ConditionsHold(context));

        private bool Fits(ReadOnlySpan<byte> path) => path.StartsWith(((ReadOnlySpan<byte>)beginning)[..length]) && kind switch
        {
            PathPatternKind.Exact => path.Length == length,
            PathPatternKind.ElementPrefix => path.Length == length || path[length] == '/',
            _ => true,
        };
    }

    [InlineArray(Length)]
    private struct Beginning
    {
        public const int Length = 24;

        private byte first;
    }
}
