using System.Net;

namespace Polygate.EndToEnd.Tests.GatewayApi;

/// <summary>RoutePolicies on routes that have no requests: networks hold, and what cannot be checked lets nobody in.</summary>
public sealed class StreamPolicyTests
{
    [Fact]
    public async Task Networks_hold_for_streams_and_what_cannot_be_checked_lets_nobody_in()
    {
        await using var services = await EchoServices.StartAsync("app");
        using var folder = new ConfigurationFolder();
        folder.Write("services.yaml", services.Manifests);
        folder.Write("routes.yaml", """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: { name: gw }
            spec:
              gatewayClassName: any
              listeners:
                - { name: open, port: 9101, protocol: TCP }
                - { name: denied, port: 9102, protocol: TCP }
                - { name: allowed, port: 9103, protocol: TCP }
                - { name: foreign, port: 9104, protocol: TCP }
                - { name: password, port: 9105, protocol: TCP }
                - { name: small, port: 9106, protocol: TCP }
                - { name: misspelled, port: 9107, protocol: TCP }
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: TCPRoute
            metadata: { name: app }
            spec:
              parentRefs: [{ name: gw }]
              rules: [{ backendRefs: [{ name: app, port: 80 }] }]

            """);
        folder.Write("policies.yaml", string.Concat(
            Policy("denied", "addresses: { deny: [127.0.0.0/8] }"),
            Policy("allowed", "addresses: { allow: [127.0.0.0/8] }"),
            Policy("foreign", "addresses: { allow: [10.0.0.0/8] }"),
            Policy("password", "authentication: { basic: { secretRef: { name: passwords } } }"),
            Policy("small", "limits: { bodyBytes: 1 }"),
            Policy("misspelled", "adresses: { allow: [127.0.0.0/8] }")));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);

        var served = new List<int>();
        for (var port = 9101; port <= 9107; port++)
        {
            if (await IsServedAsync(port))
            {
                served.Add(port);
            }
        }

        Assert.Equal([9101, 9103, 9106], served);

        async Task<bool> IsServedAsync(int port)
        {
            try
            {
                using var answer = await gateway.GetAsync($"http://app.localhost:{port}/");
                return answer.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }

    private static string Policy(string listener, string group) => $$"""
        ---
        apiVersion: gateway.polygate.io/v1alpha1
        kind: RoutePolicy
        metadata: { name: {{listener}} }
        spec:
          targetRefs: [{ group: gateway.networking.k8s.io, kind: Gateway, name: gw, sectionName: {{listener}} }]
          {{group}}

        """;
}
