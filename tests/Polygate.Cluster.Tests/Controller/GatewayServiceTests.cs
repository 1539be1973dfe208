using System.Text.Json.Nodes;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Controller;

/// <summary>The Services that are made for Gateways, where that is asked for.</summary>
public sealed class GatewayServiceTests : IAsyncLifetime
{
    private const string Services = "api/v1/namespaces/default/services";
    private const string Service = Services + "/gateway-polygate";
    private const string Slice = "apis/discovery.k8s.io/v1/namespaces/default/endpointslices/gateway-polygate-ipv4";
    private const string Class = $"apis/{Cluster.GatewayApi}/gatewayclasses/polygate";
    private const string Gateway = $"apis/{Cluster.GatewayApi}/namespaces/default/gateways/gateway";

    private TestApiServer server = null!;
    private Cluster cluster = null!;

    public async ValueTask InitializeAsync()
    {
        server = await TestApiServer.StartAsync();
        cluster = new Cluster(server);
        await cluster.InstallGatewayApiAsync();
        await cluster.AddGatewayAsync();
    }

    public async ValueTask DisposeAsync()
    {
        cluster.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_Service_follows_its_Gateway_and_is_made_again_when_somebody_takes_it_away()
    {
        await cluster.PatchAsync(Gateway, "{spec: {infrastructure: {labels: {team: shop, stage: test}, annotations: {dns: \"yes\"}}}}");
        await using var gateway = await RunningGateway.Start(server, "--gateway-services", "--publish-address", "192.0.2.7").ReadyAsync();

        var made = await UntilThereAsync(gateway, Service, service => Label(service, "team") == "shop");
        Assert.Equal(("test", "yes", "gateway", "Gateway"), (Label(made, "stage"), Annotation(made, "dns"), Label(made, "gateway.networking.k8s.io/gateway-name"), (string?)made["metadata"]!["ownerReferences"]![0]!["kind"]));
        Assert.Equal("80", made["spec"]!["ports"]!.AsArray().Single()!["port"]!.ToString());
        var slice = await UntilThereAsync(gateway, Slice, _ => true);
        Assert.Equal("192.0.2.7", (string?)slice["endpoints"]![0]!["addresses"]![0]);

        // What somebody else adds stays; what leaves the spec leaves the Service.
        await cluster.PatchAsync(Service, "{metadata: {annotations: {theirs: \"1\"}}}");
        await cluster.PatchAsync(Gateway, "{spec: {infrastructure: {labels: {stage: null}}}}");
        var changed = await UntilThereAsync(gateway, Service, service => Label(service, "stage") is null);
        Assert.Equal(("shop", "1"), (Label(changed, "team"), Annotation(changed, "theirs")));

        await cluster.DeleteAsync(Service);
        await UntilThereAsync(gateway, Service, service => Label(service, "team") == "shop");
        await cluster.PatchAsync(Service, "{metadata: {labels: {team: mine}}}");
        await UntilThereAsync(gateway, Service, service => Label(service, "team") == "shop");
    }

    [Fact]
    public async Task A_Gateway_that_becomes_somebody_elses_loses_it()
    {
        await using var gateway = await RunningGateway.Start(server, "--gateway-services", "--publish-address", "192.0.2.7").ReadyAsync();
        await UntilThereAsync(gateway, Slice, _ => true);

        await cluster.PatchAsync(Gateway, "{spec: {gatewayClassName: theirs}}");
        await UntilGoneAsync(gateway, Service);
        await UntilGoneAsync(gateway, Slice);
    }

    [Theory]
    [InlineData("another class")]
    [InlineData("another controller")]
    [InlineData("no class")]
    public async Task A_Gateway_that_became_somebody_elses_while_nobody_ran_loses_it_at_the_next_start(string how)
    {
        await using (var before = await RunningGateway.Start(server, "--gateway-services", "--publish-address", "192.0.2.7").ReadyAsync())
        {
            await UntilThereAsync(before, Slice, _ => true);
        }

        await (how == "another class" ? cluster.PatchAsync(Gateway, "{spec: {gatewayClassName: theirs}}")
            : how == "another controller" ? cluster.PatchAsync(Class, "{spec: {controllerName: example.org/theirs}}")
            : DeleteClassAsync());

        await using var gateway = await RunningGateway.Start(server, "--gateway-services", "--publish-address", "192.0.2.7").ReadyAsync();
        await UntilGoneAsync(gateway, Service);
        await UntilGoneAsync(gateway, Slice);
    }

    [Fact]
    public async Task A_Service_of_the_name_that_the_Gateways_class_had_before_goes()
    {
        await using (var before = await RunningGateway.Start(server, "--gateway-services", "--publish-address", "192.0.2.7").ReadyAsync())
        {
            await UntilThereAsync(before, Slice, _ => true);
        }

        await cluster.CreateAsync($"apis/{Cluster.GatewayApi}/gatewayclasses", $"{{apiVersion: {Cluster.GatewayApi}, kind: GatewayClass, metadata: {{name: second}}, spec: {{controllerName: gateway.polygate.io/gateway-controller}}}}");
        await cluster.PatchAsync(Gateway, "{spec: {gatewayClassName: second}}");

        await using var gateway = await RunningGateway.Start(server, "--gateway-services", "--publish-address", "192.0.2.7").ReadyAsync();
        await UntilGoneAsync(gateway, Service);
        await UntilThereAsync(gateway, $"{Services}/gateway-second", _ => true);
    }

    [Fact]
    public async Task Only_what_is_this_gateways_by_label_controller_and_owner_goes_with_a_class()
    {
        await using (var before = await RunningGateway.Start(server, "--gateway-services").ReadyAsync())
        {
            await UntilThereAsync(before, Service, _ => true);
        }

        var uid = (string)(await cluster.GetAsync(Gateway))["metadata"]!["uid"]!;
        var owner = $"ownerReferences: [{{apiVersion: {Cluster.GatewayApi}, kind: Gateway, name: gateway, uid: {uid}}}]";
        const string Label = "labels: {app.kubernetes.io/managed-by: polygate}";
        const string Controller = "annotations: {gateway.polygate.io/controller: gateway.polygate.io/gateway-controller}";
        await AddServiceAsync("without-label", $"{Controller}, {owner}");
        await AddServiceAsync("without-controller", $"{Label}, {owner}");
        await AddServiceAsync("of-another-controller", $"{Label}, annotations: {{gateway.polygate.io/controller: example.org/theirs}}, {owner}");
        await AddServiceAsync("without-owner", $"{Label}, {Controller}");
        await AddServiceAsync("of-another-owner", $"{Label}, {Controller}, {owner.Replace("kind: Gateway", "kind: Lamp", StringComparison.Ordinal)}");
        await AddServiceAsync("left-over", $"{Label}, {Controller}, {owner}");
        await DeleteClassAsync();

        await using var gateway = await RunningGateway.Start(server, "--gateway-services").ReadyAsync();
        await UntilGoneAsync(gateway, Service);
        await UntilGoneAsync(gateway, $"{Services}/left-over");
        foreach (var name in (string[])["without-label", "without-controller", "of-another-controller", "without-owner", "of-another-owner"])
        {
            Assert.NotNull(await TryGetAsync($"{Services}/{name}"));
        }
    }

    [Theory]
    [InlineData("gateways")]
    [InlineData("gatewayclasses")]
    public async Task What_cannot_be_read_at_the_start_takes_nothing_away(string unreadable)
    {
        await using (var before = await RunningGateway.Start(server, "--gateway-services").ReadyAsync())
        {
            await UntilThereAsync(before, Service, _ => true);
        }

        server.Faults.Only = (method, path) => method == "GET" && path.EndsWith("/" + unreadable, StringComparison.Ordinal);
        server.Faults.Answer(403);
        await using var gateway = await RunningGateway.Start(server, "--gateway-services").ReadyAsync();
        await gateway.UntilAsync(() => Task.FromResult(gateway.Log.Contains("is the leader now", StringComparison.Ordinal)));
        await Task.Delay(500, TestContext.Current.CancellationToken);

        Assert.NotNull(await TryGetAsync(Service));
    }

    [Fact]
    public async Task A_Service_that_somebody_else_made_is_left_alone_and_that_is_told()
    {
        await cluster.CreateAsync(Services, "{apiVersion: v1, kind: Service, metadata: {name: gateway-polygate, labels: {team: theirs}}, spec: {ports: [{port: 1}]}}");
        await cluster.PatchAsync(Gateway, "{spec: {infrastructure: {labels: {team: shop}}}}");
        await using var gateway = await RunningGateway.Start(server, "--gateway-services").ReadyAsync();

        await gateway.UntilAsync(() => Task.FromResult(gateway.Log.Contains("somebody else's", StringComparison.Ordinal)));
        Assert.Equal("theirs", Label(await cluster.GetAsync(Service), "team"));
    }

    [Fact]
    public async Task Nothing_is_made_without_being_asked_for()
    {
        await using var gateway = await RunningGateway.Start(server).ReadyAsync();

        await cluster.UntilAsync(Gateway, item => item["status"]?["listeners"] is not null);
        Assert.Null(await TryGetAsync(Service));
        var published = await cluster.UntilAsync($"apis/{Cluster.GatewayApi}/gatewayclasses/polygate", item => item["status"]?["supportedFeatures"] is not null);
        Assert.DoesNotContain("GatewayInfrastructurePropagation", published["status"]!["supportedFeatures"]!.ToJsonString(), StringComparison.Ordinal);
    }

    /// <summary>By force: a class that Gateways use has a finalizer.</summary>
    private async Task DeleteClassAsync()
    {
        await cluster.PatchAsync(Class, "{metadata: {finalizers: null}}");
        await cluster.DeleteAsync(Class);
    }

    private Task<JsonObject> AddServiceAsync(string name, string metadata) =>
        cluster.CreateAsync(Services, $"{{apiVersion: v1, kind: Service, metadata: {{name: {name}, {metadata}}}, spec: {{clusterIP: None, ports: [{{port: 1}}]}}}}");

    private static string? Label(JsonObject item, string name) => (string?)item["metadata"]!["labels"]?[name];

    private static string? Annotation(JsonObject item, string name) => (string?)item["metadata"]!["annotations"]?[name];

    private async Task<JsonObject> UntilThereAsync(RunningGateway gateway, string path, Func<JsonObject, bool> holds)
    {
        JsonObject? found = null;
        await gateway.UntilAsync(async () => (found = await TryGetAsync(path)) is not null && holds(found));
        return found!;
    }

    private Task UntilGoneAsync(RunningGateway gateway, string path) => gateway.UntilAsync(async () => await TryGetAsync(path) is null);

    private async Task<JsonObject?> TryGetAsync(string path)
    {
        var answer = await cluster.GetAsync(path);
        return (string?)answer["kind"] == "Status" ? null : answer;
    }
}
