namespace Polygate.Model;

/// <summary>How bodies are compressed (RFC 9110 section 8.4.1).</summary>
public enum ContentCoding
{
    Gzip,
    Brotli,
    /// <summary>The engine has it not (.NET 10 lacks it) and passes it over.</summary>
    Zstandard,
}

/// <summary>
/// Compresses answers for clients that accept it: not those that are compressed already, have no body, are partial (206), or forbid it
/// (<c>no-transform</c>). Adds <c>Vary: Accept-Encoding</c> and makes strong entity tags weak.
/// </summary>
public sealed record CompressionFilter : Filter
{
    /// <summary>In order of preference among those that the client likes equally; empty for the engine's own order.</summary>
    public ValueList<ContentCoding> Codings { get; init; }

    /// <summary>Media types, without parameters, or with a wildcard (<c>text/*</c>); empty for all but <see cref="ExcludedTypes"/>.</summary>
    public ValueList<string> Types { get; init; }

    public ValueList<string> ExcludedTypes { get; init; }

    /// <summary>Bodies known to be smaller are left alone.</summary>
    public long MinimumBytes { get; init; } = 1024;

    /// <summary>Compresses for clients that say nothing of codings; null for never.</summary>
    public ContentCoding? Default { get; init; }
}

/// <summary>
/// Asks another backend for the body of answers that have one of the statuses, whether the backend or the gateway gave them. When
/// that one cannot be asked, the gateway answers with the first status.
/// </summary>
/// <param name="Backend">The identity of a <see cref="Model.Backend"/>.</param>
/// <param name="Statuses">200 to 599.</param>
public sealed record ErrorPagesFilter(string Backend, ValueList<int> Statuses) : Filter
{
    /// <summary>Path and query asked for, by GET.</summary>
    public TextTemplate Path { get; init; } = TextTemplate.Literal("/");

    /// <summary>The <c>Host</c>; null for the client's.</summary>
    public string? Host { get; init; }

    /// <summary>Headers written for the error backend.</summary>
    public ValueList<HeaderTemplate> Set { get; init; }

    /// <summary>The client's headers that go along; null for all, empty for none.</summary>
    public ValueList<string>? ForwardHeaders { get; init; }

    /// <summary>Whether the client gets the first answer's status; otherwise the error backend's.</summary>
    public bool KeepStatus { get; init; } = true;

    /// <summary>Other statuses to give instead of some.</summary>
    public ValueList<StatusChange> StatusChanges { get; init; }

    /// <summary>Whether only answers of the backend are replaced, and not those of the gateway.</summary>
    public bool BackendOnly { get; init; }

    /// <summary>Whether only answers of the gateway are replaced, and not those of the backend.</summary>
    public bool GatewayOnly { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>A status in place of another.</summary>
public sealed record StatusChange(int From, int To);

/// <summary>Changes the <c>Domain</c> and <c>Path</c> of cookies that the backend sets; of each kind, the first rule that fits counts.</summary>
public sealed record CookieRewriteFilter : Filter
{
    public ValueList<TextReplacement> Domains { get; init; }

    public ValueList<TextReplacement> Paths { get; init; }
}

/// <summary>Changes <c>Location</c> and <c>Refresh</c> in answers of the backend; the first rule that fits counts.</summary>
public sealed record LocationRewriteFilter(ValueList<TextReplacement> Rules) : Filter;

/// <summary>How a <see cref="TextReplacement"/> finds.</summary>
public enum TextReplacementKind
{
    /// <summary>The whole text, without case.</summary>
    Exact,

    /// <summary>The beginning of the text.</summary>
    Prefix,

    /// <summary>A regular expression, unanchored; the whole text is replaced, with <c>$1</c> for groups.</summary>
    Regex,
}

/// <summary>Replaces what is found.</summary>
/// <param name="Kind">How it is found.</param>
/// <param name="From">What is found.</param>
/// <param name="To">What takes its place.</param>
public sealed record TextReplacement(TextReplacementKind Kind, string From, string To)
{
    /// <summary>Whether the pattern disregards case.</summary>
    public bool IgnoreCase { get; init; }
}
