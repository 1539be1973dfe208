using System.Globalization;
using System.Net;

namespace Polygate.EndToEnd.Tests;

/// <summary>Configuration that changes, and breaks, while traffic flows.</summary>
public sealed class LiveConfigurationTests
{
    private const string Gateway = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: demo }
        spec:
          gatewayClassName: polygate
          listeners: [{ name: http, port: 80, protocol: HTTP }]
        """;

    [Fact]
    public async Task A_thousand_good_objects_are_served_beside_a_broken_one_that_is_reported_with_file_and_line()
    {
        using var folder = Examples.Quickstart("backends.yaml");
        folder.Write("gateway.yaml", Gateway);
        for (var i = 0; i < 1000; i++)
        {
            folder.Write($"route-{i}.yaml", Route(i, "ingress-test"));
        }

        folder.Write("broken.yaml", "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata:\n  name: broken\nspec:\n  rules:\n    - matches: 17\n");
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        for (var i = 0; i < 1000; i++)
        {
            var seen = await gateway.EchoAsync($"http://demo.localhost:8080/route-{i}/x");
            Assert.Equal($"/route-{i}/x", (string?)seen["path"]);
        }

        Assert.Contains("broken.yaml:7", gateway.Log, StringComparison.Ordinal);
        Assert.Contains("spec.rules[0].matches", gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edit_takes_effect_and_a_broken_edit_keeps_the_last_good_state()
    {
        using var folder = Examples.Quickstart("backends.yaml");
        folder.Write("gateway.yaml", Gateway);
        folder.Write("route.yaml", Route(1, "ingress-test"));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        const string url = "http://demo.localhost:8080/route-1/";
        Assert.Equal("ingress-test", (string?)(await gateway.EchoAsync(url))["backend"]);

        folder.Replace("route.yaml", Route(1, "ingress-test-v2"));
        await gateway.UntilAsync(url, answer => Body(answer).Contains("ingress-test-v2", StringComparison.Ordinal));

        folder.Replace("route.yaml", "spec: [\n");
        folder.Replace("other.yaml", Route(2, "ingress-test"));
        await gateway.UntilAsync("http://demo.localhost:8080/route-2/", answer => answer.IsSuccessStatusCode);
        Assert.Equal("ingress-test-v2", (string?)(await gateway.EchoAsync(url))["backend"]);

        File.Delete(folder["route.yaml"]);
        await gateway.UntilAsync(url, answer => answer.StatusCode == HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Rewriting_truncating_and_breaking_files_under_load_loses_no_request()
    {
        using var folder = Examples.Quickstart("backends.yaml");
        folder.Write("gateway.yaml", Gateway);
        folder.Write("kept.yaml", Route(1, "ingress-test"));
        folder.Write("edited.yaml", Route(2, "ingress-test"));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(() => LoadAsync(gateway, stop.Token))).ToList();
        for (var round = 0; round < 40; round++)
        {
            folder.Replace("edited.yaml", Route(2, round % 2 == 0 ? "ingress-test-v2" : "ingress-test"));
            File.WriteAllText(folder["kept.yaml"], "");
            File.WriteAllText(folder["kept.yaml"], Route(1, "ingress-test")[..60]);
            await Task.Delay(10);
            File.WriteAllText(folder["kept.yaml"], Route(1, "ingress-test"));
            folder.Write($"new-{round}.yaml", Route(100 + round, "ingress-test"));
            await Task.Delay(30);
        }

        await stop.CancelAsync();
        var results = await Task.WhenAll(load);
        Assert.All(results, result => Assert.True(result.Answered > 20, "The load never ran."));
        Assert.All(results, result => Assert.Equal([], result.Failures));
    }

    [Fact]
    public async Task Ten_thousand_routes_are_served_and_one_of_them_changes()
    {
        using var folder = Examples.Quickstart("backends.yaml");
        folder.Write("gateway.yaml", Gateway);
        for (var file = 0; file < 100; file++)
        {
            folder.Write($"routes-{file}.yaml", string.Join("\n---\n", Enumerable.Range(file * 100, 100).Select(i => Route(i, "ingress-test"))));
        }

        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        foreach (var i in new[] { 0, 4_999, 9_999 })
        {
            Assert.Equal("ingress-test", (string?)(await gateway.EchoAsync($"http://demo.localhost:8080/route-{i}/"))["backend"]);
        }

        folder.Replace("routes-99.yaml", Route(9_999, "ingress-test-v2"));
        await gateway.UntilAsync("http://demo.localhost:8080/route-9999/", answer => Body(answer).Contains("ingress-test-v2", StringComparison.Ordinal));
        await gateway.UntilAsync("http://demo.localhost:8080/route-9900/", answer => answer.StatusCode == HttpStatusCode.NotFound);
        Assert.Equal("ingress-test", (string?)(await gateway.EchoAsync("http://demo.localhost:8080/route-5000/"))["backend"]);
    }

    private static string Body(HttpResponseMessage answer)
    {
        using var reader = new StreamReader(answer.Content.ReadAsStream());
        return reader.ReadToEnd();
    }

    private static async Task<(int Answered, List<string> Failures)> LoadAsync(GatewayProcess gateway, CancellationToken stop)
    {
        var failures = new List<string>();
        var answered = 0;
        while (!stop.IsCancellationRequested)
        {
            foreach (var url in new[] { "http://demo.localhost:8080/route-1/x", "http://demo.localhost:8080/route-2/x" })
            {
                try
                {
                    using var answer = await gateway.Client.GetAsync(url, CancellationToken.None);
                    answered++;
                    if (!answer.IsSuccessStatusCode)
                    {
                        failures.Add($"{url}: {(int)answer.StatusCode}");
                    }
                }
                catch (HttpRequestException exception)
                {
                    failures.Add($"{url}: {exception.Message}");
                }
            }
        }

        return (answered, failures);
    }

    private static string Route(int number, string service) => string.Create(CultureInfo.InvariantCulture, $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata:
          name: route-{{number}}
        spec:
          parentRefs: [{ name: demo }]
          hostnames: [demo.localhost]
          rules:
            - matches: [{ path: { type: PathPrefix, value: /route-{{number}} } }]
              backendRefs: [{ name: {{service}}, port: 8080 }]
        """);
}
