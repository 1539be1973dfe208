using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Polygate.EndToEnd.Tests.GatewayApi;

/// <summary>Policies of gateway.polygate.io, each on a path of its own.</summary>
public sealed class PolicyTests
{
    private const string Password = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="; // secret

    [Fact]
    public async Task Policies_demand_of_requests_what_they_say()
    {
        using var signer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var services = await EchoServices.StartAsync(
            async (name, context) =>
            {
                if (name != "issuer")
                {
                    return false;
                }

                if (context.Request.Path == "/keys")
                {
                    await context.Response.WriteAsync(KeySet(signer));
                }
                else
                {
                    context.Response.StatusCode = context.Request.Headers.Authorization == "please" ? 200 : 403;
                }

                return true;
            },
            "app",
            "issuer");
        using var folder = new ConfigurationFolder();
        folder.Write("services.yaml", services.Manifests);
        folder.Write("routes.yaml", Routes("open", "denied", "rate", "basic", "key", "jwt", "external", "limits", "compressed", "broken", "misspelled"));
        folder.Write("policies.yaml", string.Concat(
            Policy("denied", "addresses: { deny: [127.0.0.0/8] }"),
            Policy("rate", "rateLimit: { requests: 2, interval: 1h }"),
            Policy("basic", "authentication: { basic: { secretRef: { name: passwords }, realm: shop, userHeader: X-User } }"),
            Policy("key", "authentication: { apiKey: { secretRef: { name: keys }, header: X-Key, consumerHeader: X-Consumer } }"),
            Policy("jwt", "authentication: { jwt: { providers: [{ name: me, issuer: me, jwks: { remote: { backendRef: { name: issuer, port: 80 }, host: issuer, path: /keys } }, claimHeaders: [{ claim: sub, header: X-Sub }] }] } }"),
            Policy("external", "authentication: { external: { protocol: HTTP, backendRef: { name: issuer, port: 80 }, http: {} } }"),
            Policy("limits", "limits: { bodyBytes: 10, headerCount: 10 }"),
            Policy("compressed", "compression: { codings: [gzip], minBytes: 1 }"),
            Policy("broken", "authentication: { basic: { secretRef: { name: nobody } } }"),
            Policy("misspelled", "adresses: { allow: [127.0.0.0/8] }")));
        folder.Write("secrets.yaml", $$"""
            apiVersion: v1
            kind: Secret
            metadata: { name: passwords }
            stringData: { auth: "alice:{{Password}}" }
            ---
            apiVersion: v1
            kind: Secret
            metadata: { name: keys }
            stringData: { partner: s3cret }
            """);
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);

        Assert.Equal("200", await AskAsync(gateway, "open"));
        Assert.Equal("403", await AskAsync(gateway, "denied"));
        Assert.Equal(["200", "200", "429"], new[] { await AskAsync(gateway, "rate"), await AskAsync(gateway, "rate"), await AskAsync(gateway, "rate") });
        Assert.Equal("401", await AskAsync(gateway, "basic"));
        Assert.Equal("200 x-user: alice", await AskAsync(gateway, "basic", "x-user", ("Authorization", "Basic " + Convert.ToBase64String("alice:secret"u8))));
        Assert.Equal("401", await AskAsync(gateway, "basic", "x-user", ("Authorization", "Basic " + Convert.ToBase64String("alice:wrong"u8))));
        Assert.Equal("401", await AskAsync(gateway, "key", "x-consumer", ("X-Key", "guess")));
        Assert.Equal("200 x-consumer: partner", await AskAsync(gateway, "key", "x-consumer", ("X-Key", "s3cret"), ("X-Consumer", "forged")));
        Assert.Equal("401", await AskAsync(gateway, "jwt"));
        Assert.Equal("401", await AskAsync(gateway, "jwt", "x-sub", ("Authorization", "Bearer " + Token(signer, "somebody else", "bob"))));
        Assert.Equal("200 x-sub: bob", await AskAsync(gateway, "jwt", "x-sub", ("Authorization", "Bearer " + Token(signer, "me", "bob"))));
        Assert.Equal("403", await AskAsync(gateway, "external"));
        Assert.Equal("200", await AskAsync(gateway, "external", null, ("Authorization", "please")));
        Assert.Equal("431", await AskAsync(gateway, "limits", null, [.. Enumerable.Range(0, 12).Select(i => ($"X-{i}", "1"))]));
        using var large = await gateway.Client.PostAsync("http://limits.localhost:9080/", new StringContent(new string('x', 11)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        using var compressed = await gateway.GetAsync("http://compressed.localhost:9080/", ("Accept-Encoding", "gzip"));
        Assert.Equal("gzip", compressed.Content.Headers.ContentEncoding.Single());

        // What cannot be obeyed lets nobody in.
        Assert.Equal("503", await AskAsync(gateway, "broken"));
        Assert.Equal("503", await AskAsync(gateway, "misspelled"));
    }

    [Fact]
    public async Task A_policy_of_a_route_comes_before_that_of_its_listener_and_that_before_the_Gateways()
    {
        await using var services = await EchoServices.StartAsync("app");
        using var folder = new ConfigurationFolder();
        folder.Write("services.yaml", services.Manifests);
        folder.Write("routes.yaml", Routes("free", "other"));
        folder.Write("policies.yaml", string.Concat(
            Policy("gw", "addresses: { deny: [127.0.0.0/8] }", "Gateway"),
            Policy("gw", "addresses: { allow: [127.0.0.0/8] }", "Gateway", "second"),
            Policy("free", "addresses: { allow: [127.0.0.0/8] }")));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);

        Assert.Equal("403", await AskAsync(gateway, "other"));
        Assert.Equal("200", await AskAsync(gateway, "free"));
        using var second = await gateway.GetAsync("http://other.localhost:9081/");
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);

        // Without the policies of route and listener the Gateway's holds; a change takes effect while running.
        folder.Replace("policies.yaml", Policy("gw", "addresses: { deny: [127.0.0.0/8] }", "Gateway"));
        await gateway.UntilAsync("http://free.localhost:9080/", answer => answer.StatusCode == HttpStatusCode.Forbidden);
        await gateway.UntilAsync("http://other.localhost:9081/", answer => answer.StatusCode == HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_policy_of_a_Service_has_its_endpoints_checked()
    {
        await using var services = await EchoServices.StartAsync(
            (name, context) =>
            {
                context.Response.StatusCode = context.Request.Path == "/healthz" && name == "sick" ? 500 : 200;
                return Task.FromResult(context.Request.Path == "/healthz");
            },
            "well",
            "sick");
        var ports = services.Ports.ToDictionary(port => port.Name, port => port.Port);
        using var folder = new ConfigurationFolder();
        folder.Write("routes.yaml", Routes("shop"));
        folder.Write("service.yaml", $$"""
            apiVersion: v1
            kind: Service
            metadata: { name: app }
            spec: { ports: [{ name: http, port: 80 }] }
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: { name: well, labels: { kubernetes.io/service-name: app } }
            addressType: IPv4
            ports: [{ name: http, port: {{ports["well"]}} }]
            endpoints: [{ addresses: ["{{services.Address}}"] }]
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: { name: sick, labels: { kubernetes.io/service-name: app } }
            addressType: IPv4
            ports: [{ name: http, port: {{ports["sick"]}} }]
            endpoints: [{ addresses: ["{{services.Address}}"] }]
            ---
            apiVersion: gateway.polygate.io/v1alpha1
            kind: BackendPolicy
            metadata: { name: checked }
            spec:
              targetRefs: [{ group: "", kind: Service, name: app }]
              healthCheck: { path: /healthz, interval: 50ms, unhealthyThreshold: 1 }
            """);
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);

        // Round robin goes to both until the check has failed, and then to one alone.
        for (int row = 0, asked = 0; row < 20; asked++)
        {
            Assert.True(asked < 10_000, "The sick endpoint was never passed over.");
            row = (await gateway.Client.GetStringAsync("http://shop.localhost:9080/")).StartsWith("well ", StringComparison.Ordinal) ? row + 1 : 0;
        }
    }

    private static async Task<string> AskAsync(GatewayProcess gateway, string route, string? field = null, params (string, string)[] headers)
    {
        using var answer = await gateway.GetAsync($"http://{route}.localhost:9080/", headers);
        var seen = field is null ? null : (await answer.Content.ReadAsStringAsync()).Split('\n').FirstOrDefault(line => line.StartsWith(field + ":", StringComparison.Ordinal));
        return seen is null ? $"{(int)answer.StatusCode}" : $"{(int)answer.StatusCode} {seen}";
    }

    private static string Routes(params string[] names) => """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: gw }
        spec:
          gatewayClassName: any
          listeners: [{ name: first, port: 9080, protocol: HTTP }, { name: second, port: 9081, protocol: HTTP }]

        """ + string.Concat(names.Select(name => $$"""
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: {{name}} }
        spec:
          parentRefs: [{ name: gw }]
          hostnames: [{{name}}.localhost]
          rules: [{ backendRefs: [{ name: app, port: 80 }] }]

        """));

    private static string Policy(string target, string group, string kind = "HTTPRoute", string? section = null) => $$"""
        apiVersion: gateway.polygate.io/v1alpha1
        kind: RoutePolicy
        metadata: { name: {{target}}-{{section ?? "all"}} }
        spec:
          targetRefs: [{ group: gateway.networking.k8s.io, kind: {{kind}}, name: {{target}}{{(section is null ? "" : $", sectionName: {section}")}} }]
          {{group}}
        ---

        """;

    private static string KeySet(ECDsa signer)
    {
        var key = signer.ExportParameters(false);
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["kid"] = "k", ["alg"] = "ES256", ["x"] = Text(key.Q.X!), ["y"] = Text(key.Q.Y!) }),
        }.ToJsonString();
    }

    private static string Token(ECDsa signer, string issuer, string subject)
    {
        var content = $"{Text("""{"alg":"ES256","kid":"k"}"""u8)}.{Text(Encoding.UTF8.GetBytes($$"""{"iss":"{{issuer}}","sub":"{{subject}}","exp":{{DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds()}}}"""))}";
        return $"{content}.{Text(signer.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256))}";
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
