using CsCheck;

namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>
/// Routes of so few words that they compete for every request: what the translation and the routing table choose is what the specification, executed
/// naively, chooses.
/// </summary>
public sealed class PrecedenceProperties
{
    private static readonly Gen<string> Hosts = Gen.OneOf("a.x", "b.a.x", "*.x", "*.a.x", "c.x", "*.b.a.x");

    private static readonly Gen<(string Type, string Value)> Paths = Gen.OneOf(
        ("", ""), ("", ""), ("exact", "/p"), ("exact", "/p/q"), ("exact", "/p/"), ("prefix", "/"), ("prefix", "/p"), ("prefix", "/p"), ("prefix", "/p/"), ("prefix", "/p/q"),
        ("prefix", "/pq"), ("regex", "/p.*"), ("regex", "/[a-z]+"));

    private static readonly Gen<string[]> Headers = Few("h=1", "h=2", "H=1", "i=1", "I=2");

    private static readonly Gen<string[]> Parameters = Few("q=1", "q=2", "Q=1", "r=1");

    private static readonly Gen<SpecifiedMatch> HttpMatches = Gen.Select(
        Paths, Gen.OneOf("", "", "", "GET", "POST"), Headers, Parameters,
        (path, method, headers, parameters) => new SpecifiedMatch(path.Type, path.Value, method, "", "", headers, parameters));

    private static readonly Gen<SpecifiedMatch> GrpcMatches = Gen.Select(
        Gen.OneOf("", "s.A", "s.AB", "s.B"), Gen.OneOf("", "M", "MN", "N"), Headers,
        (service, call, headers) => new SpecifiedMatch("", "", "", service, call, headers, []));

    private static readonly Gen<SpecifiedRequest> HttpRequests = Gen.Select(
        Gen.OneOf("GET", "POST"), Gen.OneOf("a.x", "b.a.x", "c.x", "d.b.a.x", "x", "y"), Gen.OneOf("/", "/p", "/p/", "/p/q", "/p/q/r", "/pq", "/P"),
        Headers.Select(OneEach), Parameters,
        (method, host, path, headers, parameters) => new SpecifiedRequest(method, host, path, headers, parameters));

    private static readonly Gen<SpecifiedRequest> GrpcRequests = Gen.Select(
        Gen.OneOf("a.x", "b.a.x", "c.x", "y"), Gen.OneOf("/s.A/M", "/s.A/MN", "/s.AB/M", "/s.B/N", "/s.C/O", "/s.A/m"), Headers.Select(OneEach),
        (host, path, headers) => new SpecifiedRequest("POST", host, path, headers, []));

    [Fact]
    public void The_HTTP_rule_that_answers_is_the_one_of_the_specification() => Holds("HTTPRoute", HttpMatches, HttpRequests);

    [Fact]
    public void The_gRPC_rule_that_answers_is_the_one_of_the_specification() => Holds("GRPCRoute", GrpcMatches, GrpcRequests);

    private static void Holds(string kind, Gen<SpecifiedMatch> matches, Gen<SpecifiedRequest> requests) =>
        Gen.Select(Few("a.x", "b.a.x", "*.x", "*.a.x"), Routes(matches), requests.Array[30]).Sample(
            (listeners, routes, asked) =>
            {
                // A listener for every host, so that no route is without one.
                var specification = new RouteSpecification(["", .. listeners], routes);
                var table = RouteTable.OfRoutes(string.Join('\n', routes.Select(route => route.Lines(kind))), listeners);

                foreach (var request in asked)
                {
                    Assert.Equal((request.ToString(), specification.Answer(request)), (request.ToString(), table.Answer(request.ToString())));
                }
            },
            iter: 400);

    /// <summary>Names and namespaces whose order is not that of their parts: a shorter one and one that goes on with a dash.</summary>
    private static Gen<SpecifiedRoute[]> Routes(Gen<SpecifiedMatch> matches) => Gen.Select(
        Gen.OneOf("shop", "shop-x"), Gen.OneOf("2024-01-01", "2024-01-02"), Gen.OneOf(Gen.Const(Array.Empty<string>()), Hosts.Array[1, 2]), matches.Array[1, 2].Array[1, 2],
        (ns, created, hosts, rules) => (Namespace: ns, Created: created, Hosts: hosts, Rules: rules)).Array[1, 5].Select(routes => routes
            .Zip(["b", "a", "a-b", "a-c", "ab"], (route, name) => new SpecifiedRoute(route.Namespace, name, route.Created, [.. route.Hosts.Distinct()], route.Rules)).ToArray());

    /// <summary>None, one or two, in any order: few, so that routes are often equals and the last criteria decide.</summary>
    private static Gen<string[]> Few(params string[] all) => Gen.OneOf(all).Array[0, 2].Select(few => few.Distinct(StringComparer.Ordinal).ToArray());

    /// <summary>A request names a header once: joined values are another matter.</summary>
    private static string[] OneEach(string[] headers) => [.. headers.DistinctBy(header => header[..header.IndexOf('=', StringComparison.Ordinal)].ToLowerInvariant())];
}
