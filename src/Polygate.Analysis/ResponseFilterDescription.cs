using Polygate.Model;

namespace Polygate.Analysis;

/// <summary>Sentences for filters that change answers.</summary>
internal static class ResponseFilterDescription
{
    public static IEnumerable<string> Compression(CompressionFilter compression)
    {
        var codings = compression.Codings.IsEmpty ? "what the client likes" : string.Join(", ", compression.Codings.Select(coding => coding.ToString().ToLowerInvariant()));
        var types = compression.Types.IsEmpty ? "" : $" of {Words.AnyOf(compression.Types)}";
        var excluded = compression.ExcludedTypes.IsEmpty ? "" : $" but not {Words.AnyOf(compression.ExcludedTypes)}";
        yield return $"Answers{types}{excluded} from {compression.MinimumBytes} bytes on are compressed with {codings}.";
    }

    public static IEnumerable<string> ErrorPages(ErrorPagesFilter pages)
    {
        var whose = pages.BackendOnly ? "of the backend " : "";
        var status = pages.KeepStatus ? "keep their status" : "get its status";
        yield return $"Answers {whose}with {StatusRanges(pages.Statuses)} are replaced by what {pages.Backend} says at {pages.Path}, and {status}.";
        foreach (var change in pages.StatusChanges.AsEnumerable())
        {
            yield return $"Instead of {change.From} the client gets {change.To}.";
        }
    }

    public static IEnumerable<string> Cookies(CookieRewriteFilter cookies)
    {
        foreach (var rule in cookies.Domains.AsEnumerable())
        {
            yield return $"In cookies of the backend the domain {Rule(rule)}.";
        }

        foreach (var rule in cookies.Paths.AsEnumerable())
        {
            yield return $"In cookies of the backend the path {Rule(rule)}.";
        }
    }

    public static IEnumerable<string> Locations(LocationRewriteFilter locations) =>
        locations.Rules.Select(rule => $"In redirects of the backend the target {Rule(rule)}.");

    /// <summary>Runs of statuses as <c>500 to 599</c>.</summary>
    private static string StatusRanges(ValueList<int> statuses)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var status in statuses.AsEnumerable().Order())
        {
            if (ranges.Count > 0 && ranges[^1].Last >= status - 1)
            {
                ranges[^1] = (ranges[^1].First, status);
            }
            else
            {
                ranges.Add((status, status));
            }
        }

        return Words.AnyOf(ranges.Select(range => range.First == range.Last ? $"{range.First}" : $"{range.First} to {range.Last}"));
    }

    private static string Rule(TextReplacement rule) => rule.Kind switch
    {
        TextReplacementKind.Exact => $"{rule.From} becomes {rule.To}",
        TextReplacementKind.Prefix => $"that begins with {rule.From} begins with {rule.To} instead",
        TextReplacementKind.Regex => $"that {rule.From} finds something in becomes {rule.To}",
        _ => throw new ArgumentException($"No words for {rule.Kind}.", nameof(rule)),
    };
}
