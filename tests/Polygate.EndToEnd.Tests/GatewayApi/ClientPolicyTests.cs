using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Polygate.EndToEnd.Tests.GatewayApi;

/// <summary>ClientPolicies: who is believed, how large heads may be and how long is waited, by the port of a Gateway.</summary>
public sealed class ClientPolicyTests : IAsyncLifetime
{
    private readonly ConfigurationFolder folder = new();
    private EchoServices services = null!;

    public async ValueTask InitializeAsync()
    {
        services = await EchoServices.StartAsync("app");
        folder.Write("services.yaml", services.Manifests);
        folder.Write("routes.yaml", """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: { name: gw }
            spec:
              gatewayClassName: any
              listeners: [{ name: first, port: 9080, protocol: HTTP }, { name: second, port: 9081, protocol: HTTP }]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: app }
            spec:
              parentRefs: [{ name: gw }]
              rules: [{ backendRefs: [{ name: app, port: 80 }] }]
            """);
    }

    public async ValueTask DisposeAsync()
    {
        folder.Dispose();
        await services.DisposeAsync();
    }

    [Fact]
    public async Task Who_is_believed_about_clients_is_said_by_port_and_followed_while_running()
    {
        folder.Write("policies.yaml", Policy("near", "trustedProxies: { networks: [127.0.0.0/8] }", "second"));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);

        Assert.DoesNotContain("203.0.113.9", await ForwardedAsync(gateway, 9080), StringComparison.Ordinal);
        Assert.StartsWith("x-forwarded-for: 203.0.113.9, 127.", await ForwardedAsync(gateway, 9081), StringComparison.Ordinal);

        // A policy that cannot be read believes nobody.
        folder.Replace("policies.yaml", Policy("near", "trustedProxies: { networks: [everyone] }", "second"));
        while ((await ForwardedAsync(gateway, 9081)).Contains("203.0.113.9", StringComparison.Ordinal))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Heads_are_as_large_as_the_policy_says(int version)
    {
        folder.Write("policies.yaml", Policy("small", "limits: { headerBytes: 2000, headerCount: 20, requestLineBytes: 1000 }", "second"));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(9080, new string('x', 3000)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(9081, "x"));
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, await StatusAsync(9081, new string('x', 3000)));
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, await StatusAsync(9081, [.. Enumerable.Repeat("x", 25)]));
        if (version == 1)
        {
            Assert.Equal(414, (await RawClient.SendAsync(gateway.Address, 9081, "GET", "app.localhost", "/" + new string('x', 1000))).Status);
        }

        async Task<HttpStatusCode> StatusAsync(int port, params string[] values)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://app.localhost:{port}/") { Version = new Version(version, version == 1 ? 1 : 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            for (var i = 0; i < values.Length; i++)
            {
                request.Headers.TryAddWithoutValidation($"X-{i}", values[i]);
            }

            using var answer = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task A_client_that_is_slow_with_its_head_is_answered_408_in_the_policys_time()
    {
        folder.Write("policies.yaml", Policy("brief", "timeouts: { header: 200ms }", "second"));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);

        using var slow = new TcpClient();
        await slow.ConnectAsync(gateway.Address, 9081, TestContext.Current.CancellationToken);
        await slow.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: app"u8.ToArray(), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(slow.GetStream(), Encoding.Latin1);
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(50), TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
    }

    private static async Task<string> ForwardedAsync(GatewayProcess gateway, int port)
    {
        // Settings hold for connections made after them.
        using var answer = await gateway.GetAsync($"http://app.localhost:{port}/", ("X-Forwarded-For", "203.0.113.9"), ("Connection", "close"));
        var seen = await answer.Content.ReadAsStringAsync();
        return seen.Split('\n').Single(line => line.StartsWith("x-forwarded-for:", StringComparison.Ordinal));
    }

    private static string Policy(string name, string group, string? section = null) => $$"""
        apiVersion: gateway.polygate.io/v1alpha1
        kind: ClientPolicy
        metadata: { name: {{name}} }
        spec:
          targetRefs: [{ group: gateway.networking.k8s.io, kind: Gateway, name: gw{{(section is null ? "" : $", sectionName: {section}")}} }]
          {{group}}

        """;
}
