namespace Polygate.EndToEnd.Tests.GatewayApi;

/// <summary>Sessions of rules over several backends.</summary>
public sealed class SessionTests
{
    [Theory]
    [InlineData("cookie")]
    [InlineData("header")]
    public async Task A_session_stays_on_its_backend_and_no_other_rule_knows_it(string kind)
    {
        await using var services = await EchoServices.StartAsync("one", "two");
        using var folder = new ConfigurationFolder();
        folder.Write("services.yaml", services.Manifests);
        folder.Write("route.yaml", Manifests);
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        var seen = new HashSet<string>();
        for (var session = 0; session < 40 && seen.Count < 2; session++)
        {
            using var first = await gateway.GetAsync($"http://shop.localhost:9080/{kind}");
            var (name, token) = Token(first, kind);
            var backend = await FirstWordAsync(first);
            seen.Add(backend);
            for (var i = 0; i < 8; i++)
            {
                using var next = await gateway.GetAsync($"http://shop.localhost:9080/{kind}", (name, token));
                Assert.Equal(backend, await FirstWordAsync(next));
            }

            using var elsewhere = await gateway.GetAsync($"http://shop.localhost:9080/other-{kind}", (name, token));
            Assert.NotEqual(token, Token(elsewhere, kind).Value);
        }

        // First requests are drawn by weight: both backends get some of forty.
        Assert.Equal(["one", "two"], seen.Order());
    }

    private const string Manifests = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: gw }
        spec:
          gatewayClassName: any
          listeners: [{ name: http, port: 9080, protocol: HTTP }]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: shop }
        spec:
          parentRefs: [{ name: gw }]
          rules:
            - matches: [{ path: { value: /cookie } }]
              sessionPersistence: { sessionName: s }
              backendRefs: [{ name: one, port: 80 }, { name: two, port: 80 }]
            - matches: [{ path: { value: /other-cookie } }]
              sessionPersistence: { sessionName: s }
              backendRefs: [{ name: one, port: 80 }, { name: two, port: 80 }]
            - matches: [{ path: { value: /header } }]
              sessionPersistence: { sessionName: X-Session, type: Header }
              backendRefs: [{ name: one, port: 80 }, { name: two, port: 80 }]
            - matches: [{ path: { value: /other-header } }]
              sessionPersistence: { sessionName: X-Session, type: Header }
              backendRefs: [{ name: one, port: 80 }, { name: two, port: 80 }]
        """;

    private static (string Name, string Value) Token(HttpResponseMessage answer, string kind) => kind == "header"
        ? ("X-Session", answer.Headers.GetValues("X-Session").Single())
        : ("Cookie", answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);

    private static async Task<string> FirstWordAsync(HttpResponseMessage answer) => (await answer.Content.ReadAsStringAsync()).Split(' ')[0];
}
