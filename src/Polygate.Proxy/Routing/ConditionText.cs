using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>A condition in words, for <c>explain</c>.</summary>
public static class ConditionText
{
    public static string Of(MatchCondition condition)
    {
        var text = condition switch
        {
            MethodCondition method => $"method is {Any(method.Methods)}",
            HeaderCondition header => $"header {header.Name} is {Any(header.Values)}",
            QueryCondition query => $"query parameter {query.Name} is {Any(query.Values)}",
            CookieCondition cookie => $"cookie {cookie.Name} is {cookie.Value}",
            ClientAddressCondition address => $"{(address.PeerOnly ? "peer" : "client")} address is in {Any(address.Networks)}",
            HostCondition host => $"host is {host.Host}",
            PathCondition path => $"path is {path.Path}",
            TlsCondition => "the client used TLS",
            ServerNameCondition name => $"TLS server name is {name.Host}",
            ApplicationProtocolCondition protocol => $"the client offers {Any(protocol.Protocols)} by ALPN",
            ShareCondition share => $"the draw of {share.Group} is below {share.Below}",
            _ => condition.ToString(),
        };
        return condition.Negated ? $"not ({text})" : text;
    }

    private static string Any<T>(ValueList<T> values) => string.Join(" or ", values);
}
