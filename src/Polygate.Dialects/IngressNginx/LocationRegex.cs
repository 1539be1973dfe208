using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Polygate.Dialects.IngressNginx;

/// <summary>Looks at a regular expression before it goes into the model.</summary>
/// <param name="Groups">The number of its capture groups; 0 when it is <paramref name="Problem"/>atic.</param>
/// <param name="IsLinear">Whether it runs in linear time; lookaround and back-references do not.</param>
/// <param name="Problem">Why it cannot be used; null when it can.</param>
internal sealed record LocationRegex(int Groups, bool IsLinear, string? Problem)
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;

    // Paths are looked at again whenever another Ingress of their host changes, and building an expression is dear.
    private static readonly ConditionalWeakTable<string, LocationRegex> Checked = [];

    public static LocationRegex Check(string pattern) => Checked.GetValue(pattern, CheckNew);

    private static LocationRegex CheckNew(string pattern)
    {
        try
        {
            return new LocationRegex(CountGroups(pattern, Options | RegexOptions.NonBacktracking), true, null);
        }
        catch (NotSupportedException)
        {
            return new LocationRegex(CountGroups(pattern, Options), false, null);
        }
        catch (ArgumentException exception)
        {
            return new LocationRegex(0, true, exception.Message);
        }
    }

    private static int CountGroups(string pattern, RegexOptions options) => new Regex(pattern, options).GetGroupNumbers().Length - 1;
}
