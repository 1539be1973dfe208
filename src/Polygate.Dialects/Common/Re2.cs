using System.Text;
using System.Text.RegularExpressions;

namespace Polygate.Dialects.Common;

/// <summary>
/// Regular expressions in RE2's syntax (Envoy's, so Gloo's and Ambassador's) as .NET patterns with the same meaning:
/// <c>\d</c>, <c>\w</c>, <c>\s</c> are ASCII classes, <c>(?P&lt;name&gt;…)</c> is a named group, <c>[[:alpha:]]</c> a POSIX class, <c>\Q…\E</c> literal text.
/// </summary>
public static class Re2
{
    private static readonly Dictionary<string, string> PosixClasses = new(StringComparer.Ordinal)
    {
        ["alnum"] = "0-9A-Za-z",
        ["alpha"] = "A-Za-z",
        ["ascii"] = "\\x00-\\x7F",
        ["blank"] = "\\t ",
        ["cntrl"] = "\\x00-\\x1F\\x7F",
        ["digit"] = "0-9",
        ["graph"] = "!-~",
        ["lower"] = "a-z",
        ["print"] = " -~",
        ["punct"] = "!-/:-@\\[-`{-~",
        ["space"] = "\\t\\n\\v\\f\\r ",
        ["upper"] = "A-Z",
        ["word"] = "0-9A-Za-z_",
        ["xdigit"] = "0-9A-Fa-f",
    };

    /// <summary>The .NET pattern for one that must match the whole text.</summary>
    /// <param name="pattern">In RE2's syntax.</param>
    /// <param name="converted">The anchored pattern; empty when there is a problem.</param>
    /// <param name="problem">Why RE2 would refuse it; empty without a problem.</param>
    public static bool TryConvertWhole(string pattern, out string converted, out string problem)
    {
        var valid = TryConvert(pattern, out converted, out problem);
        converted = valid ? "^(?:" + converted + ")$" : "";
        return valid;
    }

    /// <summary>The .NET pattern for one that is searched.</summary>
    public static bool TryConvert(string pattern, out string converted, out string problem)
    {
        problem = "";
        converted = Convert(pattern);
        try
        {
            // RE2 knows neither lookaround nor back-references; what runs without backtracking is what RE2 accepts.
            _ = new Regex(converted, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            converted = "";
            problem = exception.Message;
            return false;
        }
    }

    /// <summary>RE2's substitution (<c>\1</c> a group, <c>\0</c> the match, <c>\\</c> a backslash) in the model's form (<c>${1}</c>, <c>$$</c>).</summary>
    public static string ConvertSubstitution(string substitution)
    {
        var result = new StringBuilder(substitution.Length + 8);
        for (var i = 0; i < substitution.Length; i++)
        {
            var c = substitution[i];
            if (c == '\\' && i + 1 < substitution.Length)
            {
                var next = substitution[++i];
                result.Append(char.IsAsciiDigit(next) ? "${" + next + "}" : next.ToString());
            }
            else
            {
                result.Append(c == '$' ? "$$" : c.ToString());
            }
        }

        return result.ToString();
    }

    private static string Convert(string pattern)
    {
        var result = new StringBuilder(pattern.Length + 16);
        var inClass = false;
        for (var i = 0; i < pattern.Length;)
        {
            if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                i = Escape(pattern, i, inClass, result);
            }
            else if (!inClass && pattern.AsSpan(i).StartsWith("(?P<"))
            {
                result.Append("(?<");
                i += 4;
            }
            else if (!inClass && pattern[i] == '[')
            {
                i = OpenClass(pattern, i, result);
                inClass = true;
            }
            else if (inClass && TryPosixClass(pattern, i, out var members, out var length))
            {
                result.Append(members);
                i += length;
            }
            else
            {
                inClass &= pattern[i] != ']';

                // Inside a class .NET reads "[" after "-" as a subtraction; RE2 has none.
                result.Append(inClass && pattern[i] == '[' ? "\\[" : pattern[i].ToString());
                i++;
            }
        }

        return result.ToString();
    }

    /// <summary>Opens a class; a <c>]</c> right after the opening stands for itself.</summary>
    private static int OpenClass(string pattern, int i, StringBuilder result)
    {
        result.Append('[');
        i++;
        if (i < pattern.Length && pattern[i] == '^')
        {
            result.Append('^');
            i++;
        }

        if (i < pattern.Length && pattern[i] == ']')
        {
            result.Append("\\]");
            i++;
        }

        return i;
    }

    private static int Escape(string pattern, int i, bool inClass, StringBuilder result)
    {
        var next = pattern[i + 1];
        if (next == 'Q' && !inClass)
        {
            var end = pattern.IndexOf("\\E", i + 2, StringComparison.Ordinal);
            result.Append(Regex.Escape(end < 0 ? pattern[(i + 2)..] : pattern[(i + 2)..end]));
            return end < 0 ? pattern.Length : end + 2;
        }

        if (next is 'p' or 'P' && i + 2 < pattern.Length && pattern[i + 2] != '{')
        {
            result.Append('\\').Append(next).Append('{').Append(pattern[i + 2]).Append('}');
            return i + 3;
        }

        result.Append(next switch
        {
            'd' => inClass ? "0-9" : "[0-9]",
            'w' => inClass ? "0-9A-Za-z_" : "[0-9A-Za-z_]",
            's' => inClass ? "\\t\\n\\f\\r " : "[\\t\\n\\f\\r ]",
            'D' when !inClass => "[^0-9]",
            'W' when !inClass => "[^0-9A-Za-z_]",
            'S' when !inClass => "[^\\t\\n\\f\\r ]",
            _ => "\\" + next,
        });
        return i + 2;
    }

    private static bool TryPosixClass(string pattern, int i, out string members, out int length)
    {
        (members, length) = ("", 0);
        if (!pattern.AsSpan(i).StartsWith("[:"))
        {
            return false;
        }

        var end = pattern.IndexOf(":]", i + 2, StringComparison.Ordinal);
        if (end < 0 || !PosixClasses.TryGetValue(pattern[(i + 2)..end], out var found))
        {
            return false;
        }

        (members, length) = (found, end + 2 - i);
        return true;
    }
}
