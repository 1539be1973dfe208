using System.Text.Json.Nodes;
using Polygate.Commands;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Controller;

/// <summary><c>polygate migrate ingress-nginx</c> against a cluster.</summary>
public sealed class MigrateTests : IAsyncLifetime
{
    /// <summary>More than two pages of a list.</summary>
    private const int Many = 1_203;

    private readonly string kubeconfig = Path.GetTempFileName();
    private TestApiServer server = null!;
    private Cluster cluster = null!;

    public async ValueTask InitializeAsync()
    {
        server = await TestApiServer.StartAsync();
        cluster = new Cluster(server);
        await File.WriteAllTextAsync(kubeconfig, server.Kubeconfig(server.IssueToken("migrator")));
        Write("{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: edge}, spec: {controller: k8s.io/ingress-nginx}}");
        Write("{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80}]}}");
        Write("{apiVersion: v1, kind: Secret, metadata: {name: staff}, data: {auth: YW5uOiQ2JHNhbHQkaGFzaA==}}");
        Write("{apiVersion: v1, kind: Namespace, metadata: {name: ingress-nginx}}");
        Write("{apiVersion: v1, kind: ConfigMap, metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}, data: {http-snippet: x}}");
    }

    public async ValueTask DisposeAsync()
    {
        File.Delete(kubeconfig);
        cluster.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Everything_is_read_in_pages_with_the_printed_rights_and_nothing_is_written()
    {
        await AllowAsync(await OutputOfAsync(["rbac", "--rules", "migration"]));
        for (var i = 0; i < Many; i++)
        {
            Write(Ingress($"i{i}", "edge", ""));
        }

        Write(Ingress("guarded", "edge", "nginx.ingress.kubernetes.io/auth-type: basic, nginx.ingress.kubernetes.io/auth-secret: staff"));
        Write(Ingress("other", "another", ""));
        var before = server.Calls.Count;

        var report = JsonNode.Parse(await MigrateAsync("--output", "json"))!;

        Assert.Equal(Many + 2, report["items"]!.AsArray().Count);
        Assert.Equal(1, (int)report["otherIngresses"]!);
        Assert.Contains("hashed in a way that is not supported", Finding(report, "guarded", "auth-secret"), StringComparison.Ordinal);
        Assert.NotEqual("", Finding(report, "ingress-nginx-controller", "data.http-snippet"));
        var calls = server.Calls.Skip(before).ToList();
        Assert.All(calls, call => Assert.Equal(("GET", "migrator"), (call.Method, call.User)));
        Assert.DoesNotContain(calls, call => call.Target.Contains("watch=", StringComparison.Ordinal));
        Assert.Equal(3, calls.Count(call => call.Target.Contains("/ingresses?limit=500", StringComparison.Ordinal)));
        Assert.DoesNotContain(calls, call => call.Target.EndsWith("/secrets", StringComparison.Ordinal) || call.Target.Contains("/secrets?", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task A_list_whose_pages_the_server_forgets_is_begun_anew_but_not_for_ever(int times, bool works)
    {
        await AllowAsync(await OutputOfAsync(["rbac", "--rules", "migration"]));
        for (var i = 0; i < Many; i++)
        {
            Write(Ingress($"i{i}", "edge", ""));
        }

        var late = 0;
        server.Faults.Before = target =>
        {
            if (target.Contains("/ingresses?", StringComparison.Ordinal) && target.Contains("continue=", StringComparison.Ordinal) && late < times)
            {
                late++;
                Write("{apiVersion: v1, kind: Service, metadata: {name: a, labels: {late: 'LATE'}}, spec: {ports: [{port: 80}]}}".Replace("LATE", $"{late}", StringComparison.Ordinal));
                server.ExpireHistory();
            }
        };
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandTree.InvokeAsync(
            ["migrate", "ingress-nginx", "--kubeconfig", kubeconfig, "--fail-on", "never", "--output", "json"], output, error, TestContext.Current.CancellationToken);

        Assert.Equal(times, late);
        Assert.Equal(works ? 0 : CommandTree.Failed, code);
        if (works)
        {
            var names = JsonNode.Parse(output.ToString())!["items"]!.AsArray().Select(item => (string)item!["name"]!).Where(name => name != "ingress-nginx-controller").ToList();
            Assert.Equal((Many, Many), (names.Count, names.Distinct().Count()));
        }
        else
        {
            Assert.Contains("too old", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_rights_on_Secrets_it_works_and_says_so()
    {
        await AllowAsync("- apiGroups: [networking.k8s.io]\n  resources: [ingresses, ingressclasses]\n  verbs: [list]\n- apiGroups: ['']\n  resources: [services]\n  verbs: [list]\n");
        Write(Ingress("guarded", "edge", "nginx.ingress.kubernetes.io/auth-type: basic, nginx.ingress.kubernetes.io/auth-secret: staff"));

        var told = new StringWriter();
        var report = JsonNode.Parse(await MigrateAsync(told, "--output", "json"))!;

        Assert.Equal("same", (string?)report["items"]!.AsArray().Single()!["outcome"]);
        Assert.Contains("Secret objects may not be read.", told.ToString(), StringComparison.Ordinal);
        Assert.Contains("ConfigMap objects may not be read.", told.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_some_namespaces_need_rights_only_there()
    {
        Write("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}");
        await cluster.CreateAsync("apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles", """
            {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: read}, rules: [{apiGroups: [networking.k8s.io, ''], resources: [ingresses, services], verbs: [list]}]}
            """);
        await cluster.CreateAsync("apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings", """
            {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: read}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: read},
             subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: migrator}]}
            """);
        Write(Ingress("here", "nginx", "", "shop"));
        Write(Ingress("elsewhere", "nginx", ""));

        var report = JsonNode.Parse(await MigrateAsync("--output", "json", "--watch-namespaces", "shop"))!;

        Assert.Equal("here", (string?)report["items"]!.AsArray().Single()!["name"]);
    }

    [Fact]
    public async Task What_may_not_be_listed_ends_it_with_a_reason()
    {
        using var error = new StringWriter();
        Assert.Equal(CommandTree.Failed, await CommandTree.InvokeAsync(["migrate", "ingress-nginx", "--kubeconfig", kubeconfig], TextWriter.Null, error, TestContext.Current.CancellationToken));
        Assert.Contains("ingresses", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("forbidden", error.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    private static JsonObject Parse(string yaml) => Manifests.Parse(yaml).Single();

    private static string Ingress(string name, string className, string annotations, string ns = "default") => $$$$"""
        {apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: {{{{name}}}}, namespace: {{{{ns}}}}, annotations: {{{{{annotations}}}}}},
         spec: {ingressClassName: {{{{className}}}}, rules: [{host: {{{{name}}}}.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80} } } }] } }] } }
        """;

    private static string Finding(JsonNode report, string name, string subject) =>
        (string)report["items"]!.AsArray().Single(item => (string?)item!["name"] == name)!["findings"]!.AsArray().Single(finding => (string?)finding!["subject"] == subject)!["message"]!;

    private void Write(string yaml) => server.Write(Parse(yaml));

    private async Task AllowAsync(string rules)
    {
        var role = Parse("{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: migration}}");
        role["rules"] = Manifests.Parse("rules:\n" + rules).Single()["rules"]!.DeepClone();
        server.Write(role);
        await cluster.CreateAsync("apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
            {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: migration},
             roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: migration}, subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: migrator}]}
            """);
    }

    private Task<string> MigrateAsync(params string[] arguments) => MigrateAsync(new StringWriter(), arguments);

    private Task<string> MigrateAsync(StringWriter error, params string[] arguments) =>
        OutputOfAsync(["migrate", "ingress-nginx", "--kubeconfig", kubeconfig, "--fail-on", "never", .. arguments], error);

    private static async Task<string> OutputOfAsync(string[] arguments, StringWriter? error = null)
    {
        using var output = new StringWriter();
        error ??= new StringWriter();
        var code = await CommandTree.InvokeAsync(arguments, output, error, TestContext.Current.CancellationToken);
        Assert.True(code == 0, error.ToString());
        return output.ToString();
    }
}
