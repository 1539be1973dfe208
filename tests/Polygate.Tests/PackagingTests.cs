using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Polygate.Commands;
using Polygate.Testing;
using YamlDotNet.RepresentationModel;

namespace Polygate.Tests;

/// <summary>What is installed on clusters: the Helm chart and the plain manifests in <c>deploy/</c>.</summary>
public sealed class PackagingTests
{
    private static readonly string Root = SourceTree.Root;
    private static readonly string Chart = Path.Combine(Root, "deploy", "helm", "polygate");
    private static readonly string Manifests = Path.Combine(Root, "deploy", "manifests");

    public static TheoryData<string, string> GeneratedFiles()
    {
        var data = new TheoryData<string, string> { { "rbac", "manifests/10-rbac.yaml" }, { "crds", "manifests/05-crds.yaml" }, { "crds", "helm/polygate/crds/policies.yaml" } };
        foreach (var purpose in (string[])["events", "nodes", "services", "election"])
        {
            data.Add($"rbac --rules {purpose}", $"helm/polygate/rbac/{purpose}.yaml");
        }

        foreach (var dialect in Polygate.Composition.Dialects.Select(dialect => dialect.Name))
        {
            data.Add($"rbac --dialects {dialect} --rules namespaced", $"helm/polygate/rbac/{dialect}.namespaced.yaml");
            data.Add($"rbac --dialects {dialect} --rules cluster", $"helm/polygate/rbac/{dialect}.cluster.yaml");
            data.Add($"rbac --dialects {dialect} --rules admission", $"helm/polygate/admission/{dialect}.yaml");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(GeneratedFiles))]
    public async Task A_generated_file_is_what_deploy_generate_would_write(string command, string file)
    {
        Assert.Equal(await OutputOf(command.Split(' ')), await File.ReadAllTextAsync(Path.Combine(Root, "deploy", file), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_manifests_run_this_version_with_arguments_that_it_takes()
    {
        var container = Documents(Folder(Manifests))
            .Where(document => Text(document, "kind") == "Deployment").Select(ContainerOf).Single();

        Assert.Equal("polygate/polygate:" + Version(), Text(container, "image"));
        AssertAccepted(ArgumentsOf(container), "run");
    }

    [Theory]
    [InlineData("deploy/manifests")]
    [InlineData("deploy/webhook")]
    [InlineData("examples/cluster")]
    public void The_manifests_hold_together(string folder) => AssertHoldTogether([.. Documents(Folder(Path.Combine(Root, folder)))]);

    [Fact]
    public async Task The_webhook_runs_this_version_with_arguments_that_it_takes_and_is_sent_what_dialects_read()
    {
        var documents = Documents(Folder(Path.Combine(Root, "deploy", "webhook"))).ToList();
        var container = documents.Where(document => Text(document, "kind") == "Deployment").Select(ContainerOf).Single();
        var webhook = ((YamlSequenceNode)Node(documents.Single(document => Text(document, "kind") == "ValidatingWebhookConfiguration"), "webhooks")!).Single();

        Assert.Equal("polygate/polygate:" + Version(), Text(container, "image"));
        AssertAccepted(ArgumentsOf(container), "webhook");
        Assert.Equal(
            Sequence(await OutputOf(["rbac", "--rules", "admission"])).ToString(),
            Node(webhook, "rules")!.ToString());
    }

    [Fact]
    public async Task The_webhook_is_sent_no_Secrets_and_may_read_nothing()
    {
        Assert.DoesNotContain("secrets", await OutputOf(["rbac", "--rules", "admission"]), StringComparison.Ordinal);
        var documents = Documents(Folder(Path.Combine(Root, "deploy", "webhook"))).ToList();
        Assert.DoesNotContain(documents, document => Text(document, "apiVersion").StartsWith("rbac.", StringComparison.Ordinal));
        Assert.Equal("false", Text(documents.Single(document => Text(document, "kind") == "Deployment"), "spec", "template", "spec", "automountServiceAccountToken"));
    }

    [Fact]
    public void The_chart_is_of_this_version()
    {
        var chart = Documents(File.ReadAllText(Path.Combine(Chart, "Chart.yaml"))).Single();

        Assert.Equal((Version(), Version()), (Text(chart, "version"), Text(chart, "appVersion")));
    }

    [Fact]
    public void The_schema_of_the_values_knows_every_value_and_nothing_else()
    {
        var values = Documents(File.ReadAllText(Path.Combine(Chart, "values.yaml"))).Single();
        var schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Chart, "values.schema.json")))!;

        Assert.Equal(PathsOf(schema["properties"]!.AsObject()).Where(path => path != "global").Order(), PathsOf(values, schema["properties"]!.AsObject()).Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("--set kind=DaemonSet --set ports.http.hostPort=80 --set service.enabled=false --set publishNodes=true --set gatewayServices=true")]
    [InlineData("--set rbac.namespaced=true --set rbac.clusterScoped=false --set watchNamespaces={shop,blog} --set gatewayClass.name=internal --set gatewayServices=true")]
    [InlineData("--set rbac.namespaced=true --set watchNamespaces={shop,blog} --set claimClasses={ingress-nginx,kong} --set ingressWithoutClass=true")]
    [InlineData("--set ingressNginx.enableSslPassthrough=true --set ingressNginx.defaultBackendService=a/b --set ingressNginx.defaultSslCertificate=a/c --set ingressNginx.configMap=a/d --set ingressNginx.tcpServicesConfigMap=a/e --set ingressNginx.udpServicesConfigMap=a/f --set ingressNginx.allowSnippetAnnotations={nginx} --set ingressNginx.strict={all} --set ingressNginx.metrics=true")]
    [InlineData("--set autoscaling.enabled=true --set serviceMonitor.enabled=true --set gatewayClass.create=true --set ingressClass.default=true")]
    [InlineData("--set webhook.enabled=true --set webhook.ingressClasses.shop=kong --set webhook.gatewayClasses={internal} --set webhook.gateways={infra/web} --set claimClasses={kong} --set localBackends=allow")]
    [InlineData("--set webhook.enabled=true --set webhook.certificate.certManager=false --set webhook.certificate.secretName=tls --set webhook.certificate.caBundle=Cg== --set webhook.failurePolicy=Fail")]
    [InlineData("--set dialects.gloo=false --set publishAddresses={192.0.2.1} --set trustedProxies={10.0.0.0/8} --set snapshot.enabled=false --set extraArgs={--loops=2}")]
    public async Task The_chart_renders_to_manifests_that_run_with_arguments_that_it_takes(string values)
    {
        var rendered = await RenderAsync(values);

        var documents = Documents(rendered).ToList();
        AssertHoldTogether(documents);
        Assert.All(documents.Where(document => Text(document, "kind") is "Deployment" or "DaemonSet"), workload => AssertAccepted(ArgumentsOf(ContainerOf(workload))));
        Assert.Equal(documents.Count, documents.Select(document => Text(document, "kind") + "/" + Text(document, "metadata", "namespace") + "/" + Text(document, "metadata", "name")).Distinct().Count());
    }

    [Theory]
    [InlineData("--set kind=StatefulSet", "kind")]
    [InlineData("--set replica=3", "replica")]
    [InlineData("--set rbac.namespaced=true", "watchNamespaces")]
    [InlineData("--set rbac.clusterScoped=false", "rbac.namespaced")]
    [InlineData("--set hostNetwork=true --set ports.http.hostPort=80", "hostNetwork")]
    [InlineData("--set webhook.enabled=true --set webhook.certificate.certManager=false", "webhook.certificate")]
    [InlineData("--set webhook.ingressClasses.shop=nginx", "shop")]
    public async Task The_chart_refuses_values_that_mean_nothing(string values, string named)
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => RenderAsync(values));

        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
    }

    private static async Task<string> RenderAsync(string values)
    {
        var helm = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "helm")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(helm is null, "There is no helm on the PATH.");
        using var process = Process.Start(new ProcessStartInfo(helm!, ["template", "polygate", Chart, "--namespace", "polygate-system", .. values.Split(' ', StringSplitOptions.RemoveEmptyEntries)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException(await error);
    }

    private static void AssertAccepted(IReadOnlyList<string> arguments, string? command = null)
    {
        var parsed = CommandTree.Create().Parse(arguments);

        Assert.Equal(command ?? arguments[0], parsed.CommandResult.Command.Name);
        Assert.Empty(parsed.Errors.Select(error => error.Message));
    }

    /// <summary>What can be said without an API server: kinds are known, and what names something by a label or a name finds it.</summary>
    private static void AssertHoldTogether(List<YamlMappingNode> documents)
    {
        Assert.All(documents, document => Assert.Contains($"{Text(document, "apiVersion")} {Text(document, "kind")}", Kinds));
        var workloads = documents.Where(document => Text(document, "kind") is "Deployment" or "DaemonSet").ToList();
        foreach (var workload in workloads)
        {
            AssertSelects(Node(workload, "spec", "selector", "matchLabels")!, workload);
            var volumes = Items(workload, "spec", "template", "spec", "volumes").Select(volume => Text(volume, "name")).ToHashSet();
            Assert.All(Items(ContainerOf(workload), "volumeMounts"), mount => Assert.Contains(Text(mount, "name"), volumes));
            Assert.Equal(("true", "false", "true"), (
                Text(ContainerOf(workload), "securityContext", "readOnlyRootFilesystem"), Text(ContainerOf(workload), "securityContext", "allowPrivilegeEscalation"),
                Text(workload, "spec", "template", "spec", "securityContext", "runAsNonRoot") + Text(ContainerOf(workload), "securityContext", "runAsNonRoot")));
        }

        foreach (var service in documents.Where(document => Text(document, "kind") == "Service"))
        {
            var behind = Assert.Single(workloads, workload => Selects(Node(service, "spec", "selector")!, workload));
            var ports = Items(ContainerOf(behind), "ports").Select(port => Text(port, "name")).ToHashSet();
            Assert.All(Items(service, "spec", "ports"), port => Assert.Contains(Text(port, "targetPort"), ports));
        }

        foreach (var budget in documents.Where(document => Text(document, "kind") == "PodDisruptionBudget"))
        {
            Assert.Single(workloads, workload => Selects(Node(budget, "spec", "selector", "matchLabels")!, workload));
        }
    }

    private static readonly HashSet<string> Kinds =
    [
        "v1 Namespace", "v1 ServiceAccount", "v1 Service", "apps/v1 Deployment", "apps/v1 DaemonSet", "policy/v1 PodDisruptionBudget",
        "autoscaling/v2 HorizontalPodAutoscaler", "rbac.authorization.k8s.io/v1 ClusterRole", "rbac.authorization.k8s.io/v1 ClusterRoleBinding",
        "rbac.authorization.k8s.io/v1 Role", "rbac.authorization.k8s.io/v1 RoleBinding", "networking.k8s.io/v1 IngressClass",
        "networking.k8s.io/v1 Ingress", "gateway.networking.k8s.io/v1 GatewayClass", "gateway.networking.k8s.io/v1 Gateway",
        "gateway.networking.k8s.io/v1 HTTPRoute", "apiextensions.k8s.io/v1 CustomResourceDefinition", "monitoring.coreos.com/v1 ServiceMonitor",
        "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration", "cert-manager.io/v1 Issuer", "cert-manager.io/v1 Certificate",
    ];

    private static void AssertSelects(YamlNode selector, YamlMappingNode workload) => Assert.True(Selects(selector, workload), $"{selector} does not select {Text(workload, "metadata", "name")}");

    private static bool Selects(YamlNode selector, YamlMappingNode workload) =>
        ((YamlMappingNode)selector).Children.All(label => Text(workload, "spec", "template", "metadata", "labels", ((YamlScalarNode)label.Key).Value!) == ((YamlScalarNode)label.Value).Value);

    private static IEnumerable<YamlMappingNode> Items(YamlMappingNode node, params string[] path) => (Node(node, path) as YamlSequenceNode ?? []).Cast<YamlMappingNode>();

    private static string Folder(string path) => string.Join("\n---\n", Directory.GetFiles(path, "*.yaml").Order().Select(File.ReadAllText));

    private static YamlNode Sequence(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return stream.Documents[0].RootNode;
    }

    private static async Task<string> OutputOf(string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(0, await CommandTree.InvokeAsync(arguments, output, error, TestContext.Current.CancellationToken));
        return output.ToString();
    }

    private static string Version() => XDocument.Load(Path.Combine(Root, "Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>The values that a schema names: its leaves, and objects that take anything.</summary>
    private static IEnumerable<string> PathsOf(JsonObject properties, string prefix = "") =>
        properties.SelectMany(property => property.Value!["properties"] is JsonObject inner
            ? PathsOf(inner, prefix + property.Key + ".")
            : [prefix + property.Key]);

    private static IEnumerable<string> PathsOf(YamlNode values, JsonObject properties, string prefix = "") =>
        ((YamlMappingNode)values).Children.SelectMany(child => properties[((YamlScalarNode)child.Key).Value!]?["properties"] is JsonObject inner
            ? PathsOf(child.Value, inner, prefix + child.Key + ".")
            : [prefix + child.Key]);

    private static IEnumerable<YamlMappingNode> Documents(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return stream.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>();
    }

    private static YamlMappingNode ContainerOf(YamlMappingNode workload) =>
        (YamlMappingNode)((YamlSequenceNode)Node(workload, "spec", "template", "spec", "containers")!).Single();

    private static List<string> ArgumentsOf(YamlMappingNode container) =>
        [.. ((YamlSequenceNode)Node(container, "args")!).Select(argument => ((YamlScalarNode)argument).Value!)];

    private static string Text(YamlMappingNode node, params string[] path) => (Node(node, path) as YamlScalarNode)?.Value ?? "";

    private static YamlNode? Node(YamlNode node, params string[] path) =>
        path.Aggregate((YamlNode?)node, (at, key) => at is YamlMappingNode mapping && mapping.Children.TryGetValue(key, out var child) ? child : null);
}
