using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>
/// Reads text with nginx's variables as a typed template. Only variables that tell something about the request are known;
/// text is never handed on to be interpreted elsewhere.
/// </summary>
internal static class NginxTemplate
{
    /// <summary>The template of a text.</summary>
    /// <param name="text">Variables are written <c>$name</c> or <c>${name}</c>.</param>
    /// <param name="problem">Names the variable that is not known; empty when there is none.</param>
    /// <param name="literals">Further variables and the text that they stand for (a snippet's <c>set</c>).</param>
    /// <param name="scriptIndex">The <c>fastcgi_index</c>, where the text is for a FastCGI application: that makes further variables known. Otherwise null.</param>
    /// <returns>Null with a problem.</returns>
    public static TextTemplate? Parse(string text, out string problem, IReadOnlyDictionary<string, string>? literals = null, string? scriptIndex = null)
    {
        var parts = new List<TextPart>();
        problem = "";
        for (var i = 0; i < text.Length;)
        {
            var dollar = text.IndexOf('$', i);
            if (dollar != i)
            {
                AddLiteral(parts, dollar < 0 ? text[i..] : text[i..dollar]);
                i = dollar < 0 ? text.Length : dollar;
                continue;
            }

            var name = ReadName(text, i + 1, out i);
            if (literals is not null && literals.TryGetValue(name, out var literal))
            {
                AddLiteral(parts, literal);
            }
            else if ((PartsOf(name) ?? ScriptPartsOf(name, scriptIndex)) is { } known)
            {
                parts.AddRange(known);
            }
            else
            {
                problem = $"The variable ${name} is not supported.";
                return null;
            }
        }

        return new TextTemplate(parts.ToValueList());
    }

    /// <summary>The text of a template without variables; null when it has any.</summary>
    public static string? Literal(TextTemplate template) => template.Parts.Count switch
    {
        0 => "",
        1 when template.Parts[0].Source == TextSource.Literal => template.Parts[0].Name,
        _ => null,
    };

    /// <summary>What a variable stands for; null for one that is not known.</summary>
    private static TextPart[]? PartsOf(string name) => name switch
    {
        "host" => [new(TextSource.Host)],
        "http_host" or "best_http_host" => [new(TextSource.Authority)],
        "scheme" or "pass_access_scheme" => [new(TextSource.Scheme)],
        "request_uri" => [new(TextSource.PathAndQuery)],
        "escaped_request_uri" => [new(TextSource.PathAndQuery) { Escape = true }],
        "uri" or "document_uri" => [new(TextSource.Path)],
        "args" or "query_string" => [new(TextSource.Query)],
        "remote_addr" or "the_real_ip" or "realip_remote_addr" or "binary_remote_addr" => [new(TextSource.ClientAddress)],
        "request_method" => [new(TextSource.Method)],
        "server_port" or "pass_server_port" or "pass_port" => [new(TextSource.Port)],
        "req_id" or "request_id" => [new(TextSource.Header, "X-Request-ID")],
        _ when After(name, "http_") is { } header => [new(TextSource.Header, header.Replace('_', '-'))],
        _ when After(name, "cookie_") is { } cookie => [new(TextSource.Cookie, cookie)],
        _ when After(name, "arg_") is { } argument => [new(TextSource.QueryParameter, argument)],
        _ => null,
    };

    /// <summary>The variables of nginx's FastCGI module. Nothing splits the path there, so that there is no <c>PATH_INFO</c>.</summary>
    private static TextPart[]? ScriptPartsOf(string name, string? index) => (name, index) switch
    {
        ("fastcgi_script_name", not null) => [new(TextSource.Document, index)],
        ("fastcgi_path_info", not null) => [],
        _ => null,
    };

    private static string? After(string name, string prefix) =>
        name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : null;

    private static void AddLiteral(List<TextPart> parts, string text)
    {
        if (parts is [.., { Source: TextSource.Literal } last])
        {
            parts[^1] = TextPart.Literal(last.Name + text);
        }
        else if (text.Length > 0)
        {
            parts.Add(TextPart.Literal(text));
        }
    }

    private static string ReadName(string text, int start, out int end)
    {
        var braced = start < text.Length && text[start] == '{';
        var first = braced ? start + 1 : start;
        end = first;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
        {
            end++;
        }

        var name = text[first..end];
        if (braced)
        {
            // Without its closing brace it is no variable.
            name = end < text.Length && text[end] == '}' ? name : "{" + name;
            end = Math.Min(end + 1, text.Length);
        }

        return name;
    }
}
