using System.Net;

namespace Polygate.EndToEnd.Tests.GatewayApi;

/// <summary>Gateways that share the addresses of this machine and want to speak different protocols on one port.</summary>
public sealed class SharedPortTests
{
    [Theory]
    [InlineData("HTTPS", "HTTP")]
    [InlineData("HTTP", "HTTPS")]
    public async Task Routes_of_the_Gateway_that_lost_the_port_are_not_served_there(string older, string younger)
    {
        await using var services = await EchoServices.StartAsync("winner", "loser");
        using var folder = new ConfigurationFolder();
        folder.Write("services.yaml", services.Manifests);
        folder.Write("secret.yaml", TestCertificates.TlsSecret("certificate", "winner.localhost", "loser.localhost", "both.localhost"));
        folder.Write("gateways.yaml", Gateway("winner", 2001, older) + Gateway("loser", 2002, younger));
        folder.Write("routes.yaml", Route("winner", "Gateway", "winner") + Route("loser", "Gateway", "loser"));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        var scheme = older.ToLowerInvariant();

        Assert.Equal("winner /", await FirstLineAsync(gateway, $"{scheme}://winner.localhost:9443/"));
        using var refused = await gateway.GetAsync($"{scheme}://loser.localhost:9443/");
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);

        // The same Gateway is served where it has a port to itself.
        Assert.Equal("loser /", await FirstLineAsync(gateway, "http://loser.localhost:9080/"));
    }

    [Theory]
    [InlineData("HTTPS", "HTTP")]
    [InlineData("HTTP", "HTTPS")]
    public async Task Routes_of_a_ListenerSet_whose_Gateway_lost_the_port_are_not_served_there(string older, string younger)
    {
        await using var services = await EchoServices.StartAsync("winner", "loser");
        using var folder = new ConfigurationFolder();
        folder.Write("services.yaml", services.Manifests);
        folder.Write("secret.yaml", TestCertificates.TlsSecret("certificate", "winner.localhost", "loser.localhost"));
        folder.Write("gateways.yaml", Gateway("winner", 2001) + Gateway("loser", 2002) + ListenerSet("winner", 2010, older) + ListenerSet("loser", 2003, younger));
        folder.Write("routes.yaml", Route("winner", "ListenerSet", "winner") + Route("loser", "ListenerSet", "loser") + Route("plain", "Gateway", "loser", "loser"));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        var scheme = older.ToLowerInvariant();

        Assert.Equal("winner /", await FirstLineAsync(gateway, $"{scheme}://winner.localhost:9443/"));
        using var refused = await gateway.GetAsync($"{scheme}://loser.localhost:9443/");
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.Equal("loser /", await FirstLineAsync(gateway, "http://plain.localhost:9080/"));
    }

    private static async Task<string> FirstLineAsync(GatewayProcess gateway, string url)
    {
        using var answer = await gateway.GetAsync(url);
        return (await answer.Content.ReadAsStringAsync()).Split('\n')[0];
    }

    /// <summary>A Gateway with cleartext on 9080 and, unless left out, a protocol on 9443.</summary>
    private static string Gateway(string name, int year, string? protocol = null) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: {{name}}, creationTimestamp: "{{year}}-01-01T00:00:00Z" }
        spec:
          gatewayClassName: any
          allowedListeners: { namespaces: { from: Same } }
          listeners:
            - { name: plain, port: 9080, protocol: HTTP }
            {{(protocol is null ? "" : Listener(protocol))}}
        ---

        """;

    private static string ListenerSet(string gateway, int year, string protocol) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: ListenerSet
        metadata: { name: {{gateway}}, creationTimestamp: "{{year}}-01-01T00:00:00Z" }
        spec:
          parentRef: { name: {{gateway}} }
          listeners:
            {{Listener(protocol)}}
        ---

        """;

    private static string Listener(string protocol) =>
        $"- {{ name: contested, port: 9443, protocol: {protocol}{(protocol == "HTTPS" ? ", tls: { certificateRefs: [{ name: certificate }] }" : "")} }}";

    private static string Route(string name, string parentKind, string parent, string? service = null) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: {{name}} }
        spec:
          hostnames: [{{name}}.localhost]
          parentRefs: [{ kind: {{parentKind}}, name: {{parent}} }]
          rules: [{ backendRefs: [{ name: {{service ?? name}}, port: 80 }] }]
        ---

        """;
}
