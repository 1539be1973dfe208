namespace Polygate.Model;

/// <summary>How a path is replaced. The query stays.</summary>
public abstract record PathRewrite
{
    private protected PathRewrite()
    {
    }
}

/// <summary>The whole path becomes <paramref name="Path"/>.</summary>
public sealed record ReplaceFullPath(string Path) : PathRewrite;

/// <summary>
/// The matched element prefix becomes <paramref name="Replacement"/>, the remainder joined with exactly one slash;
/// an empty result is <c>/</c> (Gateway API <c>ReplacePrefixMatch</c>).
/// </summary>
/// <param name="Prefix">The matched prefix.</param>
/// <param name="Replacement">What stands for it.</param>
public sealed record ReplaceElementPrefix(string Prefix, string Replacement) : PathRewrite;

/// <summary>
/// The first <paramref name="Length"/> characters become <paramref name="Replacement"/>: pure text, as Envoy, Gloo and
/// Ambassador do (prefix <c>/foo</c>, replacement <c>/</c>, path <c>/foo/x</c> gives <c>//x</c>).
/// </summary>
/// <param name="Length">Characters of the matched prefix.</param>
/// <param name="Replacement">What stands for them.</param>
public sealed record ReplaceTextPrefix(int Length, string Replacement) : PathRewrite;

/// <summary>
/// Strips the first of the prefixes (plain text) that the path starts with; the result starts with a slash
/// (Traefik <c>stripPrefix</c>).
/// </summary>
/// <param name="Prefixes">Tried in order.</param>
public sealed record StripPrefixes(ValueList<string> Prefixes) : PathRewrite
{
    /// <summary>The request header that says what was stripped (<c>X-Forwarded-Prefix</c>); null for none.</summary>
    public string? RecordIn { get; init; }
}

/// <summary>Puts <paramref name="Prefix"/> before the path.</summary>
public sealed record AddPrefix(string Prefix) : PathRewrite;

/// <summary>
/// Replaces what a regular expression finds in the path. <c>$1</c>, <c>${1}</c> and <c>${name}</c> in the substitution stand for captures,
/// <c>$$</c> for a dollar sign; any other text stands for itself. A question mark in the result begins parameters that are put
/// before those of the request (nginx); all other rewrites escape it.
/// </summary>
/// <param name="Pattern">Searched unanchored.</param>
/// <param name="Substitution">What stands for the match.</param>
public sealed record RegexRewrite(string Pattern, string Substitution) : PathRewrite
{
    public bool IgnoreCase { get; init; }

    /// <summary>Whether every match is replaced (Envoy, Traefik) or only the first.</summary>
    public bool All { get; init; }

    /// <summary>
    /// Whether the pattern is searched in the path as <see cref="PathPattern.Decoded"/> sees it, byte by byte; the result is encoded
    /// again, and no question mark in it begins parameters.
    /// </summary>
    public bool Decoded { get; init; }

    /// <summary>Whether the substitution becomes the whole path (nginx <c>rewrite</c>) instead of the matched part.</summary>
    public bool WholePath { get; init; }
}

/// <summary>
/// Kong's upstream path (path handling v0): the service's base path and the request's path, with the matched part
/// stripped where asked, joined by Kong's slash rules.
/// </summary>
/// <param name="BasePath">The service's path; <c>/</c> when it has none.</param>
/// <param name="StripLength">Characters of the matched prefix to strip; 0 keeps the path.</param>
/// <param name="StripPattern">For a regular-expression path: what is stripped is what this finds at the start; otherwise null.</param>
public sealed record JoinBasePath(string BasePath, int StripLength = 0, string? StripPattern = null) : PathRewrite
{
    /// <summary>The request header that says what was stripped (<c>X-Forwarded-Prefix</c>); null for none.</summary>
    public string? RecordIn { get; init; }
}
