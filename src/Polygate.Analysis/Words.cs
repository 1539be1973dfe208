using System.Globalization;

namespace Polygate.Analysis;

/// <summary>How sentences write numbers and lists.</summary>
internal static class Words
{
    /// <summary><c>1 user</c>, <c>2 users</c>.</summary>
    public static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";

    /// <summary>Alternatives; <c>none</c> when there is none.</summary>
    public static string AnyOf(IEnumerable<string> values) => string.Join(" or ", values) is { Length: > 0 } text ? text : "none";

    /// <summary>Seconds, or milliseconds below one.</summary>
    public static string Duration(TimeSpan time) => time.TotalSeconds >= 1 ? Number(time.TotalSeconds) + " s" : Number(time.TotalMilliseconds) + " ms";

    /// <param name="share">0 to 1.</param>
    public static string Percent(double share) => (100 * share).ToString("0.##", CultureInfo.InvariantCulture) + "%";

    public static string Number(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
}
