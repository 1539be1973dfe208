namespace Polygate.Model;

/// <summary>How a <see cref="PathPattern"/> compares.</summary>
public enum PathPatternKind
{
    /// <summary>Every path.</summary>
    Any,

    /// <summary>The whole path; <c>/foo</c> is not <c>/foo/</c>.</summary>
    Exact,

    /// <summary>
    /// Element-wise prefix (Gateway API, Ingress): <c>/foo</c> and <c>/foo/</c> both match <c>/foo</c>, <c>/foo/</c> and <c>/foo/x</c>,
    /// never <c>/foobar</c>.
    /// </summary>
    ElementPrefix,

    /// <summary>Plain text prefix (Traefik, Kong, Gloo, Ambassador): <c>/foo</c> matches <c>/foobar</c>.</summary>
    StringPrefix,

    /// <summary>A regular expression searched in the path, unanchored; anchors are part of the pattern.</summary>
    Regex,
}

/// <summary>
/// A pattern over the request's path: percent-encoded unreserved characters decoded, remaining escapes in upper case,
/// dot segments removed (RFC 3986 section 6.2.2), without the query.
/// </summary>
/// <param name="Kind">How it compares.</param>
/// <param name="Value">The path, or the regular expression.</param>
/// <param name="IgnoreCase">Whether letters compare without case (ASCII).</param>
public readonly record struct PathPattern(PathPatternKind Kind, string Value, bool IgnoreCase = false)
{
    /// <summary>
    /// Whether the request's path is compared as nginx does: with all escapes decoded (<c>%2F</c> is a slash), then runs of slashes as
    /// one, then dot segments removed. Only how a route is found changes, not what the backend sees. All patterns of one scope agree.
    /// </summary>
    public bool Decoded { get; init; }

    public static PathPattern Any => new(PathPatternKind.Any, "");

    public static PathPattern Exact(string path, bool ignoreCase = false) => new(PathPatternKind.Exact, path, ignoreCase);

    public static PathPattern ElementPrefix(string path) => new(PathPatternKind.ElementPrefix, path);

    public static PathPattern StringPrefix(string path, bool ignoreCase = false) => new(PathPatternKind.StringPrefix, path, ignoreCase);

    public static PathPattern Regex(string pattern, bool ignoreCase = false) => new(PathPatternKind.Regex, pattern, ignoreCase);

    public override string ToString() => Kind switch
    {
        PathPatternKind.Any => "*",
        PathPatternKind.Exact => "=" + Value,
        PathPatternKind.ElementPrefix => Value.EndsWith('/') ? Value + "**" : Value + "/**",
        PathPatternKind.StringPrefix => Value + "*",
        _ => "~" + Value,
    } + (IgnoreCase ? " (any case)" : "");
}
