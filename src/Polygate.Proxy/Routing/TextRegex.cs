using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Polygate.Proxy.Routing;

/// <summary>
/// A regular expression over bytes, read as UTF-8. Linear in the text wherever the pattern allows; patterns with
/// lookaround or back-references backtrack under a time limit.
/// </summary>
internal sealed class TextRegex
{
    /// <summary>How long one search with a backtracking pattern may take.</summary>
    public static readonly TimeSpan BacktrackingLimit = TimeSpan.FromMilliseconds(50);

    private TextRegex(Regex regex, PrefixPattern? simple)
    {
        Regex = regex;
        Simple = simple;
    }

    public Regex Regex { get; }

    /// <summary>The same pattern as one that is cheap to find; null where it is not of that kind.</summary>
    public PrefixPattern? Simple { get; }

    /// <summary>Compiles a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="ignoreCase">Whether letters compare without case.</param>
    /// <param name="regex">The compiled pattern.</param>
    /// <param name="problem">What is wrong with the pattern, otherwise null.</param>
    public static bool TryCreate(string pattern, bool ignoreCase, [NotNullWhen(true)] out TextRegex? regex, [NotNullWhen(false)] out string? problem)
    {
        var options = RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        problem = null;
        try
        {
            regex = new TextRegex(Compile(pattern, options), PrefixPattern.Parse(pattern, ignoreCase));
            return true;
        }
        catch (ArgumentException exception)
        {
            problem = $"The regular expression '{pattern}' is invalid: {exception.Message}";
            regex = null;
            return false;
        }
    }

    /// <summary>Whether the pattern finds something in the text.</summary>
    /// <exception cref="RegexMatchTimeoutException">A backtracking pattern ran out of time.</exception>
    [SkipLocalsInit]
    public bool IsMatch(ReadOnlySpan<byte> text)
    {
        if (Simple is not null && PrefixPattern.Takes(text))
        {
            return Simple.IsMatch(text);
        }

        if (text.Length > 512)
        {
            return IsMatchLong(text);
        }

        Span<char> characters = stackalloc char[512];
        return Regex.IsMatch(characters[..Encoding.UTF8.GetChars(text, characters)]);
    }

    /// <summary>As <see cref="IsMatch"/>; a search that ran out of time found nothing.</summary>
    public bool Finds(ReadOnlySpan<byte> text)
    {
        try
        {
            return IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private bool IsMatchLong(ReadOnlySpan<byte> text)
    {
        var characters = ArrayPool<char>.Shared.Rent(text.Length);
        try
        {
            return Regex.IsMatch(characters.AsSpan(0, Encoding.UTF8.GetChars(text, characters)));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
        }
    }

    private static Regex Compile(string pattern, RegexOptions options)
    {
        try
        {
            return new Regex(pattern, options | RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, options, BacktrackingLimit);
        }
    }
}
