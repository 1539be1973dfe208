using System.Text;
using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>A <see cref="PathPattern"/> made ready to compare with a path as bytes.</summary>
internal sealed class PathMatcher
{
    private readonly PathPattern pattern;

    private PathMatcher(PathPattern pattern, TextRegex? regex)
    {
        this.pattern = pattern;
        Key = KeyOf(pattern);
        Regex = regex;
    }

    /// <summary>The text compared: in lower case where case does not matter, an element prefix without its final slash.</summary>
    public byte[] Key { get; }

    public TextRegex? Regex { get; }

    /// <summary>Makes a matcher; one of an invalid pattern matches nothing, and the problems say why.</summary>
    public static PathMatcher Create(PathPattern pattern, ICollection<string> problems)
    {
        TextRegex? regex = null;
        if (pattern.Kind == PathPatternKind.Regex && !TextRegex.TryCreate(pattern.Value, pattern.IgnoreCase, out regex, out var problem))
        {
            problems.Add(problem);
        }

        return new PathMatcher(pattern, regex);
    }

    public bool IsMatch(ReadOnlySpan<byte> path) => pattern.Kind switch
    {
        PathPatternKind.Any => true,
        PathPatternKind.Exact => path.Length == Key.Length && StartsWithKey(path),
        PathPatternKind.ElementPrefix => StartsWithKey(path) && (path.Length == Key.Length || path[Key.Length] == '/'),
        PathPatternKind.StringPrefix => StartsWithKey(path),
        _ => Regex is not null && Regex.IsMatch(path),
    };

    /// <summary>As <see cref="IsMatch"/>; a search that ran out of time found nothing.</summary>
    public bool Finds(ReadOnlySpan<byte> path) => Regex is not null ? Regex.Finds(path) : IsMatch(path);

    private static byte[] KeyOf(PathPattern pattern)
    {
        var text = pattern.Kind == PathPatternKind.ElementPrefix && pattern.Value.EndsWith('/') ? pattern.Value[..^1] : pattern.Value;
        var key = Encoding.UTF8.GetBytes(text);
        if (pattern.IgnoreCase)
        {
            AsciiText.ToLower(key, key);
        }

        return key;
    }

    private bool StartsWithKey(ReadOnlySpan<byte> path) =>
        path.Length >= Key.Length
        && (pattern.IgnoreCase ? AsciiText.EqualsIgnoreCase(path[..Key.Length], Key) : path.StartsWith(Key));
}
