namespace Polygate.Model;

/// <summary>How a <see cref="HostPattern"/> compares.</summary>
public enum HostPatternKind
{
    /// <summary>Every host, also an absent one.</summary>
    Any,

    /// <summary>The whole name.</summary>
    Exact,

    /// <summary><c>*.example.com</c>: one or more labels before the suffix (Gateway API, Kong, Envoy).</summary>
    Suffix,

    /// <summary><c>*.example.com</c>: exactly one label before the suffix (Ingress, Traefik, certificates).</summary>
    SingleLabelSuffix,

    /// <summary><c>example.*</c>: any text after the prefix (Kong, Gloo).</summary>
    Prefix,

    /// <summary>A regular expression over the lower-cased host, searched unanchored; anchors are part of the pattern.</summary>
    Regex,
}

/// <summary>A pattern over the request's host: lower case, without port, without one trailing dot.</summary>
public readonly record struct HostPattern
{
    private HostPattern(HostPatternKind kind, string value)
    {
        Kind = kind;
        Text = value;
    }

    /// <summary>Matches everything.</summary>
    public static HostPattern Any => default;

    public HostPatternKind Kind { get; }

    /// <summary>
    /// The name; for suffixes the part after <c>*</c> with its dot (<c>.example.com</c>), for prefixes the part before
    /// <c>*</c> with its dot (<c>example.</c>), for regular expressions the pattern.
    /// </summary>
    public string Value => Text ?? "";

    private string? Text { get; }

    public static HostPattern Exact(string host) => new(HostPatternKind.Exact, Lower(host));

    /// <param name="suffix">With its leading dot; one that lacks it gets it.</param>
    public static HostPattern Suffix(string suffix) => new(HostPatternKind.Suffix, Lower(WithDot(suffix)));

    /// <param name="suffix">With its leading dot; one that lacks it gets it.</param>
    public static HostPattern SingleLabelSuffix(string suffix) => new(HostPatternKind.SingleLabelSuffix, Lower(WithDot(suffix)));

    /// <param name="prefix">With its trailing dot.</param>
    public static HostPattern Prefix(string prefix) => new(HostPatternKind.Prefix, Lower(prefix));

    public static HostPattern Regex(string pattern) => new(HostPatternKind.Regex, pattern);

    /// <summary>
    /// Reads a host as most dialects write it: empty or <c>*</c> is any, a leading <c>*.</c> a suffix, anything else exact.
    /// </summary>
    /// <param name="host">The text.</param>
    /// <param name="singleLabel">Whether <c>*</c> stands for exactly one label.</param>
    public static HostPattern Parse(string? host, bool singleLabel = false) => host switch
    {
        null or "" or "*" => Any,
        ['*', '.', ..] => singleLabel ? SingleLabelSuffix(host[1..]) : Suffix(host[1..]),
        _ => Exact(host),
    };

    public override string ToString() => Kind switch
    {
        HostPatternKind.Any => "*",
        HostPatternKind.Suffix => "*" + Value,
        HostPatternKind.SingleLabelSuffix => "*" + Value,
        HostPatternKind.Prefix => Value + "*",
        HostPatternKind.Regex => "~" + Value,
        _ => Value,
    };

    private static string WithDot(string suffix) => suffix.StartsWith('.') ? suffix : "." + suffix;

    private static string Lower(string host) => host.ToLowerInvariant();
}
