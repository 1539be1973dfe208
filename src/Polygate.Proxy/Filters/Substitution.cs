using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Polygate.Proxy.Filters;

/// <summary>
/// The text that stands for what a regular expression found: <c>$1</c>, <c>${1}</c> and <c>${name}</c> for captures (empty where the group took no
/// part or does not exist), <c>$$</c> for a dollar sign, anything else for itself.
/// </summary>
internal sealed class Substitution
{
    private readonly List<(bool IsGroup, string Text)> parts = [];

    public Substitution(string text)
    {
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == '$' && TryReadGroup(text, i + 1, out var group, out var end))
            {
                Flush(literal);
                parts.Add((true, group));
                i = end;
                continue;
            }

            if (text.AsSpan(i).StartsWith("$$"))
            {
                i++;
            }

            literal.Append(text[i++]);
        }

        Flush(literal);
    }

    public string Expand(Match match)
    {
        var result = new StringBuilder();
        foreach (var (isGroup, text) in parts)
        {
            result.Append(isGroup ? GroupOf(match, text).ValueSpan : text);
        }

        return result.ToString();
    }

    // A named group has a number as well: among themselves groups count from left to right (in a pattern that mixes both
    // kinds, .NET counts the named ones after the others).
    private static Group GroupOf(Match match, string group) =>
        int.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? match.Groups[number] : match.Groups[group];

    private static bool TryReadGroup(string text, int start, out string group, out int end)
    {
        group = "";
        end = start;
        if (start < text.Length && text[start] == '{')
        {
            end = text.IndexOf('}', start) + 1;
            group = end > 0 ? text[(start + 1)..(end - 1)] : "";
            return group.Length > 0;
        }

        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        group = text[start..end];
        return group.Length > 0;
    }

    private void Flush(StringBuilder literal)
    {
        if (literal.Length > 0)
        {
            parts.Add((false, literal.ToString()));
            literal.Clear();
        }
    }
}
