using System.Text;
using Polygate.Model;

namespace Polygate.Dialects.Kong;

/// <summary>The annotation <c>rewrite</c>: a new path in which <c>$1</c> stands for what a group of the route's expression matched, <c>\$</c> for a dollar sign.</summary>
internal static class KongRewrite
{
    /// <summary>The rewrite of requests that came by a path.</summary>
    public static PathRewrite Of(string template, KongPath path)
    {
        var text = template.Length == 0 ? "/" : template;
        return path.Regex is { } regex && path.Pattern.Kind == PathPatternKind.Regex
            ? new RegexRewrite("^(?:" + regex + ")", Substitution(text, keepsGroups: true)) { WholePath = true }
            : new ReplaceFullPath(Substitution(text, keepsGroups: false).Replace("$$", "$", StringComparison.Ordinal));
    }

    private static string Substitution(string template, bool keepsGroups)
    {
        var result = new StringBuilder(template.Length + 8);
        for (var at = 0; at < template.Length; at++)
        {
            if (template[at] == '\\' && at + 1 < template.Length && template[at + 1] == '$')
            {
                result.Append("$$");
                at++;
            }
            else if (template[at] == '$' && at + 1 < template.Length && char.IsAsciiDigit(template[at + 1]))
            {
                var start = at + 1;
                while (at + 1 < template.Length && char.IsAsciiDigit(template[at + 1]))
                {
                    at++;
                }

                // A path that is no expression has no groups: they are empty.
                result.Append(keepsGroups ? "${" + template[start..(at + 1)] + "}" : "");
            }
            else
            {
                result.Append(template[at] == '$' ? "$$" : template[at].ToString());
            }
        }

        return result.ToString();
    }
}
