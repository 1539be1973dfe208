using System.Text;
using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>A <see cref="HostPattern"/> made ready to compare with a host as bytes.</summary>
internal sealed class HostMatcher
{
    private readonly HostPatternKind kind;
    private readonly byte[] text;
    private readonly TextRegex? regex;

    private HostMatcher(HostPatternKind kind, byte[] text, TextRegex? regex)
    {
        this.kind = kind;
        this.text = text;
        this.regex = regex;
    }

    /// <summary>Makes a matcher; one of an invalid pattern matches nothing, and the problems say why.</summary>
    public static HostMatcher Create(HostPattern pattern, ICollection<string> problems)
    {
        TextRegex? regex = null;
        if (pattern.Kind == HostPatternKind.Regex && !TextRegex.TryCreate(pattern.Value, ignoreCase: false, out regex, out var problem))
        {
            problems.Add(problem);
        }

        return new HostMatcher(pattern.Kind, KeyOf(pattern), regex);
    }

    /// <summary>What is compared.</summary>
    public static byte[] KeyOf(HostPattern pattern) => Encoding.UTF8.GetBytes(pattern.Value);

    public bool IsMatch(ReadOnlySpan<byte> host) => kind switch
    {
        HostPatternKind.Any => true,
        HostPatternKind.Exact => host.SequenceEqual(text),
        HostPatternKind.Suffix => host.Length > text.Length && host.EndsWith(text),
        HostPatternKind.SingleLabelSuffix =>
            host.Length > text.Length && host.EndsWith(text) && host[..^text.Length].IndexOf((byte)'.') < 0,
        HostPatternKind.Prefix => host.StartsWith(text),
        _ => regex is not null && regex.IsMatch(host),
    };

    /// <summary>As <see cref="IsMatch"/>; a search that ran out of time found nothing.</summary>
    public bool Finds(ReadOnlySpan<byte> host) => regex is not null ? regex.Finds(host) : IsMatch(host);
}
