using System.Text.RegularExpressions;

namespace Polygate.Dialects.GatewayApi.Rules;

/// <summary>
/// Regular expressions of the Gateway API. Their dialect and anchoring are the implementation's choice: here the .NET
/// syntax, and a pattern describes the whole value.
/// </summary>
internal static class Patterns
{
    public static string Anchored(string pattern) => $"^(?:{pattern})$";

    /// <summary>Why a pattern cannot be used; null when it can.</summary>
    public static string? Problem(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return null;
        }
        catch (NotSupportedException)
        {
            // Lookaround or a back-reference: the engine runs it with a time limit, if it is a pattern at all.
            return Parses(pattern) ? null : $"\"{pattern}\" is not a regular expression.";
        }
        catch (ArgumentException exception)
        {
            return $"\"{pattern}\" is not a regular expression: {exception.Message}";
        }
    }

    private static bool Parses(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
