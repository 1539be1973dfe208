using Polygate.Model;

namespace Polygate.Dialects.Kong;

/// <summary>
/// The order of the router flavour <c>traditional_compatible</c>: more attributes, then only plain hosts, then more headers, then
/// expressions before prefixes, then <c>regex_priority</c>, then the longer prefix. Kong leaves ties to the route's identifier; here
/// the older object goes first, then the name.
/// </summary>
internal static class KongPrecedence
{
    private const int MaximumHeaders = 255;

    /// <param name="attributes">How many kinds of condition the route has: methods, hosts, headers, paths, server names, each counted once.</param>
    /// <param name="onlyPlainHosts">Whether it has hosts and none with a wildcard.</param>
    /// <param name="headers">How many headers it names.</param>
    /// <param name="path">The path.</param>
    /// <param name="regexPriority">Counts for expressions only.</param>
    /// <param name="created">When the object was created.</param>
    /// <param name="name">Makes the order total.</param>
    public static RoutePrecedence Of(
        int attributes, bool onlyPlainHosts, int headers, KongPath path, int regexPriority, long created, string name) => new(
        [
            -attributes,
            onlyPlainHosts ? 0 : 1,
            -Math.Min(headers, MaximumHeaders),
            path.IsRegex ? 0 : 1,
            path.IsRegex ? -(long)regexPriority : 0,
            path.IsRegex ? 0 : -path.Pattern.Value.Length,
            created,
        ],
        name);
}
