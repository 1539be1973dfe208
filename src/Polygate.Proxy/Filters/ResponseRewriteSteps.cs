using System.Text;
using System.Text.RegularExpressions;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Filters;

/// <summary>Rules for replacing text in answers; the first that fits counts.</summary>
internal sealed class TextReplacer
{
    private readonly (TextReplacement Rule, Regex? Pattern)[] rules;

    public TextReplacer(ValueList<TextReplacement> rules, ICollection<string> problems)
    {
        var compiled = new List<(TextReplacement, Regex?)>();
        foreach (var rule in rules)
        {
            if (rule.Kind != TextReplacementKind.Regex)
                compiled.Add((rule, null));
            else if (TextRegex.TryCreate(rule.From, rule.IgnoreCase, out var regex, out var problem))
                compiled.Add((rule, regex.Regex));
            else
                problems.Add(problem);
        }

        this.rules = [.. compiled];
    }

    public bool IsEmpty => rules.Length == 0;

    /// <summary>The text in place of this one; null where no rule fits.</summary>
    public string? Replace(string text)
    {
        foreach (var (rule, pattern) in rules)
        {
            var comparison = rule.IgnoreCase || rule.Kind == TextReplacementKind.Exact ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
            if (rule.Kind == TextReplacementKind.Exact && text.Equals(rule.From, comparison))
                return rule.To;

            if (rule.Kind == TextReplacementKind.Prefix && text.StartsWith(rule.From, comparison))
                return rule.To + text[rule.From.Length..];

            if (pattern is not null && TryMatch(pattern, text) is { Success: true } match)
                return match.Result(rule.To);
        }

        return null;
    }

    private static Match? TryMatch(Regex pattern, string text)
    {
        try
        {
            return pattern.Match(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }
}

/// <summary>Changes <c>Location</c> and <c>Refresh</c> of the backend's answers.</summary>
internal sealed class LocationRewriteStep(LocationRewriteFilter filter, ICollection<string> problems) : FilterStep
{
    private readonly TextReplacer replacer = new(filter.Rules, problems);

    public override void OnResponse(RequestHead head, ResponseHead response, FilterState state)
    {
        if (state.Exchange is not { State.IsBackendAnswer: true })
            return;

        if (response.Headers.TryGet("location"u8, out var location) && replacer.Replace(Encoding.UTF8.GetString(location)) is { } target)
            response.Headers.Set("Location"u8, HeaderText.Value(target));

        if (response.Headers.TryGet("refresh"u8, out var refresh) && Encoding.UTF8.GetString(refresh) is var text
            && text.IndexOf("url=", StringComparison.OrdinalIgnoreCase) is >= 0 and var start
            && replacer.Replace(text[(start + "url=".Length)..]) is { } url)
        {
            response.Headers.Set("Refresh"u8, HeaderText.Value(text[..(start + "url=".Length)] + url));
        }
    }
}

/// <summary>Changes <c>Domain</c> and <c>Path</c> of the backend's cookies.</summary>
internal sealed class CookieRewriteStep(CookieRewriteFilter filter, ICollection<string> problems) : FilterStep
{
    private readonly TextReplacer domains = new(filter.Domains, problems);
    private readonly TextReplacer paths = new(filter.Paths, problems);

    public override void OnResponse(RequestHead head, ResponseHead response, FilterState state)
    {
        if (state.Exchange is not { State.IsBackendAnswer: true } || !response.Headers.Contains("set-cookie"u8))
            return;

        var cookies = new List<byte[]>();
        for (var i = response.Headers.IndexOf("set-cookie"u8); i >= 0; i = response.Headers.IndexOf("set-cookie"u8, i + 1))
            cookies.Add(HeaderText.Value(Rewrite(Encoding.UTF8.GetString(response.Headers.Value(i)))));

        response.Headers.Remove("set-cookie"u8);
        foreach (var cookie in cookies)
            response.Headers.Add("Set-Cookie"u8, cookie);
    }

    private string Rewrite(string cookie)
    {
        var parts = cookie.Split(';');
        for (var i = 1; i < parts.Length; i++)
        {
            var equals = parts[i].IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                continue;

            var replacer = parts[i][..equals].Trim().ToLowerInvariant() switch
            {
                "domain" => domains,
                "path" => paths,
                _ => null,
            };
            if (replacer?.Replace(parts[i][(equals + 1)..].Trim()) is { } value)
                parts[i] = $"{parts[i][..(equals + 1)]}{value}";
        }

        return string.Join(';', parts);
    }
}
