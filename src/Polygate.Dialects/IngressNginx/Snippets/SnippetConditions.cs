using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Snippets;

/// <summary>Conditions of <c>if</c>: a variable about the request, compared with a text or a regular expression, or merely looked at.</summary>
internal static class SnippetConditions
{
    /// <summary>Neither empty nor <c>0</c>.</summary>
    private static readonly TextPattern IsTrue = TextPattern.Regex("^([^0]|0.)");

    public static ValueList<MatchCondition> Parse(SnippetDirective directive)
    {
        return Words(directive) switch
        {
            [['$', .. var variable]] => [Condition(directive, variable, IsTrue, negated: false)],
            [['$', .. var variable], var comparison, var value] => [Comparison(directive, variable, comparison, value)],
            _ => throw SnippetCompiler.Refused(directive, "expected a variable, possibly with a comparison and a value"),
        };
    }

    /// <summary>The words in the parentheses, which may stand by themselves or belong to the first and the last word.</summary>
    private static List<string> Words(SnippetDirective directive)
    {
        var words = directive.Arguments.ToList();
        if (words is not [['(', ..], ..] || !words[^1].EndsWith(')'))
        {
            throw SnippetCompiler.Refused(directive, "expected a condition in parentheses");
        }

        words[0] = words[0][1..];
        words[^1] = words[^1][..^1];
        if (words[0].Length == 0)
        {
            words.RemoveAt(0);
        }

        // A closing parenthesis of its own leaves an empty word; an empty text in quotation marks is a word before it.
        if (words.Count is 2 or 4 && words[^1].Length == 0)
        {
            words.RemoveAt(words.Count - 1);
        }

        return words;
    }

    private static MatchCondition Comparison(SnippetDirective directive, string variable, string comparison, string value)
    {
        if (comparison is "=" or "!=")
        {
            return Condition(directive, variable, TextPattern.Exact(value), negated: comparison == "!=");
        }

        if (comparison is not ("~" or "~*" or "!~" or "!~*"))
        {
            throw SnippetCompiler.Refused(directive, $"the comparison {comparison} is not supported");
        }

        if (LocationRegex.Check(value) is not { Problem: null, IsLinear: true })
        {
            throw SnippetCompiler.Refused(directive, $"\"{value}\" is not a regular expression that runs in linear time");
        }

        return Condition(directive, variable, TextPattern.Regex(value, ignoreCase: comparison.EndsWith('*')), negated: comparison[0] == '!');
    }

    private static MatchCondition Condition(SnippetDirective directive, string variable, TextPattern pattern, bool negated)
    {
        // An absent header is empty text to nginx: it equals "" and nothing else.
        if (pattern is { Kind: TextPatternKind.Exact, Value: "" })
        {
            (pattern, negated) = (TextPattern.Regex("."), !negated);
        }

        return variable switch
        {
            "request_method" when pattern.Kind == TextPatternKind.Exact => new MethodCondition([pattern.Value]) { Negated = negated },
            "request_method" when Methods(pattern) is { } methods => new MethodCondition(methods) { Negated = negated },
            "host" when pattern.Kind == TextPatternKind.Exact => new HostCondition(HostPattern.Exact(pattern.Value)) { Negated = negated },
            "host" => new HostCondition(HostPattern.Regex(pattern.Value)) { Negated = negated },
            "uri" when pattern.Kind == TextPatternKind.Exact => new PathCondition(PathPattern.Exact(pattern.Value)) { Negated = negated },
            "uri" => new PathCondition(PathPattern.Regex(pattern.Value, pattern.IgnoreCase)) { Negated = negated },
            "scheme" when pattern is { Kind: TextPatternKind.Exact, Value: "http" or "https" } => new TlsCondition { Negated = negated ^ (pattern.Value == "http") },
            ['h', 't', 't', 'p', '_', .. var header] when header is { Length: > 0 } and not "host" => new HeaderCondition(header.Replace('_', '-'), [pattern]) { Negated = negated, JoinValues = true },
            ['c', 'o', 'o', 'k', 'i', 'e', '_', .. var cookie] when cookie.Length > 0 => new CookieCondition(cookie, pattern) { Negated = negated },
            ['a', 'r', 'g', '_', .. var argument] when argument.Length > 0 => new QueryCondition(argument, [pattern]) { Negated = negated, FirstValueOnly = true },
            _ => throw SnippetCompiler.Refused(directive, $"the variable ${variable} is not supported"),
        };
    }

    /// <summary>The methods of an expression such as <c>^(POST|PUT)$</c>; null for any other.</summary>
    private static ValueList<string>? Methods(TextPattern pattern)
    {
        var text = pattern.Value.TrimStart('^').TrimEnd('$').TrimStart('(').TrimEnd(')');
        return pattern.Value is ['^', .., '$'] && text.Split('|') is var methods && methods.All(method => method.Length > 0 && method.All(char.IsAsciiLetterUpper))
            ? methods.ToValueList()
            : null;
    }
}
