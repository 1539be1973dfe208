using System.Net;

namespace Polygate.Dialects.Ambassador.Mappings;

/// <summary>A service as Mappings name it: <c>[scheme://]host[.namespace][:port]</c>.</summary>
/// <param name="Host">The host, without scheme and port.</param>
/// <param name="Port">The port; null when none is written.</param>
/// <param name="OriginatesTls">Whether it says <c>https://</c>.</param>
/// <param name="HasHttpScheme">Whether it says <c>http://</c>.</param>
/// <param name="HasPath">Whether a path follows, which has no effect.</param>
internal sealed record ServiceName(string Host, int? Port, bool OriginatesTls, bool HasHttpScheme, bool HasPath)
{
    /// <summary>Whether it is an address rather than a name.</summary>
    public bool IsAddress => IPAddress.TryParse(Host, out _);

    /// <summary>Reads a service; null when it is none.</summary>
    public static ServiceName? Parse(string text)
    {
        var rest = text;
        var scheme = "";
        if (rest.IndexOf("://", StringComparison.Ordinal) is > 0 and var separator)
        {
            scheme = rest[..separator].ToLowerInvariant();
            rest = rest[(separator + 3)..];
        }

        var slash = rest.IndexOf('/');
        var hasPath = slash >= 0 && slash < rest.Length - 1;
        rest = slash >= 0 ? rest[..slash] : rest;
        int? port = null;
        if (rest.LastIndexOf(':') is >= 0 and var colon && !rest.EndsWith(']'))
        {
            if (!int.TryParse(rest[(colon + 1)..], out var number) || number is < 1 or > 65535)
            {
                return null;
            }

            port = number;
            rest = rest[..colon];
        }

        rest = rest.Trim('[', ']');
        return rest.Length == 0 || scheme is not ("" or "http" or "https")
            ? null
            : new ServiceName(rest, port, scheme == "https", scheme == "http", hasPath);
    }

    /// <summary>
    /// The Service this may be: the first label and the namespace after it, or the one given; null for addresses and names of
    /// more than two labels that do not end as cluster names do.
    /// </summary>
    public (string Namespace, string Name)? Kubernetes(string defaultNamespace)
    {
        if (IsAddress)
        {
            return null;
        }

        var labels = Host.Split('.');
        return labels switch
        {
            [var name] => (defaultNamespace, name),
            [var name, var ns] => (ns, name),
            [var name, var ns, "svc", ..] => (ns, name),
            _ => null,
        };
    }
}
