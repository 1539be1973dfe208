using System.Buffers.Binary;
using System.Text;
using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>A path pattern with its place among the locations of its host.</summary>
/// <param name="Path">The pattern.</param>
/// <param name="Order">The sort key as far as the location itself goes, smaller first.</param>
internal sealed record Location(PathPattern Path, ValueList<long> Order);

/// <summary>
/// nginx's choice among the locations of a host. On an ordinary host an exact location wins, then the longest prefix;
/// on a host of regular expressions the first that matches, in descending order of length and then of text.
/// </summary>
internal static class LocationOrder
{
    private const long ServerLevel = 0;
    private const long ExactLevel = 1;
    private const long SlashRedirectLevel = 2;
    private const long RegexLevel = 3;
    private const long PrefixLevel = 4;
    private const long FallbackLevel = 5;

    /// <summary>What is decided on the host before anything else.</summary>
    public static Location BeforeEverything { get; } = new(PathPattern.Any, [-1]);

    /// <summary>What is decided before any location is looked for.</summary>
    public static Location BeforeLocations(string exactPath) => new(PathPattern.Exact(exactPath) with { Decoded = true }, [ServerLevel]);

    /// <summary>nginx's own redirect to a location that ends with a slash: after exact locations, before shorter prefixes.</summary>
    public static Location SlashRedirect(string exactPath) => new(PathPattern.Exact(exactPath) with { Decoded = true }, [SlashRedirectLevel]);

    /// <summary>What no location matches.</summary>
    public static Location Fallback { get; } = new(PathPattern.Any, [FallbackLevel]);

    /// <summary>The locations that a path becomes.</summary>
    public static IEnumerable<Location> Of(NginxHost host, NginxIngress ingress, IngressPath path, IngressNginxOptions options)
    {
        var isStrict = options.IsStrict(NginxQuirks.HostWideRegex);
        return !host.UsesRegex || (isStrict && !ingress.Rewriting.WantsRegex(path)) ? [Plain(path, options)]
            : (isStrict ? [path.Path] : RegexLocations(host, ingress, path)).Select(text => Regex(text, options));
    }

    /// <summary>
    /// A prefix without slash at its end is the path itself and everything below it. One with a slash matches from there
    /// only; the path without it is redirected.
    /// </summary>
    private static Location Plain(IngressPath path, IngressNginxOptions options) =>
        path.Exact ? new Location(PathPattern.Exact(path.Path) with { Decoded = true }, [ExactLevel])
        : path.Path.EndsWith('/') && !options.IsStrict(NginxQuirks.SlashRedirect)
            ? new Location(PathPattern.StringPrefix(path.Path) with { Decoded = true }, [PrefixLevel, -Length(path.Path)])
        : new Location(PathPattern.ElementPrefix(path.Path) with { Decoded = true }, [PrefixLevel, -Length(path.Path.TrimEnd('/')) - 1]);

    /// <summary>
    /// A prefix that is itself neither rewritten nor a regular expression has been split into the path and the path with a
    /// slash before both become regular expressions, open at the end: it loses its element boundary.
    /// </summary>
    private static IEnumerable<string> RegexLocations(NginxHost host, NginxIngress ingress, IngressPath path)
    {
        if (path.Exact || path.Path == "/" || ingress.Rewriting.WantsRegex(path))
        {
            yield return path.Path;
            yield break;
        }

        yield return path.Path.EndsWith('/') ? path.Path : path.Path + "/";
        if (!path.Path.EndsWith('/') && !host.HasExact(path.Path))
        {
            yield return path.Path;
        }
    }

    private static Location Regex(string path, IngressNginxOptions options)
    {
        var order = new List<long> { RegexLevel, -Length(path) };
        order.AddRange(DescendingText(path));
        var isStrict = options.IsStrict(NginxQuirks.OpenRegex);
        return new Location(PathPattern.Regex(isStrict ? $"^(?:{path})$" : "^" + path, ignoreCase: !isStrict) with { Decoded = true }, order.ToValueList());
    }

    /// <summary>The text as numbers that sort the opposite way, seven bytes in each; only texts of one length are compared.</summary>
    private static IEnumerable<long> DescendingText(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var start = 0; start < bytes.Length; start += 7)
        {
            var eight = new byte[8];
            bytes.AsSpan(start, Math.Min(7, bytes.Length - start)).CopyTo(eight.AsSpan(1));
            yield return -BinaryPrimitives.ReadInt64BigEndian(eight);
        }
    }

    private static long Length(string path) => Encoding.UTF8.GetByteCount(path);
}
