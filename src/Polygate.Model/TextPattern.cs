namespace Polygate.Model;

/// <summary>How a <see cref="TextPattern"/> compares.</summary>
public enum TextPatternKind
{
    /// <summary>There is a value, whatever it is.</summary>
    Present,

    /// <summary>The whole value.</summary>
    Exact,

    /// <summary>A regular expression searched in the value, unanchored; anchors are part of the pattern.</summary>
    Regex,
}

/// <summary>A pattern over the text of a header, query parameter or cookie.</summary>
public readonly record struct TextPattern(TextPatternKind Kind, string Value, bool IgnoreCase = false)
{
    public static TextPattern Present => new(TextPatternKind.Present, "");

    public static TextPattern Exact(string value, bool ignoreCase = false) => new(TextPatternKind.Exact, value, ignoreCase);

    public static TextPattern Regex(string pattern, bool ignoreCase = false) => new(TextPatternKind.Regex, pattern, ignoreCase);

    public override string ToString() => Kind switch
    {
        TextPatternKind.Present => "present",
        TextPatternKind.Exact => "=" + Value,
        _ => "~" + Value,
    };
}
