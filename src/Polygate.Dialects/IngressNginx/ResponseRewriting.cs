using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>proxy-cookie-domain, proxy-cookie-path and proxy-redirect-from with -to: what is changed in the backend's answers.</summary>
internal sealed record ResponseRewriting
{
    /// <summary>Null for none.</summary>
    public CookieRewriteFilter? Cookies { get; init; }

    /// <summary>Null for none.</summary>
    public LocationRewriteFilter? Location { get; init; }

    public static ResponseRewriting Parse(AnnotationReader reader)
    {
        // Domains compare without case and without the dot in front (nginx proxy_cookie_domain).
        var domains = Replacement(reader, "proxy-cookie-domain", ParsePair(reader, "proxy-cookie-domain"), TextReplacementKind.Exact, ignoreCase: true);
        var paths = Replacement(reader, "proxy-cookie-path", ParsePair(reader, "proxy-cookie-path"), TextReplacementKind.Prefix, ignoreCase: false);
        return new ResponseRewriting
        {
            Cookies = domains.IsEmpty && paths.IsEmpty ? null : new CookieRewriteFilter { Domains = domains, Paths = paths },
            Location = ParseLocation(reader),
        };
    }

    private static LocationRewriteFilter? ParseLocation(AnnotationReader reader)
    {
        var from = reader.Text("proxy-redirect-from") ?? "off";
        var to = reader.Text("proxy-redirect-to") ?? "off";
        if (from == "off" || (from != "default" && to == "off"))
        {
            return null;
        }

        if (from == "default")
        {
            reader.Inform("annotation-without-effect", "proxy-redirect-from", "The default is to change addresses of the backend that stand in the configuration; there are none.");
            return null;
        }

        var rules = Replacement(reader, "proxy-redirect-from", (from, to), TextReplacementKind.Prefix, ignoreCase: false);
        return rules.IsEmpty ? null : new LocationRewriteFilter(rules);
    }

    /// <summary>Two words; null for <c>off</c>, or when there are not two.</summary>
    private static (string From, string To)? ParsePair(AnnotationReader reader, string name)
    {
        switch ((reader.Text(name) ?? "off").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            case ["off"]:
                return null;
            case [var from, var to]:
                return (from, to);
            default:
                reader.UseDefault(name, "Expected what is replaced and its replacement, or off.");
                return null;
        }
    }

    /// <summary>A text, or <c>~</c> or <c>~*</c> and a regular expression.</summary>
    private static ValueList<TextReplacement> Replacement(
        AnnotationReader reader, string name, (string From, string To)? pair, TextReplacementKind plain, bool ignoreCase)
    {
        if (pair is not var (from, to))
        {
            return [];
        }

        var isPattern = from[0] == '~';
        if (!isPattern && !from.All(character => character is > ' ' and < '\u007f' and not (';' or ',' or '"' or '\\' or '$')))
        {
            reader.UseDefault(name, $"\"{from}\" has a character that neither a domain nor a path nor an address has.");
            return [];
        }

        if (!to.All(character => character is > ' ' and < '\u007f' and not (';' or ',' or '"' or '\\')) || (to.Contains('$') && !isPattern))
        {
            reader.UseDefault(name == "proxy-redirect-from" ? "proxy-redirect-to" : name, $"\"{to}\" has a character or variable that a replacement does not allow.");
            return [];
        }

        if (!isPattern)
        {
            return [new TextReplacement(plain, from, to) { IgnoreCase = ignoreCase }];
        }

        var withoutCase = from.StartsWith("~*", StringComparison.Ordinal);
        var pattern = from[(withoutCase ? 2 : 1)..];
        if (LocationRegex.Check(pattern).Problem is { } problem)
        {
            reader.UseDefault(name, $"\"{pattern}\" is not a regular expression: {problem}");
            return [];
        }

        return [new TextReplacement(TextReplacementKind.Regex, pattern, to) { IgnoreCase = ignoreCase || withoutCase }];
    }
}
