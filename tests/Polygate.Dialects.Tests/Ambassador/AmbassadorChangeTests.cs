using Polygate.Dialects.Ambassador;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;
using Polygate.Model;

namespace Polygate.Dialects.Tests.Ambassador;

/// <summary>What a change of one object does to the others.</summary>
public sealed class AmbassadorChangeTests
{
    private static readonly AmbassadorDialect Dialect = new();

    private readonly Translator translator = new([Dialect]);

    public AmbassadorChangeTests() => translator.Apply([Read("""
        apiVersion: getambassador.io/v3alpha1
        kind: Listener
        metadata: {name: http}
        spec: {port: 80, protocol: HTTP, securityModel: XFP, hostBinding: {namespace: {from: ALL}}}
        """)], []);

    [Fact]
    public void A_canary_takes_its_share_from_the_mapping_beside_it_and_gives_it_back()
    {
        translator.Apply([Mapping("main"), Mapping("canary", "weight: 10")], []);
        var canary = Mapping("canary", "weight: 10");
        Assert.Equal(["canary 0.1", "main 1"], Shares());

        translator.Apply([Mapping("canary", "weight: 40")], []);
        Assert.Equal(["canary 0.4", "main 1"], Shares());

        translator.Apply([], [canary]);
        Assert.Equal(["main 1"], Shares());
    }

    [Fact]
    public void A_first_host_takes_the_place_of_the_one_for_every_name()
    {
        translator.Apply([Mapping("m")], []);
        Assert.Equal("*", ClaimedHost());

        translator.Apply([Read("""
            apiVersion: getambassador.io/v3alpha1
            kind: Host
            metadata: {name: h}
            spec: {hostname: a.example, requestPolicy: {insecure: {action: Route}}}
            """)], []);

        Assert.Equal("a.example", ClaimedHost());
    }

    [Fact]
    public void An_auth_service_closes_mappings_and_its_removal_opens_them()
    {
        var service = Read("apiVersion: getambassador.io/v3alpha1\nkind: AuthService\nmetadata: {name: a}\nspec: {auth_service: 'auth:80'}\n");
        translator.Apply([Mapping("m"), service], []);
        Assert.Contains(Assert.Single(translator.Configuration.Routes).Filters, filter => filter is RefuseFilter);

        translator.Apply([], [service]);

        Assert.DoesNotContain(Assert.Single(translator.Configuration.Routes).Filters, filter => filter is RefuseFilter);
    }

    [Fact]
    public void A_mapping_with_another_prefix_leaves_the_piece_of_one_alone()
    {
        translator.Apply([Mapping("one")], []);
        var before = translator.Configuration.Pieces["ambassador/Mapping.getambassador.io/default/one"];

        translator.Apply([Mapping("two", "precedence: 1")], []);

        Assert.Same(before, translator.Configuration.Pieces["ambassador/Mapping.getambassador.io/default/one"]);
    }

    private IReadOnlyList<string> Shares() =>
        [.. translator.Configuration.Routes
            .Select(route => (Name: route.Origin.Name, Match: route.Bindings[0].Matches[0]))
            .OrderBy(route => route.Match.Precedence)
            .Select(route => $"{route.Name} {route.Match.Conditions.OfType<ShareCondition>().FirstOrDefault()?.Below ?? 1}")];

    private string ClaimedHost() => Assert.Single(Assert.Single(translator.Configuration.Routes, route => !route.Id.EndsWith("insecure", StringComparison.Ordinal)).Bindings).VirtualHost.ToString();

    private static Resource Mapping(string name, string more = "") => Read(
        $"apiVersion: getambassador.io/v3alpha1\nkind: Mapping\nmetadata: {{name: {name}}}\nspec: {{hostname: '*', prefix: /m/, service: 192.0.2.1, {more}}}\n");

    private static Resource Read(string yaml) =>
        Assert.Single(new ManifestReader(Dialect.ResourceTypes).Read("in.yaml", yaml).Resources);
}
