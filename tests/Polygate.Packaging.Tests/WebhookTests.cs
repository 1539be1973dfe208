using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Polygate.Cluster.Tests.Contract;

namespace Polygate.Packaging.Tests;

/// <summary>The admission webhook as the API server calls it, by the manifests of <c>deploy/webhook</c>.</summary>
[Collection(KubernetesCollection.Name)]
public sealed class WebhookTests(KubernetesCluster cluster) : IAsyncLifetime
{
    private const string Configurations = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";

    private const string Route = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: NAME, namespace: NAMESPACE }
        spec:
          parentRefs: [{ name: gateway }]
          rules: [{ matches: [{ path: { type: RegularExpression, value: "PATTERN" } }], backendRefs: [{ name: cart, port: 80 }] }]
        """;

    private const string Ingress = """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: { name: NAME, namespace: NAMESPACE, annotations: { nginx.ingress.kubernetes.io/whitelist-source-range: "RANGE" } }
        spec:
          ingressClassName: CLASS
          rules: [{ host: shop.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: cart, port: { number: 80 } } } }] } }]
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("polygate-webhook-").FullName;
    private readonly string ns = $"webhook-{Guid.NewGuid():N}"[..20];
    private string authority = "";
    private int port;
    private Process? process;

    public async ValueTask InitializeAsync()
    {
        _ = cluster.Api;
        authority = WriteCertificate();
        port = FreePort();
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "polygate"),
            [
                "webhook", "--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "--certificate", $"{folder}/tls.crt", "--key", $"{folder}/tls.key",
                "--ingress-class", "polygate", "--ingress-class", "nginx=ingress-nginx", "--shutdown-delay", "0",
            ])
        {
            RedirectStandardError = true,
        };
        process = Process.Start(start)!;
        Assert.Contains("listens", await process.StandardError.ReadLineAsync(), StringComparison.Ordinal);
        _ = process.StandardError.ReadToEndAsync();
        (await cluster.Api.PostAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = ns } })).Expect(201);
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await cluster.Api.DeleteAsync($"{Configurations}/{ns}");
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_wrong_HTTPRoute_is_refused_by_kubectl_apply_in_our_words_and_a_right_one_is_not()
    {
        await ConfigureAsync();
        var (refusedCode, refused) = await cluster.KubectlAsync(Named(Route, "wrong").Replace("PATTERN", "/cart(", StringComparison.Ordinal), "apply", "-f", "-");
        var (code, output) = await cluster.KubectlAsync(Named(Route, "right").Replace("PATTERN", "/cart.*", StringComparison.Ordinal), "apply", "-f", "-");

        Assert.Equal((1, 0), (refusedCode, code));
        Assert.Contains("admission webhook \"check.gateway.polygate.io\" denied the request: spec.rules[0].matches[0].path.value: \"/cart(\" is not a regular expression", refused, StringComparison.Ordinal);
        Assert.Contains("created", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_Ingress_is_refused_when_it_is_of_our_class()
    {
        await ConfigureAsync();
        var wrong = Named(Ingress, "wrong").Replace("RANGE", "everybody", StringComparison.Ordinal);
        var (code, output) = await cluster.KubectlAsync(wrong.Replace("CLASS", "nginx", StringComparison.Ordinal), "apply", "-f", "-");

        Assert.Equal(1, code);
        Assert.Contains("whitelist-source-range", output, StringComparison.Ordinal);
        Assert.Equal(0, (await cluster.KubectlAsync(wrong.Replace("CLASS", "somebody-elses", StringComparison.Ordinal), "apply", "-f", "-")).Code);
        var right = Named(Ingress, "right").Replace("RANGE", "10.0.0.0/8", StringComparison.Ordinal).Replace("CLASS", "nginx", StringComparison.Ordinal);
        Assert.Equal(0, (await cluster.KubectlAsync(right, "apply", "-f", "-")).Code);
    }

    [Fact]
    public async Task An_Ingress_that_would_have_the_gateway_ask_itself_is_refused()
    {
        await ConfigureAsync();
        var local = Named(Ingress, "local").Replace("whitelist-source-range: \"RANGE\"", "auth-url: \"http://127.0.0.1:9901/metrics\"", StringComparison.Ordinal).Replace("CLASS", "nginx", StringComparison.Ordinal);

        var (code, output) = await cluster.KubectlAsync(local, "apply", "-f", "-");

        Assert.Equal(1, code);
        Assert.Contains("\"127.0.0.1\" is the gateway's own machine", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_odd_but_served_is_told_as_a_warning()
    {
        await ConfigureAsync();
        var odd = Named(Ingress, "odd").Replace("whitelist-source-range: \"RANGE\"", "unheard-of: \"yes\"", StringComparison.Ordinal).Replace("CLASS", "nginx", StringComparison.Ordinal);

        var (code, output) = await cluster.KubectlAsync(odd, "apply", "-f", "-");

        Assert.Equal(0, code);
        Assert.Contains("Warning: ", output, StringComparison.Ordinal);
        Assert.Contains("unheard-of", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_that_was_wrong_before_can_be_labelled_and_deleted()
    {
        var path = $"/apis/gateway.networking.k8s.io/v1/namespaces/{ns}/httproutes";
        var wrong = DeployFolder.Json(Named(Route, "old").Replace("PATTERN", "/(", StringComparison.Ordinal));
        wrong["metadata"]!["finalizers"] = new JsonArray("example.com/hold");
        (await cluster.Api.PostAsync(path, wrong)).Expect(201);
        await ConfigureAsync();
        var worse = DeployFolder.Json(Named(Route, "old").Replace("PATTERN", "/((", StringComparison.Ordinal))["spec"]!.DeepClone();

        (await cluster.Api.PatchAsync($"{path}/old", ApiClient.MergePatch, new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["a"] = "b" } } })).Expect(200);
        (await cluster.Api.PatchAsync($"{path}/old", ApiClient.MergePatch, new JsonObject { ["spec"] = worse })).Expect(422);
        (await cluster.Api.DeleteAsync($"{path}/old")).Expect(200);
        (await cluster.Api.PatchAsync($"{path}/old", ApiClient.MergePatch, new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } })).Expect(200);
        (await cluster.Api.GetAsync($"{path}/old")).Expect(404);
    }

    /// <summary>Has the API server ask the webhook about this test's namespace.</summary>
    private async Task ConfigureAsync()
    {
        var configuration = DeployFolder.Manifests("deploy/webhook").Select(DeployFolder.Json).Single(json => (string?)json["kind"] == "ValidatingWebhookConfiguration");
        configuration["metadata"]!["name"] = ns;
        var webhook = configuration["webhooks"]![0]!;
        webhook["failurePolicy"] = "Fail";
        webhook["clientConfig"] = new JsonObject
        {
            ["url"] = string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{port}/validate"),
            ["caBundle"] = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(authority)),
        };
        webhook["namespaceSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["kubernetes.io/metadata.name"] = ns } };
        (await cluster.Api.PostAsync(Configurations, configuration)).Expect(201);

        // The server begins to ask a moment later.
        var wrong = DeployFolder.Json(Named(Route, "probe").Replace("PATTERN", "/(", StringComparison.Ordinal));
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while ((await cluster.Api.PostAsync($"/apis/gateway.networking.k8s.io/v1/namespaces/{ns}/httproutes?dryRun=All", wrong.DeepClone())).Code == 201)
        {
            Assert.True(DateTime.UtcNow < deadline, "The API server never asked the webhook.");
            await Task.Delay(50);
        }
    }

    private string Named(string yaml, string name) => yaml.Replace("NAMESPACE", ns, StringComparison.Ordinal).Replace("NAME", name, StringComparison.Ordinal);

    private string WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=polygate-webhook", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(folder, "tls.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "tls.key"), key.ExportPkcs8PrivateKeyPem());
        return certificate.ExportCertificatePem();
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
