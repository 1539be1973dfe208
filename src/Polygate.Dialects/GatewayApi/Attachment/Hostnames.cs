using System.Net;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>
/// Host names as the Gateway API compares them: lower case; empty means every host; <c>*.x</c> means one or more labels
/// before <c>.x</c>, never <c>x</c> itself.
/// </summary>
internal static class Hostnames
{
    public const string Any = "";

    public static string Normalize(string? hostname) => hostname is null or "*" ? Any : hostname.ToLowerInvariant();

    /// <summary>The narrower of two names when one covers the other; null when they have nothing in common.</summary>
    public static string? Intersect(string left, string right) =>
        Covers(left, right) ? right : Covers(right, left) ? left : null;

    /// <summary>Whether every host that fits <paramref name="narrow"/> fits <paramref name="wide"/>.</summary>
    public static bool Covers(string wide, string narrow)
    {
        if (wide.Length == 0 || wide == narrow)
        {
            return true;
        }

        if (narrow.Length == 0 || !IsWildcard(wide))
        {
            return false;
        }

        var suffix = wide.AsSpan(1);
        var text = IsWildcard(narrow) ? narrow.AsSpan(1) : narrow;
        return text.Length > suffix.Length && text.EndsWith(suffix, StringComparison.Ordinal);
    }

    public static bool IsWildcard(string hostname) => hostname.StartsWith("*.", StringComparison.Ordinal);

    /// <summary>Why a name can never fit a request's host; null when it can.</summary>
    public static string? Problem(string hostname)
    {
        var name = IsWildcard(hostname) ? hostname.AsSpan(2) : hostname;
        if (hostname.Length == 0)
        {
            return null;
        }

        if (IPAddress.TryParse(name, out _))
        {
            return $"\"{hostname}\" is an IP address, expected a host name";
        }

        foreach (var letter in name)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '.' or '_'))
            {
                return $"\"{hostname}\" is not a host name: unexpected '{letter}'";
            }
        }

        return name.Length == 0 || name[0] == '.' || name[^1] == '.' ? $"\"{hostname}\" is not a host name: it has an empty label" : null;
    }

    /// <summary>
    /// The last two labels, by which names that may intersect are found quickly; null for a name that may intersect with
    /// names of other domains too.
    /// </summary>
    public static string? Domain(string hostname)
    {
        var name = IsWildcard(hostname) ? hostname[2..] : hostname;
        var last = name.LastIndexOf('.');
        if (last <= 0)
        {
            return null;
        }

        var first = name.LastIndexOf('.', last - 1);
        return name[(first + 1)..];
    }
}
