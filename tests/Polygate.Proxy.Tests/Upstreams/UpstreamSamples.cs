using System.Collections.Immutable;
using System.Net;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Tests.Routing;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Tests.Upstreams;

/// <summary>Clusters in few words.</summary>
internal static class UpstreamSamples
{
    public static readonly RequestHead Anything = RoutingSamples.Request("a.test/");

    public static Backend Backend(BalancingAlgorithm algorithm, params Endpoint[] endpoints) =>
        new("b", new StaticEndpoints(endpoints.ToValueList())) { Balancing = new LoadBalancing(algorithm) };

    /// <summary>Endpoints on 127.0.0.1, with ports from 1 up and these weights.</summary>
    public static Endpoint[] Weighted(params int[] weights) =>
        [.. weights.Select((weight, i) => new Endpoint("127.0.0.1", i + 1) { Weight = weight })];

    public static GatewayConfiguration Configuration(params Backend[] backends) => new()
    {
        Pieces = backends.Select((backend, i) => new ConfigurationPiece($"p{i}") { Backends = [backend] }).ToImmutableDictionary(piece => piece.Id),
    };

    public static UpstreamCluster Cluster(Backend backend)
    {
        var clusters = new UpstreamClusters((_, _) => Task.FromResult(Array.Empty<IPAddress>()), TimeProvider.System);
        clusters.Update(Configuration(backend));
        return clusters.Get(backend.Id);
    }

    public static List<int> Ports(this UpstreamCluster cluster, int picks) =>
        [.. Enumerable.Range(0, picks).Select(_ => cluster.Pick(Anything)!.Address.Port)];
}
