using System.Text.Json.Nodes;
using Polygate.Commands;

namespace Polygate.Tests;

/// <summary><c>polygate migrate ingress-nginx</c> on a folder, as people and pipelines use it.</summary>
public sealed class MigrateCommandTests
{
    private const string Ingress = """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: shop
          annotations: { nginx.ingress.kubernetes.io/allowlist-source-range: 10.0.0.0/8, nginx.ingress.kubernetes.io/ANNOTATION }
        spec:
          ingressClassName: nginx
          rules: [{ host: shop.test, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }] } }]
        """;

    [Theory]
    [InlineData("enable-cors: 'true'", "unsupported", 0)]
    [InlineData("enable-cors: 'true'", "differs", 0)]
    [InlineData("mirror-target: https://mirror.test$request_uri", "unsupported", 0)]
    [InlineData("mirror-target: https://mirror.test$request_uri", "differs", 1)]
    [InlineData("enable-modsecurity: 'true'", "unsupported", 1)]
    [InlineData("enable-modsecurity: 'true'", "never", 0)]
    public async Task The_exit_code_fits_a_pipeline(string annotation, string failOn, int code)
    {
        using var folder = Folder(annotation);
        Assert.Equal(code, (await RunAsync("--config", folder.Path, "--fail-on", failOn)).Code);
    }

    [Fact]
    public async Task Manifests_are_written_and_what_they_leave_out_is_reported()
    {
        using var folder = Folder("limit-connections: '5'");
        using var written = new TemporaryFolder();
        var file = Path.Combine(written.Path, "gateway.yaml");

        var report = JsonNode.Parse((await RunAsync("--config", folder.Path, "--write-gateway-api", file, "--with-policies", "--gateway", "edge/gw", "--output", "json")).Output)!;

        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        Assert.Contains("kind: RoutePolicy", text, StringComparison.Ordinal);
        Assert.Contains("namespace: edge", text, StringComparison.Ordinal);
        var left = Assert.Single(report["notExpressed"]!.AsArray())!;
        Assert.Equal(("shop", false), ((string?)left["name"], (bool?)left["withoutBackends"]));
        Assert.Contains("limit-connections", (string)left["what"]!, StringComparison.Ordinal);

        var plain = await RunAsync("--config", folder.Path, "--write-gateway-api", "-");
        Assert.StartsWith("# What ran on ingress-nginx", plain.Output, StringComparison.Ordinal);
        Assert.Contains("# without backends (500)", plain.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("RoutePolicy", plain.Output, StringComparison.Ordinal);
        var table = await RunAsync("--config", folder.Path, "--write-gateway-api", file);
        Assert.Contains("1 of them leave requests without a backend", table.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--context is about a cluster", "--context", "x")]
    [InlineData("--with-policies is for --write-gateway-api", "--with-policies")]
    [InlineData("--gateway is a namespace and a name", "--write-gateway-api", "-", "--gateway", "gw")]
    public async Task Options_that_make_no_sense_together_are_refused(string message, params string[] options)
    {
        using var folder = Folder("enable-cors: 'true'");
        var (code, _, error) = await RunAsync(["--config", folder.Path, .. options]);
        Assert.Equal(CommandTree.Failed, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_cannot_be_reached_is_a_failure_with_a_reason()
    {
        var (code, _, error) = await RunAsync("--kubeconfig", "/nowhere/kubeconfig");
        Assert.Equal(CommandTree.Failed, code);
        Assert.Contains("kubeconfig", error, StringComparison.OrdinalIgnoreCase);
    }

    private static TemporaryFolder Folder(string annotation)
    {
        var folder = new TemporaryFolder();
        folder.Write("ingress.yaml", Ingress.Replace("ANNOTATION", annotation, StringComparison.Ordinal));
        return folder;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] options)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandTree.InvokeAsync(["migrate", "ingress-nginx", .. options], output, error, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
