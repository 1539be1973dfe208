using System.Buffers;
using System.Text;

namespace Polygate.Dialects.Traefik.Rules;

/// <summary>
/// Writes the paths of rules as requests write them: Traefik compares with only reserved characters still encoded, so that
/// <c>Path(`/a b`)</c> matches <c>/a%20b</c>; the model compares with all others encoded (RFC 3986 section 3.3).
/// </summary>
internal static class RulePaths
{
    // What may stand in a path as it is; "%" begins an escape that is written out in the rule.
    private static readonly SearchValues<byte> Kept = SearchValues.Create(
        "/%ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@"u8);

    public static string Encode(string path)
    {
        var bytes = Encoding.UTF8.GetBytes(path);
        if (bytes.AsSpan().IndexOfAnyExcept(Kept) < 0)
        {
            return path;
        }

        var result = new StringBuilder(bytes.Length + 16);
        foreach (var part in bytes)
        {
            if (Kept.Contains(part))
            {
                result.Append((char)part);
            }
            else
            {
                result.Append('%').Append(part.ToString("X2"));
            }
        }

        return result.ToString();
    }
}
