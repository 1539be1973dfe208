using System.Globalization;
using System.Text;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Snippets;

/// <summary>Answers of <c>return</c> and of <c>rewrite</c> that redirects.</summary>
internal static class SnippetAnswers
{
    /// <summary><c>return code [text]</c>, <c>return code URL</c> or <c>return URL</c>.</summary>
    public static RouteAction Return(SnippetDirective directive)
    {
        if (directive.Arguments is [var first] && first.Contains("://", StringComparison.Ordinal))
        {
            return Redirect(directive, 302, first);
        }

        if (directive.Arguments is not [var code, ..] || directive.Arguments.Count > 2
            || !int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var status) || status is < 200 or > 599)
        {
            throw SnippetCompiler.Refused(directive, "expected a status from 200 to 599 and a text or URL");
        }

        var text = directive.Arguments is [_, var written] ? written : "";
        if (status is 301 or 302 or 303 or 307 or 308)
        {
            return Redirect(directive, status, text);
        }

        return text.Contains('$') ? throw SnippetCompiler.Refused(directive, "variables are not supported in the text") : new DirectResponseAction(status, text);
    }

    /// <summary>The redirect of <c>rewrite pattern target permanent</c>.</summary>
    public static RedirectAction Redirect(SnippetDirective directive, string pattern, string target, int status)
    {
        var rewrite = new RegexRewrite(pattern, "") { WholePath = true, Decoded = true };
        if (!target.Contains("://", StringComparison.Ordinal))
        {
            return target.StartsWith('/')
                ? new RedirectAction { Status = status, Path = rewrite with { Substitution = Substitution(directive, target) } }
                : throw SnippetCompiler.Refused(directive, "expected a path or a URL to redirect to");
        }

        var (scheme, host, port, path) = Address(directive, target);
        return new RedirectAction { Status = status, Scheme = scheme, Host = host, Port = port, Path = rewrite with { Substitution = Substitution(directive, path) } };
    }

    /// <summary>A replacement with captures as the model writes them.</summary>
    public static string Substitution(SnippetDirective directive, string target)
    {
        var result = new StringBuilder();
        for (var i = 0; i < target.Length; i++)
        {
            if (target[i] != '$')
            {
                result.Append(target[i]);
            }
            else if (i + 1 < target.Length && target[i + 1] is >= '1' and <= '9')
            {
                result.Append(CultureInfo.InvariantCulture, $"${{{target[++i]}}}");
            }
            else
            {
                throw SnippetCompiler.Refused(directive, "of the variables only the captures $1 to $9 are supported in a replacement");
            }
        }

        return target.Contains('?') ? throw SnippetCompiler.Refused(directive, "a query in the replacement is not supported") : result.ToString();
    }

    private static RedirectAction Redirect(SnippetDirective directive, int status, string target)
    {
        const string RequestUri = "$request_uri";
        if (!target.EndsWith(RequestUri, StringComparison.Ordinal))
        {
            return !target.Contains('$') && (target.StartsWith('/') || Uri.TryCreate(target, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
                ? new RedirectAction { Status = status, Location = target }
                : throw SnippetCompiler.Refused(directive, "expected an address, with no variable but $request_uri at its end");
        }

        var (scheme, host, port, path) = Address(directive, target[..^RequestUri.Length]);
        return path.Length == 0 ? new RedirectAction { Status = status, Scheme = scheme, Host = host, Port = port } : new RedirectAction
        {
            Status = status,
            Scheme = scheme,
            Host = host,
            Port = port,
            Path = new AddPrefix(path.TrimEnd('/')),
        };
    }

    /// <summary>Scheme, host (null for the client's), port and path of an address; the host may be <c>$host</c>.</summary>
    private static (string Scheme, string? Host, int? Port, string Path) Address(SnippetDirective directive, string target)
    {
        var plain = target.Replace("://$host", "://host.invalid", StringComparison.Ordinal).Replace("://$http_host", "://host.invalid", StringComparison.Ordinal);
        var start = plain.IndexOf("://", StringComparison.Ordinal);
        var end = start < 0 ? -1 : plain.IndexOf('/', start + 3);
        var server = end < 0 ? plain : plain[..end];
        if (server.Contains('$') || !Uri.TryCreate(server, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw SnippetCompiler.Refused(directive, "expected an http or https address");
        }

        return (uri.Scheme, uri.Host == "host.invalid" ? null : uri.Host, uri.IsDefaultPort ? null : uri.Port, end < 0 ? "" : plain[end..]);
    }
}
