using Polygate.Model;

namespace Polygate.Analysis.Tests;

/// <summary>Where a backend is and how it is spoken to, in words.</summary>
public sealed class BackendDescriptionTests
{
    private static readonly StaticEndpoints One = new([new Endpoint("127.0.0.1", 9000)]);

    private static readonly (Backend Backend, string Words)[] Known =
    [
        (new Backend("b", One), "by HTTP/1.1: 127.0.0.1:9000"),
        (new Backend("b", One) { Protocol = BackendProtocol.FastCgi }, "by FastCGI: 127.0.0.1:9000"),
        (new Backend("b", One) { Protocol = BackendProtocol.Http2, Tls = new BackendTls() }, "by HTTP/2 over TLS: 127.0.0.1:9000"),
        (new Backend("b", One) { Tls = new BackendTls { SkipVerification = true } }, "by HTTP/1.1 over TLS that is not verified: 127.0.0.1:9000"),
        (new Backend("b", One) { Tls = new BackendTls { ServerName = "in.example", ClientCertificate = "default/client" } },
            "by HTTP/1.1 over TLS to the server name in.example with the client certificate default/client: 127.0.0.1:9000"),
        (new Backend("b", One) { UseEndpointHost = true }, "by HTTP/1.1, with the endpoint's name as host: 127.0.0.1:9000"),
        (new Backend("b", One) { CircuitBreaker = new CircuitBreaker { MaxConnections = 1 } }, "by HTTP/1.1, over 1 connection at most: 127.0.0.1:9000"),
        (new Backend("b", One) { Sticky = new StickyCookie("route") }, "by HTTP/1.1, kept on one endpoint by the cookie route: 127.0.0.1:9000"),
        (new Backend("b", One) { Sticky = new StickyHeader("session") }, "by HTTP/1.1, kept on one endpoint by the header session: 127.0.0.1:9000"),
        (new Backend("b", One) { HealthCheck = new HttpHealthCheck { Path = "/ready" }, SlowStart = new SlowStart(TimeSpan.FromSeconds(30)) },
            "by HTTP/1.1, checked every 10 s by GET /ready, with new endpoints growing for 30 s: 127.0.0.1:9000"),
        (new Backend("b", One) { HealthCheck = new TcpHealthCheck(), Outliers = new OutlierDetection() },
            "by HTTP/1.1, checked every 10 s by connecting, passing over endpoints that fail: 127.0.0.1:9000"),
        (new Backend("b", One) { HealthCheck = new GrpcHealthCheck() }, "by HTTP/1.1, checked every 10 s by gRPC: 127.0.0.1:9000"),
        (new Backend("b", new StaticEndpoints([])), "by HTTP/1.1: it has no endpoints, so the answer is 503"),
        (new Backend("b", new NamedEndpoints("default/b:80")), "by HTTP/1.1: 10.0.0.1:80, [fd00::1]:80 (going away)"),
        (new Backend("b", new NamedEndpoints("nobody")), "by HTTP/1.1: it has no endpoints, so the answer is 503"),
        (new Backend("b", new StaticEndpoints(Enumerable.Range(1, 6).Select(port => new Endpoint("a", port)).ToValueList())), "by HTTP/1.1: a:1, a:2, a:3, a:4 and 2 more"),
    ];

    public static TheoryData<int> Rows() => [.. Enumerable.Range(0, Known.Length)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_backend_is_told_in_plain_words(int row) => Assert.Equal($"It is sent to b {Known[row].Words}.", Sentence(Known[row].Backend));

    [Fact]
    public void No_kind_of_endpoints_is_forgotten() =>
        Assert.Equal(ModelTypes.DerivedFrom<EndpointSource>(), ModelTypes.NamesOf(Known.Select(known => known.Backend.Endpoints)));

    [Theory]
    [InlineData(BalancingAlgorithm.LeastRequests, HashInput.ClientAddress, "the least requests")]
    [InlineData(BalancingAlgorithm.TwoRandomChoices, HashInput.ClientAddress, "the better of two random endpoints")]
    [InlineData(BalancingAlgorithm.Random, HashInput.ClientAddress, "chance")]
    [InlineData(BalancingAlgorithm.RingHash, HashInput.ClientAddress, "a ring hash of the client address")]
    [InlineData(BalancingAlgorithm.RingHash, HashInput.Header, "a ring hash of the header n")]
    [InlineData(BalancingAlgorithm.Maglev, HashInput.Cookie, "a Maglev hash of the cookie n")]
    [InlineData(BalancingAlgorithm.PeakEwma, HashInput.ClientAddress, "answer times, the better of two random endpoints")]
    [InlineData(BalancingAlgorithm.Maglev, HashInput.Path, "a Maglev hash of the path")]
    [InlineData(BalancingAlgorithm.Maglev, HashInput.QueryParameter, "a Maglev hash of the query parameter n")]
    public void A_choice_of_endpoints_other_than_in_turn_is_told(BalancingAlgorithm algorithm, HashInput input, string words) => Assert.Equal(
        $"It is sent to b by HTTP/1.1, balanced by {words}: 127.0.0.1:9000.",
        Sentence(new Backend("b", One) { Balancing = new LoadBalancing(algorithm) { HashOn = input, HashName = "n" } }));

    private static string Sentence(Backend backend)
    {
        var set = new EndpointSet("default/b:80", [new Endpoint("10.0.0.1", 80), new Endpoint("fd00::1", 80) { Ready = false }]);
        var configuration = Describe.With(backend) with { EndpointSets = GatewayConfiguration.Empty.EndpointSets.Add(set.Name, set) };
        return Assert.Single(RouteDescription.Of(Describe.Route(new ForwardAction([new WeightedBackend("b")])), configuration));
    }
}
