using System.Text;
using System.Text.RegularExpressions;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary>
/// Replacement texts as Go's <c>Regexp.Expand</c> reads them: <c>$name</c> takes the longest run of letters, digits and
/// underscores (<c>$1x</c> is the group <c>1x</c>), <c>${name}</c> exactly the name, a group that does not exist is empty, <c>$$</c> is a dollar.
/// </summary>
internal static class GoReplacement
{
    /// <summary>The text in the model's form: <c>${name}</c> for groups that exist, <c>$$</c> for a dollar.</summary>
    /// <param name="replacement">The text.</param>
    /// <param name="pattern">The (already converted) pattern whose groups are meant.</param>
    public static string Convert(string replacement, string pattern)
    {
        var groups = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant).GetGroupNames();
        var result = new StringBuilder(replacement.Length + 8);
        for (var at = 0; at < replacement.Length;)
        {
            if (replacement[at] != '$')
            {
                result.Append(replacement[at++]);
                continue;
            }

            var (name, length) = Reference(replacement, at);
            if (name is null)
            {
                result.Append("$$");
            }
            else if (Array.IndexOf(groups, name) >= 0)
            {
                result.Append("${").Append(name).Append('}');
            }

            at += length;
        }

        return result.ToString();
    }

    /// <summary>The group named at a dollar sign and the length of its reference; no name for a literal dollar.</summary>
    private static (string? Name, int Length) Reference(string text, int dollar)
    {
        if (dollar + 1 < text.Length && text[dollar + 1] == '$')
        {
            return (null, 2);
        }

        var isBraced = dollar + 1 < text.Length && text[dollar + 1] == '{';
        var start = dollar + (isBraced ? 2 : 1);
        var end = start;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_'))
        {
            end++;
        }

        if (end == start || (isBraced && (end >= text.Length || text[end] != '}')))
        {
            return (null, 1);
        }

        return (text[start..end], end - dollar + (isBraced ? 1 : 0));
    }
}
