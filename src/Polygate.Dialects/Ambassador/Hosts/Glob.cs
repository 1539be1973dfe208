using System.Text.RegularExpressions;
using Polygate.Model;

namespace Polygate.Dialects.Ambassador.Hosts;

/// <summary>A host name with at most one <c>*</c>, first or last. A leading <c>*</c> stands for at least one character.</summary>
internal readonly record struct Glob
{
    private readonly string text;

    public Glob(string text) => this.text = text.ToLowerInvariant();

    public bool IsAny => text is "*" or "";

    /// <summary>Whether the <c>*</c> stands where it may.</summary>
    public bool IsValid => IsAny || !(IsSuffix ? text[1..] : IsPrefix ? text[..^1] : text).Contains('*');

    private bool IsSuffix => text.Length > 1 && text[0] == '*';

    private bool IsPrefix => text.Length > 1 && text[^1] == '*';

    private string Body => IsSuffix ? text[1..] : IsPrefix ? text[..^1] : text;

    /// <summary>The pattern it is in the model.</summary>
    public HostPattern Pattern => this switch
    {
        { IsAny: true } => HostPattern.Any,
        { IsSuffix: true } when text[1] == '.' => HostPattern.Suffix(Body),
        { IsPrefix: true } when text[^2] == '.' => HostPattern.Prefix(Body),
        { IsSuffix: true } => HostPattern.Regex("^.+" + Regex.Escape(Body) + "$"),
        { IsPrefix: true } => HostPattern.Regex("^" + Regex.Escape(Body)),
        _ => HostPattern.Exact(text),
    };

    /// <summary>Whether some host fits both. Symmetric.</summary>
    public bool Overlaps(Glob other) =>
        Covers(other) || other.Covers(this) || (IsSuffix && other.IsPrefix) || (IsPrefix && other.IsSuffix);

    /// <summary>Whether every host that fits the other fits this one.</summary>
    public bool Covers(Glob other)
    {
        if (IsAny || other.IsAny)
        {
            return IsAny;
        }

        if (IsSuffix)
        {
            return !other.IsPrefix && other.text.EndsWith(Body, StringComparison.Ordinal) && (other.IsSuffix || other.text.Length > Body.Length);
        }

        return IsPrefix ? !other.IsSuffix && other.text.StartsWith(Body, StringComparison.Ordinal) : text == other.text;
    }

    public override string ToString() => text;
}
