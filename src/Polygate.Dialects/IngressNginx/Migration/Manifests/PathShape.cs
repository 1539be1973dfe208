using System.Text.RegularExpressions;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Migration.Manifests;

/// <summary>
/// The usual ways to write a prefix as a regular expression: <c>/app(/|$)(.*)</c>, <c>/app/(.*)</c>, <c>/app/?(.*)</c>, <c>/app(.*)</c>, and the
/// prefix itself.
/// </summary>
/// <param name="Prefix">The prefix, without a slash at its end unless it is nothing else.</param>
/// <param name="Rest">The number of the group that holds what follows it; 0 where nothing does.</param>
/// <param name="SlashGroup">The number of the group that holds the slash between; 0 for none.</param>
internal sealed partial record PathShape(string Prefix, int Rest, int SlashGroup)
{
    /// <summary>The shape of a path on a host of regular expressions; null for any other expression.</summary>
    public static PathShape? Of(string path)
    {
        var match = Shapes().Match(path);
        if (!match.Success)
        {
            return null;
        }

        var prefix = match.Groups["prefix"].Value.TrimEnd('/');
        var rest = match.Groups["rest"].Value;
        return new PathShape(prefix.Length == 0 ? "/" : prefix, rest.Length == 0 ? 0 : rest[0] == '(' && rest[1] == '/' ? 2 : 1, rest.StartsWith("(/", StringComparison.Ordinal) ? 1 : 0);
    }

    /// <summary>What stands for the prefix where a rewrite keeps what follows it; null where it does anything else.</summary>
    public string? Replacement(RegexRewrite rewrite)
    {
        var text = rewrite.Substitution;
        if (Rest == 0 || !text.EndsWith($"${{{Rest}}}", StringComparison.Ordinal))
        {
            return null;
        }

        text = text[..^$"${{{Rest}}}".Length];
        if (SlashGroup > 0 && text.EndsWith($"${{{SlashGroup}}}", StringComparison.Ordinal))
        {
            text = text[..^$"${{{SlashGroup}}}".Length];
        }

        return text.Contains("${", StringComparison.Ordinal) || text is [not '/', ..] ? null : text.Length == 0 ? "/" : text;
    }

    [GeneratedRegex(@"^(?<prefix>/[A-Za-z0-9/_.~-]*?)(?<rest>(\(/\|\$\)|/|/\?)?\(\.\*\))?\$?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Shapes();
}
