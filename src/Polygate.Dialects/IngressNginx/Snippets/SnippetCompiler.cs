using System.Globalization;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Snippets;

/// <summary>
/// Makes typed values of a snippet's directives. A directive that is not of the subset refuses the snippet, with its name and
/// line: nothing of it is ever skipped.
/// </summary>
internal sealed class SnippetCompiler
{
    private readonly Dictionary<string, string> variables = new(StringComparer.Ordinal);
    private readonly List<SnippetAnswer> answers = [];
    private readonly List<string> allow = [];
    private readonly List<string> deny = [];
    private readonly List<HeaderTemplate> requestHeaders = [];
    private readonly List<HeaderValue> setHeaders = [];
    private readonly List<HeaderValue> addedHeaders = [];
    private readonly List<string> clearedHeaders = [];
    private Snippet snippet = Snippet.Empty;
    private bool isDenyAll;

    /// <summary>The snippet of a text.</summary>
    /// <exception cref="SnippetException">It has something that is not of the subset; the message says what and where.</exception>
    public static Snippet Compile(string text)
    {
        var compiler = new SnippetCompiler();
        foreach (var directive in SnippetParser.Parse(text))
        {
            compiler.Add(directive);
        }

        return compiler.Result();
    }

    private Snippet Result() => snippet with
    {
        Answers = answers.ToValueList(),
        Addresses = allow.Count == 0 && deny.Count == 0 ? null : new AddressAccessFilter { Allow = isDenyAll ? allow.ToValueList() : [], Deny = deny.ToValueList() },
        RequestHeaders = requestHeaders.ToValueList(),
        ResponseHeaders = new HeaderChanges { Remove = clearedHeaders.ToValueList(), Set = setHeaders.ToValueList(), Add = addedHeaders.ToValueList() },
    };

    private void Add(SnippetDirective directive)
    {
        if (directive.Block is not null && directive.Name != "if")
        {
            throw Refused(directive);
        }

        // In the rewrite phase nothing comes after an answer to everything; headers of the answer still do.
        switch (directive.Name)
        {
            case "set":
                AddVariable(directive);
                break;
            case "return":
                answers.Add(new SnippetAnswer([], SnippetAnswers.Return(directive)));
                break;
            case "rewrite":
                AddRewrite(directive, []);
                break;
            case "if":
                AddConditional(directive);
                break;
            case "allow" or "deny":
                AddAddress(directive);
                break;
            case "proxy_set_header" or "more_set_input_headers":
                AddRequestHeader(directive);
                break;
            case "add_header" or "more_set_headers" or "more_clear_headers" or "proxy_hide_header":
                AddResponseHeader(directive);
                break;
            case "client_max_body_size":
                snippet = snippet with { MaximumBody = SizeOf(directive) };
                break;
            case "proxy_read_timeout" or "proxy_send_timeout":
                snippet = snippet with { IdleTimeout = DurationOf(directive) };
                break;
            case "proxy_connect_timeout":
                snippet = snippet with { ConnectTimeout = DurationOf(directive) };
                break;
            default:
                throw Refused(directive);
        }
    }

    /// <summary><c>set $name text</c>: stands for the text in what follows.</summary>
    private void AddVariable(SnippetDirective directive)
    {
        if (directive.Arguments is not [['$', .. var name], var value] || name.Length == 0 || LiteralOf(value, directive) is not { } literal)
        {
            throw Refused(directive, "expected a variable and a text");
        }

        variables[name] = literal;
    }

    private void AddRewrite(SnippetDirective directive, ValueList<MatchCondition> conditions)
    {
        if (directive.Arguments.Count is not (2 or 3))
        {
            throw Refused(directive, "expected a pattern, a replacement and a flag");
        }

        var (pattern, target, flag) = (directive.Arguments[0], directive.Arguments[1], directive.Arguments.ElementAtOrDefault(2));

        if (LocationRegex.Check(pattern).Problem is { } problem)
        {
            throw Refused(directive, $"\"{pattern}\" is not a regular expression: {problem}");
        }

        switch (flag)
        {
            case "redirect" or "permanent":
                var match = new PathCondition(PathPattern.Regex(pattern) with { Decoded = true });
                answers.Add(new SnippetAnswer([.. conditions, match], SnippetAnswers.Redirect(directive, pattern, target, flag == "permanent" ? 301 : 302)));
                break;
            case "break" when conditions.IsEmpty && snippet.Rewrite is null:
                snippet = snippet with { Rewrite = new RewriteFilter { Path = new RegexRewrite(pattern, SnippetAnswers.Substitution(directive, target)) { WholePath = true, Decoded = true } } };
                break;
            default:
                throw Refused(directive, "of the flags only redirect, permanent and one break are supported");
        }
    }

    /// <summary><c>if</c> with answers in it; with anything else the snippet is refused.</summary>
    private void AddConditional(SnippetDirective directive)
    {
        var conditions = SnippetConditions.Parse(directive);
        foreach (var inner in directive.Block ?? throw Refused(directive, "expected a block"))
        {
            switch (inner.Name)
            {
                case "return" when inner.Block is null:
                    answers.Add(new SnippetAnswer(conditions, SnippetAnswers.Return(inner)));
                    break;
                case "rewrite" when inner.Block is null:
                    AddRewrite(inner, conditions);
                    break;
                default:
                    throw Refused(inner, "inside if only return and redirecting rewrites are supported");
            }
        }
    }

    /// <summary>The first rule that fits counts; a list of denials, of admissions with <c>deny all</c> after them, or both in this order, is the same in any order.</summary>
    private void AddAddress(SnippetDirective directive)
    {
        var isAllow = directive.Name == "allow";
        if (directive.Arguments is not [var network] || isDenyAll)
        {
            throw Refused(directive, isDenyAll ? "nothing can come after deny all" : "expected a network");
        }

        if (network == "all")
        {
            isDenyAll = !isAllow;
            if (isDenyAll && allow.Count == 0)
            {
                deny.AddRange(["0.0.0.0/0", "::/0"]);
            }

            return;
        }

        if (!AnnotationReader.IsNetwork(network))
        {
            throw Refused(directive, $"\"{network}\" is not a network");
        }

        if (!isAllow && allow.Count > 0)
        {
            throw Refused(directive, "a denial after an admission is not supported");
        }

        (isAllow ? allow : deny).Add(network);
    }

    private void AddRequestHeader(SnippetDirective directive)
    {
        foreach (var (name, value) in HeadersOf(directive))
        {
            var template = NginxTemplate.Parse(value, out var problem, variables) ?? throw Refused(directive, problem);
            requestHeaders.RemoveAll(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            requestHeaders.Add(new HeaderTemplate(name, template));
        }
    }

    private void AddResponseHeader(SnippetDirective directive)
    {
        if (directive.Name is "more_clear_headers" or "proxy_hide_header")
        {
            if (directive.Arguments.Count == 0 || directive.Arguments.Any(name => !HeaderNames.IsName(name)))
            {
                throw Refused(directive, "expected names of headers");
            }

            clearedHeaders.AddRange(directive.Arguments);
            return;
        }

        foreach (var (name, value) in HeadersOf(directive))
        {
            var text = LiteralOf(value, directive) ?? throw Refused(directive, "variables are not supported in headers of answers");
            (directive.Name == "add_header" ? addedHeaders : setHeaders).Add(new HeaderValue(name, text));
        }
    }

    /// <summary><c>name value</c>, or for the directives of the headers-more module any number of <c>"name: value"</c>.</summary>
    private static IEnumerable<(string Name, string Value)> HeadersOf(SnippetDirective directive)
    {
        var arguments = directive.Arguments;
        if (directive.Name is "add_header" or "proxy_set_header")
        {
            // "always" is how it is in any case: filters pass every answer.
            arguments = directive.Name == "add_header" && arguments is [_, _, "always"] ? [.. arguments.Take(2)] : arguments;
            return arguments is [var name, var value] && HeaderNames.IsName(name) && HeaderNames.IsValue(value)
                ? [(name, value)]
                : throw Refused(directive, "expected the name of a header and a value");
        }

        var headers = arguments.Select(argument => argument.Split(':', 2)).ToList();
        return headers.Count > 0 && headers.All(parts => parts.Length == 2 && HeaderNames.IsName(parts[0].Trim()) && HeaderNames.IsValue(parts[1]))
            ? headers.Select(parts => (parts[0].Trim(), parts[1].Trim()))
            : throw Refused(directive, "expected \"name: value\"");
    }

    private string? LiteralOf(string text, SnippetDirective directive) =>
        NginxTemplate.Literal(NginxTemplate.Parse(text, out var problem, variables) ?? throw Refused(directive, problem));

    private static long SizeOf(SnippetDirective directive)
    {
        var text = directive.Arguments is [var only] ? only : "";
        var shift = text.Length == 0 ? -1 : char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        return long.TryParse(shift > 0 ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue >> 30
            ? number << Math.Max(shift, 0)
            : throw Refused(directive, "expected a size");
    }

    private static TimeSpan DurationOf(SnippetDirective directive) =>
        (directive.Arguments is [var only] ? NginxDuration.Parse(only) : null) is { } duration && duration > TimeSpan.Zero
            ? duration
            : throw Refused(directive, "expected a duration");

    internal static SnippetException Refused(SnippetDirective directive, string why = "it is not of the supported subset") =>
        new($"The directive {directive.Name} is refused ({why})", directive.Line);
}
