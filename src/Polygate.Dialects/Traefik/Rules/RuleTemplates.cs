using System.Text;
using System.Text.RegularExpressions;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Rules;

/// <summary>
/// The v2 syntax's templates: <c>{name}</c> stands for one path segment or host label, <c>{name:regex}</c> for what the expression matches;
/// text outside braces stands for itself.
/// </summary>
internal static class RuleTemplates
{
    public static HostPattern Host(RuleMatchers.Call call, string template) =>
        HostPattern.Regex("(?i)^" + Expand(call, template, "[^.]+") + "$");

    public static PathPattern Path(RuleMatchers.Call call, string template, bool prefix)
    {
        if (!template.Contains('{'))
        {
            var path = RuleMatchers.LiteralPath(call, template);
            return prefix ? PathPattern.StringPrefix(path) : PathPattern.Exact(path);
        }

        if (!template.StartsWith('/'))
        {
            throw call.Error($"needs a path that starts with a slash, found '{template}'");
        }

        return PathPattern.Regex("^" + Expand(call, template, "[^/]+") + (prefix ? "" : "$"));
    }

    /// <summary><c>key=value</c>; without a value the key's presence suffices.</summary>
    public static QueryCondition Query(RuleMatchers.Call call, string pair)
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        var key = equals < 0 ? pair : pair[..equals];
        var value = equals < 0 ? "" : pair[(equals + 1)..];
        TextPattern pattern = value switch
        {
            "" => TextPattern.Present,
            _ when value.Contains('{') => TextPattern.Regex("^" + Expand(call, value, ".*") + "$"),
            _ => TextPattern.Exact(value),
        };
        return new QueryCondition(key, [pattern]);
    }

    private static string Expand(RuleMatchers.Call call, string template, string defaultPattern)
    {
        var result = new StringBuilder();
        for (var at = 0; at < template.Length;)
        {
            if (template[at] == '}')
            {
                throw call.Error($"has a brace that nothing opens in '{template}'");
            }

            if (template[at] != '{')
            {
                var next = template.AsSpan(at).IndexOfAny('{', '}');
                var text = next < 0 ? template[at..] : template.Substring(at, next);
                result.Append(Regex.Escape(text));
                at += text.Length;
                continue;
            }

            var end = ClosingBrace(template, at);
            if (end < 0)
            {
                throw call.Error($"has a brace that nothing closes in '{template}'");
            }

            var inside = template[(at + 1)..end];
            var colon = inside.IndexOf(':', StringComparison.Ordinal);
            if (colon == inside.Length - 1 || inside.Length == 0)
            {
                throw call.Error($"has an empty template in '{template}'");
            }

            result.Append("(?:").Append(colon < 0 ? defaultPattern : call.Regex(inside[(colon + 1)..])).Append(')');
            at = end + 1;
        }

        return result.ToString();
    }

    /// <summary>The brace that closes the one at <paramref name="open"/>: quantifiers such as <c>{2,3}</c> nest.</summary>
    private static int ClosingBrace(string template, int open)
    {
        var depth = 0;
        for (var at = open; at < template.Length; at++)
        {
            depth += template[at] == '{' ? 1 : template[at] == '}' ? -1 : 0;
            if (depth == 0)
            {
                return at;
            }
        }

        return -1;
    }
}
