using Polygate.Model;

namespace Polygate.Analysis;

/// <summary>What becomes of a path, as the object of a sentence: "the path with …".</summary>
internal static class PathDescription
{
    public static string Of(PathRewrite rewrite) => rewrite switch
    {
        ReplaceFullPath full => $"the path {full.Path}",
        ReplaceElementPrefix prefix => $"the path with {prefix.Replacement} in place of {prefix.Prefix}",
        ReplaceTextPrefix text => $"the path with \"{text.Replacement}\" in place of its first {Words.Count(text.Length, "character")}",
        StripPrefixes strip => $"the path without {Words.AnyOf(strip.Prefixes)} at its beginning",
        AddPrefix add => $"the path with {add.Prefix} put before it",
        RegexRewrite { WholePath: true } regex => $"{regex.Substitution} where {Pattern(regex)} finds something in the path",
        RegexRewrite regex => $"the path with {regex.Substitution} in place of {(regex.All ? "everything" : "the first thing")} that {Pattern(regex)} finds in it",
        JoinBasePath join => $"the path {(join.StripLength > 0 || join.StripPattern is not null ? "without its matched part, " : "")}put behind {join.BasePath}",
        _ => throw new ArgumentException($"No words for {rewrite.GetType().Name}.", nameof(rewrite)),
    };

    /// <summary>The request header that tells what was taken from the path; null for none.</summary>
    public static string? RecordedIn(PathRewrite rewrite) => rewrite switch
    {
        StripPrefixes strip => strip.RecordIn,
        JoinBasePath join => join.RecordIn,
        _ => null,
    };

    private static string Pattern(RegexRewrite regex) => regex.IgnoreCase ? regex.Pattern + " (any case)" : regex.Pattern;
}
