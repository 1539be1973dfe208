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
    private readonly List<Part> parts = [];

    public Substitution(string text)
    {
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == '$' && TryReadGroup(text, i + 1, out var group, out var end))
            {
                Flush(literal);
                parts.Add(new Part(true, group));
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
        foreach (var part in parts)
        {
            result.Append(part.IsGroup ? GroupOf(match, part.Text).ValueSpan : part.Text);
        }

        return result.ToString();
    }

    /// <summary>As <see cref="Expand"/>, for groups that are known by where they stand in a text of ASCII; false where it does not fit, or groups have names.</summary>
    /// <param name="text">The text.</param>
    /// <param name="groups">Where the match and its groups stand.</param>
    /// <param name="target">Receives the result.</param>
    /// <param name="length">How long it is.</param>
    public bool TryExpand(ReadOnlySpan<byte> text, ReadOnlySpan<Range> groups, Span<byte> target, out int length)
    {
        length = 0;
        foreach (var part in parts)
        {
            if (part is { IsGroup: true, Number: < 0 })
            {
                return false;
            }

            var value = !part.IsGroup ? part.Bytes : part.Number < groups.Length ? text[groups[part.Number]] : [];
            if (!value.TryCopyTo(target[length..]))
            {
                return false;
            }

            length += value.Length;
        }

        return true;
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
            parts.Add(new Part(false, literal.ToString()));
            literal.Clear();
        }
    }

    /// <summary>A group or a literal.</summary>
    /// <param name="IsGroup">Whether it is a group.</param>
    /// <param name="Text">Its number or name; or the literal.</param>
    private sealed record Part(bool IsGroup, string Text)
    {
        /// <summary>Of a group; negative where it has a name.</summary>
        public int Number { get; } = IsGroup && int.TryParse(Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

        public byte[] Bytes { get; } = Encoding.UTF8.GetBytes(Text);
    }
}
