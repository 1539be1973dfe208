using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>
/// A few matches, tried one after the other in order of precedence. What is compared lies in one array of entries and
/// one of text: with a hundred thousand hosts nothing is in a cache, and every object looked at costs a memory access.
/// </summary>
internal sealed class PathScan : PathIndex
{
    private readonly Entry[] entries;
    private readonly byte[] text;

    public PathScan(CompiledMatch[] matches)
        : base(matches)
    {
        var all = new List<byte>();
        entries = [.. matches.Where(match => match.Problem is null).Select(match =>
        {
            var start = all.Count;
            all.AddRange(match.Path.Key);
            return new Entry(match, start);
        })];
        text = [.. all];
    }

    protected override CompiledMatch? FindPath(in MatchContext context)
    {
        var path = context.Path;
        foreach (ref readonly var entry in entries.AsSpan())
        {
            if (Fits(entry, path) && (entry.IsUnconditional || entry.Match.ConditionsHold(context)))
            {
                return entry.Match;
            }
        }

        return null;
    }

    private bool Fits(in Entry entry, ReadOnlySpan<byte> path)
    {
        if (entry.IgnoreCase || entry.Kind == PathPatternKind.Regex)
        {
            return entry.Match.Path.Finds(path);
        }

        var key = text.AsSpan(entry.Start, entry.Length);
        return entry.Kind switch
        {
            PathPatternKind.Exact => path.SequenceEqual(key),
            PathPatternKind.ElementPrefix => path.StartsWith(key) && (path.Length == key.Length || path[key.Length] == '/'),
            PathPatternKind.StringPrefix => path.StartsWith(key),
            _ => true,
        };
    }

    private readonly struct Entry(CompiledMatch match, int start)
    {
        public readonly CompiledMatch Match = match;
        public readonly int Start = start;
        public readonly int Length = match.Path.Key.Length;
        public readonly PathPatternKind Kind = match.Match.Path.Kind;
        public readonly bool IgnoreCase = match.Match.Path.IgnoreCase;
        public readonly bool IsUnconditional = match.Match.Conditions.IsEmpty;
    }
}
