namespace Polygate.Dialects.Gloo.Routes;

/// <summary>What Gloo accepts as text of paths, rewrites and redirects.</summary>
internal static class PathRules
{
    private const string OtherPathCharacters = "-._~!$&'()*+,;=:@/";

    /// <summary>Why a path is not accepted; null when it is.</summary>
    public static string? Problem(string path)
    {
        for (var i = 0; i < path.Length; i++)
        {
            var c = path[i];
            if (c == '%' ? i + 2 >= path.Length || !char.IsAsciiHexDigit(path[i + 1]) || !char.IsAsciiHexDigit(path[i + 2])
                : !char.IsAsciiLetterOrDigit(c) && !OtherPathCharacters.Contains(c))
            {
                return $"the character {c} is not allowed in a path (RFC 3986 section 3.3)";
            }
        }

        foreach (var forbidden in (ReadOnlySpan<string>)["//", "/./", "/../", "%2f", "#"])
        {
            if (path.Contains(forbidden, StringComparison.OrdinalIgnoreCase))
            {
                return $"it contains {forbidden}";
            }
        }

        return path.EndsWith("/..", StringComparison.Ordinal) || path.EndsWith("/.", StringComparison.Ordinal) ? "it ends in a dot segment" : null;
    }
}
