namespace Polygate.Dialects.Traefik.Resources;

/// <summary>Puts a prefix before the path.</summary>
public sealed record AddPrefixSpec
{
    public string? Prefix { get; init; }
}

/// <summary>Replaces the path.</summary>
public sealed record ReplacePathSpec
{
    public string? Path { get; init; }
}

/// <summary>Replaces what a regular expression finds in the path.</summary>
public sealed record ReplacePathRegexSpec
{
    public string? Regex { get; init; }

    public string? Replacement { get; init; }
}

/// <summary>Removes the first of the prefixes that the path starts with.</summary>
public sealed record StripPrefixSpec
{
    public bool? ForceSlash { get; init; }

    public IReadOnlyList<string>? Prefixes { get; init; }
}

/// <summary>Removes what the first matching regular expression finds at the start of the path.</summary>
public sealed record StripPrefixRegexSpec
{
    public IReadOnlyList<string>? Regex { get; init; }
}

/// <summary>Redirects by a regular expression over the whole URL.</summary>
public sealed record RedirectRegexSpec
{
    public bool? Permanent { get; init; }

    public string? Regex { get; init; }

    public string? Replacement { get; init; }
}

/// <summary>Redirects to another scheme.</summary>
public sealed record RedirectSchemeSpec
{
    public bool? Permanent { get; init; }

    public string? Port { get; init; }

    public string? Scheme { get; init; }
}
