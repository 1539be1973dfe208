using System.Text;
using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>A <see cref="TextPattern"/> made ready to compare with a value as bytes.</summary>
internal sealed class TextMatcher
{
    private readonly TextPattern pattern;
    private readonly byte[] text;
    private readonly TextRegex? regex;

    private TextMatcher(TextPattern pattern, TextRegex? regex)
    {
        this.pattern = pattern;
        this.regex = regex;
        text = Encoding.UTF8.GetBytes(pattern.Value);
    }

    /// <summary>Makes matchers of several patterns; adds what is wrong with them to the problems.</summary>
    public static TextMatcher[] CreateAll(ReadOnlySpan<TextPattern> patterns, ICollection<string> problems)
    {
        var matchers = new TextMatcher[patterns.Length];
        for (var i = 0; i < patterns.Length; i++)
        {
            matchers[i] = Create(patterns[i], problems);
        }

        return matchers;
    }

    public static TextMatcher Create(TextPattern pattern, ICollection<string> problems)
    {
        TextRegex? regex = null;
        if (pattern.Kind == TextPatternKind.Regex && !TextRegex.TryCreate(pattern.Value, pattern.IgnoreCase, out regex, out var problem))
        {
            problems.Add(problem);
        }

        return new TextMatcher(pattern, regex);
    }

    /// <summary>Whether a value that is there fits.</summary>
    public bool IsMatch(ReadOnlySpan<byte> value) => pattern.Kind switch
    {
        TextPatternKind.Present => true,
        TextPatternKind.Exact => pattern.IgnoreCase ? AsciiText.EqualsIgnoreCase(value, text) : value.SequenceEqual(text),
        _ => regex is not null && regex.IsMatch(value),
    };

    public static bool AnyMatches(TextMatcher[] matchers, ReadOnlySpan<byte> value)
    {
        foreach (var matcher in matchers)
        {
            if (matcher.IsMatch(value))
            {
                return true;
            }
        }

        return false;
    }
}
