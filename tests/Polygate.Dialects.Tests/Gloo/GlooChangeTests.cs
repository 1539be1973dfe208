using Polygate.Dialects.Gloo;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;

namespace Polygate.Dialects.Tests.Gloo;

/// <summary>What a change of one object does to the others.</summary>
public sealed class GlooChangeTests
{
    private static readonly GlooDialect Dialect = new();

    private readonly Translator translator = new([Dialect]);

    [Fact]
    public void A_duplicate_domain_takes_both_hosts_down_and_its_removal_brings_the_other_back()
    {
        var (one, two) = (Service("one", "a.example"), Service("two", "a.example"));
        translator.Apply([one, two, Service("three", "b.example")], []);
        Assert.Single(translator.Configuration.Routes);

        translator.Apply([], [two]);

        Assert.Equal(2, translator.Configuration.Routes.Count());
        Assert.Empty(translator.Diagnostics);
    }

    [Fact]
    public void A_route_table_that_appears_is_served()
    {
        translator.Apply([Read("""
            apiVersion: gateway.solo.io/v1
            kind: VirtualService
            metadata: {name: vs}
            spec: {virtualHost: {routes: [{matchers: [{prefix: /a}], delegateAction: {ref: {name: table}}}]}}
            """)], []);
        Assert.Empty(translator.Configuration.Routes);

        translator.Apply([Read("""
            apiVersion: gateway.solo.io/v1
            kind: RouteTable
            metadata: {name: table}
            spec: {routes: [{matchers: [{prefix: /a/b}], directResponseAction: {status: 200}}]}
            """)], []);

        Assert.Single(translator.Configuration.Routes);
        Assert.Empty(translator.Diagnostics);
    }

    [Fact]
    public void An_upstream_that_is_written_replaces_the_discovered_one()
    {
        var service = Read("apiVersion: v1\nkind: Service\nmetadata: {name: app}\nspec: {ports: [{port: 80}, {port: 81}]}\n");
        var route = Read("""
            apiVersion: gateway.solo.io/v1
            kind: VirtualService
            metadata: {name: vs}
            spec: {virtualHost: {routes: [{routeAction: {single: {upstream: {name: default-app-80, namespace: gloo-system}}}}]}}
            """);
        translator.Apply([service, route], []);
        Assert.Equal("default/app:80", Backend());

        translator.Apply([Read("""
            apiVersion: gloo.solo.io/v1
            kind: Upstream
            metadata: {name: default-app-80, namespace: gloo-system}
            spec: {kube: {serviceName: app, serviceNamespace: default, servicePort: 81}}
            """)], []);

        Assert.Equal("default/app:81", Backend());
    }

    [Fact]
    public void A_first_gateway_takes_the_place_of_the_installations_own()
    {
        translator.Apply([Service("one", "a.example")], []);
        Assert.Equal(8080, Port());

        translator.Apply([Read("apiVersion: gateway.solo.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: gloo-system}\nspec: {bindPort: 9000}\n")], []);

        Assert.Equal(9000, Port());
    }

    [Fact]
    public void A_change_of_one_virtual_service_leaves_the_piece_of_another_alone()
    {
        translator.Apply([Service("one", "a.example"), Service("two", "b.example")], []);
        var before = translator.Configuration.Pieces["gloo/VirtualService.gateway.solo.io/default/one"];

        translator.Apply([Service("two", "c.example")], []);

        Assert.Same(before, translator.Configuration.Pieces["gloo/VirtualService.gateway.solo.io/default/one"]);
    }

    private string Backend() => Assert.Single(translator.Configuration.Pieces.Values.SelectMany(piece => piece.Backends)).Name;

    private int Port() => Assert.Single(translator.Configuration.Pieces.Values.SelectMany(piece => piece.Listeners)).Key.Port;

    private static Resource Service(string name, string domain) => Read(
        $"apiVersion: gateway.solo.io/v1\nkind: VirtualService\nmetadata: {{name: {name}}}\nspec:\n  virtualHost:\n"
        + $"    domains: [{domain}]\n    routes: [{{directResponseAction: {{status: 200}}}}]\n");

    private static Resource Read(string yaml) =>
        Assert.Single(new ManifestReader(Dialect.ResourceTypes).Read("in.yaml", yaml).Resources);
}
