using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary>Lists of response statuses such as <c>500</c> and <c>502-504</c>.</summary>
internal static class StatusRanges
{
    /// <summary>All statuses meant, ascending; an entry that is neither a status nor a range is an error.</summary>
    public static ValueList<int> Read(IReadOnlyList<string>? ranges, Findings findings, string field)
    {
        var statuses = new SortedSet<int>();
        for (var i = 0; i < (ranges?.Count ?? 0); i++)
        {
            var ends = ranges![i].Split('-');
            if (ends.Length is 1 or 2
                && int.TryParse(ends[0], out var first)
                && int.TryParse(ends[^1], out var last)
                && first is >= 100 and <= 599 && last is >= 100 and <= 599 && first <= last)
            {
                statuses.UnionWith(Enumerable.Range(first, last - first + 1));
            }
            else
            {
                findings.Error("invalid-status-range", $"'{ranges[i]}' is neither a status nor a range such as 500-599.", $"{field}[{i}]");
            }
        }

        return statuses.ToValueList();
    }
}
