using Polygate.Dialects.GatewayApi;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;
using Polygate.Model;

namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>What follows when one object changes.</summary>
public sealed class IncrementalTests
{
    private const string Gateway = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: gw }
        spec:
          gatewayClassName: any
          listeners:
            - { name: http, port: 80, protocol: HTTP, hostname: "*.example" }
        """;

    private const string Grant = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: ReferenceGrant
        metadata: { name: grant, namespace: data }
        spec:
          from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: default }]
          to: [{ group: "", kind: Service }]
        """;

    private const string Service = """
        apiVersion: v1
        kind: Service
        metadata: { name: backend, namespace: data }
        spec:
          ports: [{ port: 80 }]
        """;

    private readonly Translator translator = new([new GatewayApiDialect()]);

    [Fact]
    public void A_backend_answers_500_once_its_grant_is_gone()
    {
        Set(Gateway, Grant, Service, Route("a"));
        Assert.NotNull(Backend("a"));

        Remove(Grant);

        Assert.Null(Backend("a"));
        Assert.Contains(translator.Diagnostics, diagnostic => diagnostic.Code == "ref-not-permitted");
    }

    [Fact]
    public void A_Service_that_appears_later_is_found()
    {
        Set(Gateway, Grant, Route("a"));
        Assert.Null(Backend("a"));

        Set(Service);

        Assert.Equal("data/backend:80", Backend("a"));
    }

    [Fact]
    public void Attached_routes_are_counted_as_they_come_and_go()
    {
        Set(Gateway, Grant, Service, Route("a"), Route("b", "b.example"), Route("c", "c.elsewhere"));
        Assert.Equal(2, AttachedRoutes());

        Remove(Route("a"));
        Assert.Equal(1, AttachedRoutes());

        Set(Route("c", "c.example"));
        Assert.Equal(2, AttachedRoutes());
    }

    [Fact]
    public void An_HTTPRoute_comes_back_when_the_older_GRPCRoute_leaves_its_host_name()
    {
        Set(Gateway, Grant, Service, Route("web", "a.example"), GrpcRoute("a.example"));
        Assert.DoesNotContain(translator.Configuration.Routes, route => route.Origin.Kind == "HTTPRoute");

        Set(GrpcRoute("b.example"));

        Assert.Contains(translator.Configuration.Routes, route => route.Origin.Kind == "HTTPRoute");
        Assert.Contains(translator.Configuration.Routes, route => route.Origin.Kind == "GRPCRoute");
    }

    [Fact]
    public void A_change_of_one_route_leaves_the_pieces_of_all_others_as_they_are()
    {
        Set([Gateway, Grant, Service, .. Enumerable.Range(0, 200).Select(number => Route($"route-{number}", $"h{number}.example"))]);
        var before = translator.Configuration.Pieces;

        Set(Route("route-7", "other.example"));

        var changed = translator.Configuration.Pieces.Where(pair => !ReferenceEquals(before[pair.Key], pair.Value)).Select(pair => pair.Key);
        Assert.Equal(["gateway-api/HTTPRoute.gateway.networking.k8s.io/default/route-7"], changed);
    }

    [Fact]
    public void Rules_keep_apart_whatever_their_names()
    {
        Set(Gateway, """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: names }
            spec:
              parentRefs: [{ name: gw }]
              rules: [{ }, { name: "0" }, { name: twin }, { name: twin }, { name: own }]
            """);

        Assert.Equal(
            ["0", "1", "2", "3", "own"],
            translator.Configuration.Routes.Select(route => route.Id.Split('/')[^2].Split('@')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Empty_entries_of_lists_spoil_nothing_but_their_own_object()
    {
        var file = new ManifestReader(new GatewayApiDialect().ResourceTypes).Read("in.yaml", string.Join("\n---\n", Gateway, Grant, Service, Route("good"), """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: hollow }
            spec:
              parentRefs: [null, { name: gw }]
              hostnames: [null]
              rules: [null, { backendRefs: [null], filters: [null], matches: [null] }]
            """));

        translator.Apply(file.Resources, []);

        Assert.Equal("data/backend:80", Backend("good"));
        Assert.Contains(file.Diagnostics.Concat(translator.Diagnostics), diagnostic => diagnostic is { Severity: DiagnosticSeverity.Error, Origin.Name: "hollow" });
    }

    [Fact]
    public void A_Gateway_of_another_controller_is_left_alone()
    {
        var strict = new Translator([new GatewayApiDialect(new GatewayApiOptions { ClaimAllClasses = false })]);
        strict.Apply(
            Read(
                Gateway,
                Service,
                Route("a"),
                """
                apiVersion: gateway.networking.k8s.io/v1
                kind: GatewayClass
                metadata: { name: any }
                spec: { controllerName: example.com/other }
                """),
            []);

        Assert.Empty(strict.Configuration.Pieces);
        Assert.Empty(strict.Statuses);
        Assert.Empty(strict.Diagnostics);
    }

    private static string Route(string name, string host = "www.example") => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: {{name}} }
        spec:
          parentRefs: [{ name: gw }]
          hostnames: [{{host}}]
          rules: [{ backendRefs: [{ name: backend, namespace: data, port: 80 }] }]
        """;

    private static string GrpcRoute(string host) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: GRPCRoute
        metadata: { name: calls }
        spec:
          parentRefs: [{ name: gw }]
          hostnames: [{{host}}]
          rules: [{ matches: [{ method: { service: s } }] }]
        """;

    private void Set(params string[] manifests) => translator.Apply(Read(manifests), []);

    private void Remove(string manifest) => translator.Apply([], Read(manifest));

    private static IReadOnlyList<Resource> Read(params string[] manifests)
    {
        var file = new ManifestReader(new GatewayApiDialect().ResourceTypes).Read("in.yaml", string.Join("\n---\n", manifests));
        Assert.Empty(file.Diagnostics);
        return file.Resources;
    }

    private string? Backend(string route) =>
        Assert.IsType<ForwardAction>(translator.Configuration.Routes.Single(candidate => candidate.Origin.Name == route).Action).Backends[0].Backend;

    private int AttachedRoutes()
    {
        var status = translator.Statuses.Single(status => status.Resource.Kind == "Gateway").Status;
        return status["listeners"]!.AsArray()[0]!["attachedRoutes"]!.GetValue<int>();
    }
}
