using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>
/// How much a host or path pattern says, as a number: larger is more specific. Used where no dialect's own order
/// decides: for choosing a virtual host, and between the best routes of different scopes.
/// </summary>
internal static class Specificity
{
    private const int Exact = 1 << 30;
    private const int Suffix = 1 << 28;
    private const int Prefix = 1 << 26;
    private const int Regex = 1 << 24;

    /// <summary>
    /// Exact, then the longer suffix (at equal length the one for a single label), then the longer prefix, then
    /// regular expressions by the length of their literal start, then any host.
    /// </summary>
    public static int Of(HostPattern host) => host.Kind switch
    {
        HostPatternKind.Exact => Exact,
        HostPatternKind.SingleLabelSuffix => Suffix + (host.Value.Length * 2) + 1,
        HostPatternKind.Suffix => Suffix + (host.Value.Length * 2),
        HostPatternKind.Prefix => Prefix + host.Value.Length,
        HostPatternKind.Regex => Regex + LiteralStart(host.Value),
        _ => 0,
    };

    /// <summary>
    /// Exact, then the longer prefix; a final slash of an element prefix does not count, and a prefix of one slash is as
    /// good as none. A regular expression counts by the length of its literal start.
    /// </summary>
    public static int Of(PathPattern path)
    {
        var length = path.Kind switch
        {
            PathPatternKind.Exact => Exact,
            PathPatternKind.ElementPrefix when path.Value.EndsWith('/') => path.Value.Length - 1,
            PathPatternKind.ElementPrefix or PathPatternKind.StringPrefix => path.Value.Length,
            PathPatternKind.Regex => LiteralStart(path.Value),
            _ => 0,
        };
        return length == 1 ? 0 : length;
    }

    // Without an anchor at its start a pattern says nothing about how the text begins.
    private static int LiteralStart(string pattern)
    {
        var start = pattern.StartsWith('^') ? 1 : pattern.StartsWith("\\A", StringComparison.Ordinal) ? 2 : -1;
        if (start < 0 || pattern.Contains('|', StringComparison.Ordinal))
        {
            return 0;
        }

        var length = 0;
        for (var i = start; i < pattern.Length; i++, length++)
        {
            var escaped = pattern[i] == '\\';
            if (escaped && (++i == pattern.Length || char.IsAsciiLetterOrDigit(pattern[i])))
            {
                break;
            }

            if (!escaped && ".[](){}*+?^$".Contains(pattern[i], StringComparison.Ordinal))
            {
                break;
            }

            // A repeated character may be absent.
            if (i + 1 < pattern.Length && pattern[i + 1] is ('*' or '?' or '{'))
            {
                break;
            }
        }

        return length;
    }
}
