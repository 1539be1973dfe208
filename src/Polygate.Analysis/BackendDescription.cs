using Polygate.Model;

namespace Polygate.Analysis;

/// <summary>Where a backend is and how it is spoken to.</summary>
internal static class BackendDescription
{
    private const int ShownEndpoints = 4;

    public static string Of(Backend backend, GatewayConfiguration configuration)
    {
        var protocol = backend.Protocol switch
        {
            BackendProtocol.Http2 => "HTTP/2",
            BackendProtocol.FastCgi => "FastCGI",
            _ => "HTTP/1.1",
        };
        var sticky = backend.Sticky is { } session ? $", kept on one endpoint by {Token(session)}" : "";
        var host = backend.UseEndpointHost ? ", with the endpoint's name as host" : "";
        return $"by {protocol}{Tls(backend.Tls)}{host}{Balancing(backend.Balancing)}{sticky}{Limits(backend.CircuitBreaker)}{(backend.RetryBudget is { } budget ? ", retries at most " + Of(budget) : "")}{Health(backend)}: "
            + Endpoints(backend.Endpoints, configuration);
    }

    /// <summary>A share of requests, with its least.</summary>
    public static string Of(RetryBudget budget) =>
        $"{Words.Number(budget.Percent)}% of the backend's requests in {Words.Duration(budget.Interval)}, but {Words.Number(budget.MinimumPerSecond)} a second in any case";

    /// <summary>What tells a session.</summary>
    public static string Token(Stickiness session) => session switch
    {
        StickyCookie cookie => $"the cookie {cookie.Name}",
        StickyHeader header => $"the header {header.Name}",
        _ => throw new ArgumentException($"No words for {session.GetType().Name}.", nameof(session)),
    };

    private static string Limits(CircuitBreaker? breaker) => breaker is null
        ? ""
        : (breaker.MaxConnections > 0 ? $", over {Words.Count(breaker.MaxConnections, "connection")} at most" : "")
            + (breaker.MaxRequests > 0 ? $", {Words.Count(breaker.MaxRequests, "request")} at one time at most" : "")
            + (breaker.MaxRequestsPerEndpoint > 0 ? $", {Words.Count(breaker.MaxRequestsPerEndpoint, "request")} at one time at each endpoint at most" : "")
            + (breaker.MaxPendingRequests > 0 ? $", {breaker.MaxPendingRequests} waiting for a connection at most" : "")
            + (breaker.MaxRetries > 0 ? $", {breaker.MaxRetries} of them retries at most" : "");

    private static string Health(Backend backend) =>
        (backend.HealthCheck switch
        {
            null => "",
            HttpHealthCheck http => $", checked every {Words.Duration(http.Interval)} by {http.Method} {http.Path}",
            GrpcHealthCheck grpc => $", checked every {Words.Duration(grpc.Interval)} by gRPC",
            { } check => $", checked every {Words.Duration(check.Interval)} by connecting",
        })
        + (backend.Outliers is null ? "" : ", passing over endpoints that fail")
        + (backend.SlowStart is { } slow ? $", with new endpoints growing for {Words.Duration(slow.Window)}" : "");

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
            BalancingAlgorithm.PeakEwma => "answer times, the better of two random endpoints",
            _ => throw new ArgumentException($"No words for {balancing.Algorithm}.", nameof(balancing)),
        };
        return how.Length == 0 ? "" : $", balanced by {how}";
    }

    private static string Hashed(LoadBalancing balancing)
    {
        var keys = balancing.HashKeys.IsEmpty ? [new HashKey(balancing.HashOn, balancing.HashName)] : balancing.HashKeys;
        var group = balancing.SubsetSize > 1 ? $" that picks one of {balancing.SubsetSize}" : "";
        return string.Join(balancing.FirstKeyOnly ? " or else " : " and ", keys.Select(Hashed)) + group;
    }

    private static string Hashed(HashKey key) => key.Input switch
    {
        HashInput.ClientAddress => "the client address",
        HashInput.Header => $"the header {key.Name}",
        HashInput.Cookie => $"the cookie {key.Name}",
        HashInput.Path => "the path",
        HashInput.QueryParameter => $"the query parameter {key.Name}",
        HashInput.PathAndQuery => "path and query",
        HashInput.Host => "the host",
        HashInput.Literal => $"the text {key.Name}",
        _ => throw new ArgumentException($"No words for {key.Input}.", nameof(key)),
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
