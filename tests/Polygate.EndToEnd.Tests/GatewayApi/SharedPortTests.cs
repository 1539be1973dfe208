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

    [Theory]
    [InlineData("after")]
    [InlineData("ahead")]
    public async Task A_Gateway_and_an_Ingress_that_want_one_port_differently_never_serve_each_others_routes_in_the_wrong_protocol(string name)
    {
        await using var services = await EchoServices.StartAsync("gateway", "ingress");
        using var folder = new ConfigurationFolder();
        folder.Write("services.yaml", services.Manifests);
        folder.Write("secret.yaml", TestCertificates.TlsSecret("certificate", "gateway.localhost"));
        folder.Write("gateways.yaml", $$"""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: { name: {{name}} }
            spec:
              gatewayClassName: any
              listeners: [{ name: it, port: 80, protocol: HTTPS, tls: { certificateRefs: [{ name: certificate }] } }]
            ---
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: { name: age }
            spec:
              rules: [{ host: ingress.localhost, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: ingress, port: { number: 80 } } } }] } }]
            """);
        folder.Write("routes.yaml", Route("gateway", "Gateway", name));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);

        // Whoever has the port: what was to be encrypted is never served in cleartext, nor the other way round, and the loser is told.
        var isCleartext = await StatusAsync("http://ingress.localhost:8080/") == 200;
        Assert.NotEqual(200, await StatusAsync("http://gateway.localhost:8080/"));
        Assert.NotEqual(200, await StatusAsync("https://ingress.localhost:8080/"));
        Assert.Equal(isCleartext ? 0 : 200, await StatusAsync("https://gateway.localhost:8080/"));
        Assert.Equal(name == "ahead", isCleartext);
        Assert.Contains("is not served: ", gateway.Log, StringComparison.Ordinal);

        async Task<int> StatusAsync(string url)
        {
            try
            {
                using var answer = await gateway.GetAsync(url);
                return (int)answer.StatusCode;
            }
            catch (HttpRequestException)
            {
                return 0;
            }
        }
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
