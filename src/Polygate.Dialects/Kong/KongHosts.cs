using Polygate.Model;

namespace Polygate.Dialects.Kong;

/// <summary>Hosts of Kong routes: <c>*.x</c> stands for any number of labels, <c>x.*</c> for any ending.</summary>
internal static class KongHosts
{
    /// <summary>The pattern; null when the text is not a host.</summary>
    public static HostPattern? Parse(string host) => host switch
    {
        "" => HostPattern.Any,
        _ when host.Count(character => character == '*') > 1 || host.Contains('/') || host.Contains(':') => null,
        ['*', '.', _, ..] => HostPattern.Suffix(host[1..]),
        [.., '.', '*'] => HostPattern.Prefix(host[..^1]),
        _ when host.Contains('*') => null,
        _ => HostPattern.Exact(host),
    };

    public static bool IsPlain(HostPattern host) => host.Kind == HostPatternKind.Exact;
}
