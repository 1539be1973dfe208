using System.Globalization;
using System.Text;

namespace Polygate.Proxy.Simulation;

/// <summary>Path normalisation once more, written for reading and not for speed: the second opinion on the engine's.</summary>
public static class TargetForm
{
    /// <summary>Path and query of a request target in any form, the path normalised as RFC 3986 section 6.2.2 says.</summary>
    public static string Normalise(string target, string method)
    {
        if (target == "*")
            return target;

        var scheme = target.StartsWith('/') ? -1 : target.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
        {
            var end = target.IndexOfAny(['/', '?'], scheme + 3);
            target = end < 0 ? "" : target[end..];
            if (target.Length == 0)
                return method == "OPTIONS" ? "*" : "/";

            target = target[0] == '?' ? "/" + target : target;
        }

        var parts = target.Split('?', 2);
        var path = RemoveDots(Decode(parts[0]));
        return parts.Length == 2 ? $"{path}?{parts[1]}" : path;
    }

    /// <summary>Host and port of a target in absolute form; null for the other forms.</summary>
    public static string? AuthorityOf(string target)
    {
        var start = target.StartsWith('/') ? -1 : target.IndexOf("://", StringComparison.Ordinal) + 3;
        if (start < 3)
            return null;

        var end = target.IndexOfAny(['/', '?'], start);
        return end < 0 ? target[start..] : target[start..end];
    }

    private static string Decode(string path)
    {
        var decoded = new StringBuilder();
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] != '%' || i + 2 >= path.Length)
            {
                decoded.Append(path[i]);
                continue;
            }

            var value = (char)byte.Parse(path.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            var isUnreserved = char.IsAsciiLetterOrDigit(value) || "-._~".Contains(value, StringComparison.Ordinal);
            decoded.Append(isUnreserved ? value.ToString() : "%" + path.Substring(i + 1, 2).ToUpperInvariant());
            i += 2;
        }

        return decoded.ToString();
    }

    private static string RemoveDots(string path)
    {
        var kept = new List<string>();
        var segments = path.Split('/')[1..];
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i] is not ("." or ".."))
            {
                kept.Add(segments[i]);
                continue;
            }

            if (segments[i] == ".." && kept.Count > 0)
                kept.RemoveAt(kept.Count - 1);

            if (i == segments.Length - 1)
                kept.Add("");
        }

        return "/" + string.Join('/', kept);
    }
}
