using Polygate.Commands;
using Polygate.Dialects.IngressNginx;

namespace Polygate.Tests;

/// <summary>The flags of ingress-nginx, each with its effect, as <c>check</c> and <c>explain</c> tell it.</summary>
public sealed class IngressNginxFlagTests
{
    private const string Shop = "http://shop.test/";

    [Fact]
    public async Task Passthrough_is_heeded_where_it_is_enabled()
    {
        using var folder = Folder("ssl-passthrough: \"true\"");
        Assert.Contains("passthrough-not-allowed", await CheckAsync(folder), StringComparison.Ordinal);
        Assert.DoesNotContain("passthrough-not-allowed", await CheckAsync(folder, "--enable-ssl-passthrough"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Snippets_are_served_for_the_classes_that_are_named()
    {
        using var folder = Folder("configuration-snippet: return 418;");
        Assert.Contains("annotation-risk", await CheckAsync(folder), StringComparison.Ordinal);
        Assert.Contains("annotation-risk", await CheckAsync(folder, "--allow-snippet-annotations", "other"), StringComparison.Ordinal);
        Assert.Contains("0 errors", await CheckAsync(folder, "--allow-snippet-annotations", "nginx"), StringComparison.Ordinal);
        Assert.Contains("418", await ExplainAsync(folder, Shop, "--allow-snippet-annotations", "other", "nginx"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quirks_are_turned_off_one_by_one_or_all()
    {
        using var folder = Folder("enable-cors: \"true\"\n    nginx.ingress.kubernetes.io/limit-rps: \"5\"");
        var all = await CheckAsync(folder);
        Assert.Contains("quirk-cors-credentials", all, StringComparison.Ordinal);
        Assert.Contains("quirk-rate-limit-503", all, StringComparison.Ordinal);
        var one = await CheckAsync(folder, "--ingress-nginx-strict", "cors-credentials");
        Assert.DoesNotContain("quirk-cors-credentials", one, StringComparison.Ordinal);
        Assert.Contains("quirk-rate-limit-503", one, StringComparison.Ordinal);
        Assert.DoesNotContain("quirk-", await CheckAsync(folder, "--ingress-nginx-strict", "all"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_default_backend_answers_what_nobody_serves()
    {
        using var folder = Folder("app-root: /x");
        folder.Write("default.yaml", Samples.Service(port: 9001).Replace("name: shop", "name: standard", StringComparison.Ordinal).Replace("shop", "standard", StringComparison.Ordinal));
        Assert.DoesNotContain("standard", await ExplainAsync(folder, "http://nobody.test/x"), StringComparison.Ordinal);
        Assert.Contains("default/standard:80", await ExplainAsync(folder, "http://nobody.test/x", "--default-backend-service", "default/standard"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_default_certificate_that_is_not_there_is_told_of()
    {
        using var folder = Folder("app-root: /x", tls: true);
        Assert.DoesNotContain("missing-secret", await CheckAsync(folder), StringComparison.Ordinal);
        Assert.Contains("ingress-nginx/standard does not exist", await CheckAsync(folder, "--default-ssl-certificate", "ingress-nginx/standard"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfigMaps_may_have_other_names()
    {
        using var folder = Folder("app-root: /x");
        folder.Write("maps.yaml", """
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: settings, namespace: edge }
            data: { no-such-key: x }
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: tcp, namespace: edge }
            data: { "9000": default/missing-tcp:80 }
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: udp, namespace: edge }
            data: { "9001": default/missing-udp:80 }
            """);
        Assert.DoesNotContain("no-such-key", await CheckAsync(folder), StringComparison.Ordinal);
        var check = await CheckAsync(folder, "--configmap", "edge/settings", "--tcp-services-configmap", "edge/tcp", "--udp-services-configmap", "edge/udp");
        Assert.All(new[] { "no-such-key", "missing-tcp", "missing-udp" }, name => Assert.Contains(name, check, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--default-backend-service", "fallback")]
    [InlineData("--default-ssl-certificate", "a/b/c")]
    [InlineData("--configmap", "/x")]
    [InlineData("--ingress-nginx-strict", "everything")]
    public async Task A_wrong_value_is_refused(params string[] arguments)
    {
        using var folder = Samples.Folder();
        Assert.Equal(CommandTree.Failed, await CommandTree.InvokeAsync(["check", "--config", folder.Path, .. arguments], TextWriter.Null, TextWriter.Null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Every_flag_is_documented()
    {
        var text = File.ReadAllText(Path.Combine(Polygate.Testing.SourceTree.Root, "docs", "running.md"));
        Assert.All(new IngressNginxFlags().All, option => Assert.Contains($"`{option.Name}", text, StringComparison.Ordinal));
        Assert.Contains("`--ingress-nginx-metrics`", text, StringComparison.Ordinal);
        Assert.NotEmpty(NginxQuirks.All);
    }

    private static TemporaryFolder Folder(string annotation, bool tls = false)
    {
        var folder = new TemporaryFolder();
        folder.Write("service.yaml", Samples.Service());
        folder.Write("ingress.yaml", $$"""
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: shop
              annotations:
                nginx.ingress.kubernetes.io/{{annotation}}
            spec:
              ingressClassName: nginx
              {{(tls ? "tls: [{ hosts: [shop.test] }]" : "")}}
              rules:
                - host: shop.test
                  http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }] }
            """);
        return folder;
    }

    private static Task<string> CheckAsync(TemporaryFolder folder, params string[] arguments) => RunAsync(["check", "--config", folder.Path, .. arguments]);

    private static Task<string> ExplainAsync(TemporaryFolder folder, string url, params string[] arguments) => RunAsync(["explain", "--config", folder.Path, .. arguments, "--", url]);

    private static async Task<string> RunAsync(string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandTree.InvokeAsync(arguments, output, error, TestContext.Current.CancellationToken);
        Assert.True(code is 0 or 1, error.ToString());
        return output.ToString();
    }
}
