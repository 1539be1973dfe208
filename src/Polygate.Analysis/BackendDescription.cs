using Polygate.Model;

namespace Polygate.Analysis;

/// <summary>Where a backend is and how it is spoken to.</summary>
internal static class BackendDescription
{
    private const int ShownEndpoints = 4;

    public static string Of(Backend backend, GatewayConfiguration configuration)
    {
        var protocol = backend.Protocol == BackendProtocol.Http2 ? "HTTP/2" : "HTTP/1.1";
        var tls = backend.Tls is null ? "" : backend.Tls.SkipVerification ? " over TLS that is not verified" : " over TLS";
        var balancing = backend.Balancing.Algorithm == BalancingAlgorithm.RoundRobin ? "" : $", balanced by {backend.Balancing.Algorithm}";
        var sticky = backend.Sticky is { } cookie ? $", kept on one endpoint by the cookie {cookie.Name}" : "";
        return $"by {protocol}{tls}{balancing}{sticky}: {Endpoints(backend.Endpoints, configuration)}";
    }

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

        var shown = string.Join(", ", endpoints.Take(ShownEndpoints).Select(endpoint =>
            endpoint.Host.Contains(':', StringComparison.Ordinal) ? $"[{endpoint.Host}]:{endpoint.Port}" : $"{endpoint.Host}:{endpoint.Port}"));
        return endpoints.Count <= ShownEndpoints ? shown : $"{shown} and {endpoints.Count - ShownEndpoints} more";
    }
}
