namespace Polygate.Dialects.IngressNginx;

/// <summary>Checks header names and values that come from ConfigMaps and snippets.</summary>
internal static class HeaderNames
{
    /// <summary>Letters, digits, dashes and underscores, as ingress-nginx admits them.</summary>
    public static bool IsName(string name) =>
        name.Length > 0 && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');

    /// <summary>Nothing that ends the line (RFC 9110 section 5.5).</summary>
    public static bool IsValue(string? value) => value is null || !value.AsSpan().ContainsAny('\r', '\n', '\0');
}
