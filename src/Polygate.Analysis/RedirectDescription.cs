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

        List<string> changes = [];
        if (redirect.Scheme is { } scheme)
        {
            changes.Add(scheme);
        }

        if (redirect.Host is { } host)
        {
            changes.Add($"host {host}");
        }

        if (redirect.Port is > 0 and var port)
        {
            changes.Add($"port {port}");
        }

        if (redirect.Path is not null)
        {
            changes.Add(PathDescription.Of(redirect.Path));
        }

        if (redirect.StripQuery)
        {
            changes.Add("no query");
        }

        return changes.Count == 0 ? "the same URL" : string.Join(", ", changes);
    }
}

/// <summary>What becomes of a path.</summary>
internal static class PathDescription
{
    public static string Of(PathRewrite rewrite) => rewrite switch
    {
        ReplaceFullPath full => $"the path {full.Path}",
        ReplaceElementPrefix prefix => $"{prefix.Prefix} becomes {prefix.Replacement}",
        ReplaceTextPrefix text => $"{text.Replacement} in place of the path's first {text.Length} characters",
        StripPrefixes strip => $"the path without {string.Join(" or ", strip.Prefixes)} at its beginning",
        AddPrefix add => $"{add.Prefix} put before the path",
        RegexRewrite regex => $"what {regex.Pattern} finds in the path {(regex.WholePath ? "making it" : "replaced by")} {regex.Substitution}",
        JoinBasePath join => $"the path {(join.StripLength > 0 || join.StripPattern is not null ? "without its matched part " : "")}put behind {join.BasePath}",
        _ => rewrite.ToString(),
    };
}
