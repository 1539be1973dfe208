using Polygate.Model;

namespace Polygate.Analysis;

/// <summary>Where a redirect leads.</summary>
internal static class RedirectDescription
{
    public static string Target(RedirectAction redirect)
    {
        if (redirect.Location is { } location)
        {
            return location;
        }

        var port = redirect.Port is > 0 and var number ? $":{number}" : "";
        var path = redirect.Path is null ? "/the same path" : $" with {PathDescription.Of(redirect.Path)}";
        return $"{redirect.Scheme ?? "the same scheme"}://{redirect.Host ?? "the same host"}{port}{path}{(redirect.StripQuery ? " without the query" : "")}";
    }
}

/// <summary>What becomes of a path.</summary>
internal static class PathDescription
{
    public static string Of(PathRewrite rewrite) => rewrite switch
    {
        ReplaceFullPath full => $"the path {full.Path}",
        ReplaceElementPrefix prefix => $"{prefix.Replacement} in place of the path's beginning {prefix.Prefix}",
        ReplaceTextPrefix text => $"{text.Replacement} in place of the path's first {text.Length} characters",
        StripPrefixes strip => $"the path without {string.Join(" or ", strip.Prefixes)} at its beginning",
        AddPrefix add => $"{add.Prefix} put before the path",
        RegexRewrite regex => $"what {regex.Pattern} finds in the path {(regex.WholePath ? "making it" : "replaced by")} {regex.Substitution}",
        JoinBasePath join => $"the path {(join.StripLength > 0 || join.StripPattern is not null ? "without its matched part " : "")}put behind {join.BasePath}",
        _ => rewrite.ToString(),
    };
}
