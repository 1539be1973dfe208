using Polygate.Model;

namespace Polygate.Analysis;

/// <summary>Where a backend is and how it is spoken to.</summary>
internal static class BackendDescription
{
    private const int ShownEndpoints = 4;

    public static string Of(Backend backend, GatewayConfiguration configuration)
    {
        var protocol = backend.Protocol == BackendProtocol.Http2 ? "HTTP/2" : "HTTP/1.1";
        var sticky = backend.Sticky is { } cookie ? $", kept on one endpoint by the cookie {cookie.Name}" : "";
        var host = backend.UseEndpointHost ? ", with the endpoint's name as host" : "";
        var limit = backend.MaxConnections > 0 ? $", over {Words.Count(backend.MaxConnections, "connection")} at most" : "";
        return $"by {protocol}{Tls(backend.Tls)}{host}{Balancing(backend.Balancing)}{sticky}{limit}: {Endpoints(backend.Endpoints, configuration)}";
    }

    private static string Tls(BackendTls? tls) => tls is null
        ? ""
        : (tls.SkipVerification ? " over TLS that is not verified" : " over TLS")
            + (tls.ServerName is { } name ? $" to the server name {name}" : "")
            + (tls.ClientCertificate is { } certificate ? $" with the client certificate {certificate}" : "");

    private static string Balancing(LoadBalancing balancing)
    {
        var how = balancing.Algorithm switch
        {
            BalancingAlgorithm.RoundRobin => "",
            BalancingAlgorithm.LeastRequests => "the least requests",
            BalancingAlgorithm.TwoRandomChoices => "the better of two random endpoints",
            BalancingAlgorithm.Random => "chance",
            BalancingAlgorithm.RingHash => $"a ring hash of {Hashed(balancing)}",
            BalancingAlgorithm.Maglev => $"a Maglev hash of {Hashed(balancing)}",
            _ => throw new ArgumentException($"No words for {balancing.Algorithm}.", nameof(balancing)),
        };
        return how.Length == 0 ? "" : $", balanced by {how}";
    }

    private static string Hashed(LoadBalancing balancing) => balancing.HashOn switch
    {
        HashInput.ClientAddress => "the client address",
        HashInput.Header => $"the header {balancing.HashName}",
        HashInput.Cookie => $"the cookie {balancing.HashName}",
        HashInput.Path => "the path",
        HashInput.QueryParameter => $"the query parameter {balancing.HashName}",
        _ => throw new ArgumentException($"No words for {balancing.HashOn}.", nameof(balancing)),
    };

    private static string Endpoints(EndpointSource source, GatewayConfiguration configuration)
    {
        var endpoints = source switch
        {
            StaticEndpoints written => written.Endpoints,
            NamedEndpoints named => configuration.EndpointSets.TryGetValue(named.Set, out var set) ? set.Endpoints : [],
            _ => [],
        };
        if (endpoints.IsEmpty)
        {
            return "it has no endpoints, so the answer is 503";
        }

        var shown = string.Join(", ", endpoints.Take(ShownEndpoints).Select(Place));
        return endpoints.Count <= ShownEndpoints ? shown : $"{shown} and {endpoints.Count - ShownEndpoints} more";
    }

    private static string Place(Endpoint endpoint)
    {
        var host = endpoint.Host.Contains(':', StringComparison.Ordinal) ? $"[{endpoint.Host}]" : endpoint.Host;
        return $"{host}:{endpoint.Port}{(endpoint.Ready ? "" : " (going away)")}";
    }
}
