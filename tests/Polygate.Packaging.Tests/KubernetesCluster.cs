using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polygate.Cluster.Tests.Contract;
using Polygate.Cluster.Tests.Servers;
using Polygate.Dialects;
using Polygate.Kubernetes.Resources;
using Polygate.Testing.ApiServer;

namespace Polygate.Packaging.Tests;

/// <summary>Tests that share the one API server.</summary>
[CollectionDefinition(Name)]
public sealed class KubernetesCollection : ICollectionFixture<KubernetesCluster>
{
    public const string Name = "kube-apiserver";
}

/// <summary>
/// A real kube-apiserver, with role-based access control, an audit log, and definitions of every kind that the dialects read, where
/// <c>KUBEBUILDER_ASSETS</c> names a folder with <c>kube-apiserver</c> and <c>etcd</c>. Without it, asking for it skips the test.
/// </summary>
public sealed class KubernetesCluster : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("polygate-packaging-").FullName;
    private RealApiServer? server;
    private ApiClient? api;

    /// <summary>The API, as someone who may do everything.</summary>
    internal ApiClient Api
    {
        get
        {
            Assert.SkipWhen(server is null, "KUBEBUILDER_ASSETS does not name a folder with kube-apiserver and etcd");
            return api!;
        }
    }

    private string AuditLog => Path.Combine(folder, "audit.log");

    public async ValueTask InitializeAsync()
    {
        if (RealApiServer.Assets is not { } assets)
        {
            return;
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "audit.yaml"), """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            omitStages: [RequestReceived]
            rules: [{ level: Metadata, userGroups: ["system:serviceaccounts"] }]
            """);
        server = await RealApiServer.StartAsync(assets, $"--audit-policy-file={folder}/audit.yaml", $"--audit-log-path={AuditLog}");
        api = new ApiClient(server.CreateClient(server.AdminToken));
        foreach (var definition in Definitions())
        {
            (await api.PostAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)).Expect(201);
        }

        foreach (var name in (string[])["polygate-system", DeployFolder.ChartNamespace, "shop", "blog"])
        {
            (await api.PostAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } })).Expect(201);
        }

        await UntilAsync("/apis/traefik.io/v1alpha1/namespaces/shop/ingressroutes", answer => answer.Code == 200);
        await UntilAsync("/apis/monitoring.coreos.com/v1/namespaces/shop/servicemonitors", answer => answer.Code == 200);
    }

    public async ValueTask DisposeAsync()
    {
        api?.Dispose();
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Applies a document as <c>kubectl apply --server-side --validate=strict</c> does.</summary>
    /// <param name="yaml">One document.</param>
    /// <param name="dryRun">Whether it is validated and not kept.</param>
    internal async Task<Answer> ApplyAsync(string yaml, bool dryRun = false)
    {
        var json = Manifests.Parse(yaml).Single();
        var path = $"{await CollectionAsync(json)}/{json["metadata"]!["name"]}?fieldManager=test&force=true&fieldValidation=Strict{(dryRun ? "&dryRun=All" : "")}";
        return await Api.PatchAsync(path, ApiClient.Apply, json);
    }

    /// <summary>Where an object is found in the API.</summary>
    internal async Task<string> PathAsync(JsonObject json) => $"{await CollectionAsync(json)}/{json["metadata"]!["name"]}";

    /// <summary>A kubeconfig for a service account, with its token.</summary>
    internal async Task<string> KubeconfigAsync(string ns, string account)
    {
        var token = (await Api.PostAsync($"/api/v1/namespaces/{ns}/serviceaccounts/{account}/token", Manifests.Parse(
            "{ apiVersion: authentication.k8s.io/v1, kind: TokenRequest, spec: { expirationSeconds: 3600 } }").Single())).Expect(201);
        var file = Path.Combine(folder, $"{ns}-{account}.yaml");
        await File.WriteAllTextAsync(file, server!.Kubeconfig((string)token.Json!["status"]!["token"]!)
            .Replace("context: { cluster: test,", $"context: {{ namespace: {ns}, cluster: test,", StringComparison.Ordinal));
        return file;
    }

    /// <summary>Runs <c>kubectl</c> of the same folder as the server; skips where there is none.</summary>
    internal async Task<(int Code, string Output)> KubectlAsync(string input, params string[] arguments)
    {
        _ = Api;
        var program = Path.Combine(RealApiServer.Assets!, "kubectl");
        Assert.SkipUnless(File.Exists(program), "There is no kubectl in KUBEBUILDER_ASSETS.");
        var kubeconfig = Path.Combine(folder, "admin.yaml");
        await File.WriteAllTextAsync(kubeconfig, server!.Kubeconfig(server.AdminToken));
        using var process = Process.Start(new ProcessStartInfo(program, ["--kubeconfig", kubeconfig, "--cache-dir", Path.Combine(folder, "cache"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await error);
    }

    /// <summary>Asks until the answer is as wanted; fails after a minute.</summary>
    internal async Task<Answer> UntilAsync(string path, Func<Answer, bool> wanted, Func<string>? log = null)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (true)
        {
            var answer = await Api.GetAsync(path);
            if (wanted(answer))
            {
                return answer;
            }

            Assert.True(DateTime.UtcNow < deadline, $"{path} was never answered as wanted: {answer.Code} {answer.Text}\n{log?.Invoke()}");
            await Task.Delay(50);
        }
    }

    /// <summary>What a service account asked of the API so far.</summary>
    internal IEnumerable<AuditedRequest> RequestsOf(string ns, string account)
    {
        using var reader = new StreamReader(new FileStream(AuditLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (reader.ReadLine() is { } line)
        {
            JsonNode entry;
            try
            {
                entry = JsonNode.Parse(line)!;
            }
            catch (JsonException)
            {
                // The last line may still be on its way.
                continue;
            }

            if ((string?)entry["user"]!["username"] == $"system:serviceaccount:{ns}:{account}" && entry["objectRef"] is { } target)
            {
                var resource = (string?)target["resource"] + (target["subresource"] is { } subresource ? $"/{subresource}" : "");
                yield return new AuditedRequest((string)entry["verb"]!, (string?)target["apiGroup"] ?? "", resource, (string?)target["namespace"] ?? "", (int?)entry["responseStatus"]?["code"] ?? 0);
            }
        }
    }

    private async Task<string> CollectionAsync(JsonObject json)
    {
        var version = (string)json["apiVersion"]!;
        var root = version.Contains('/', StringComparison.Ordinal) ? $"/apis/{version}" : $"/api/{version}";
        var found = (await Api.GetAsync(root)).Expect(200).Json!["resources"]!.AsArray()
            .SingleOrDefault(resource => (string?)resource!["kind"] == (string?)json["kind"] && !((string)resource["name"]!).Contains('/', StringComparison.Ordinal));
        Assert.True(found is not null, $"The API server knows no {json["kind"]} of {version}.");
        var ns = (bool)found!["namespaced"]! ? $"/namespaces/{(string?)json["metadata"]!["namespace"] ?? "default"}" : "";
        return $"{root}{ns}/{found["name"]}";
    }

    /// <summary>Every kind that dialects read, with or without a status of its own as the product expects it, and those of others that the chart may make.</summary>
    private static IEnumerable<JsonObject> Definitions()
    {
        var dialects = AllDialects.Create();
        var statuses = ClusterAccess.StatusesOf(dialects).Where(written => written.HasSubresource).Select(written => written.Type).ToHashSet();
        return dialects.SelectMany(dialect => dialect.ResourceTypes).Distinct()
            .Where(type => !CoreTypes.All.Contains(type) && type.Group != "apiextensions.k8s.io")
            .Select(type => Definition(type.Group, type.Kind, type.Plural, type.Namespaced, type.Versions, statuses.Contains(type)))
            .Append(Definition("cert-manager.io", "Issuer", "issuers", true, ["v1"], false))
            .Append(Definition("cert-manager.io", "Certificate", "certificates", true, ["v1"], false))
            .Append(Definition("monitoring.coreos.com", "ServiceMonitor", "servicemonitors", true, ["v1"], false));
    }

    private static JsonObject Definition(string group, string kind, string plural, bool namespaced, IReadOnlyList<string> versions, bool hasStatus) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = $"{plural}.{group}",
            ["annotations"] = new JsonObject
            {
                ["api-approved.kubernetes.io"] = "unapproved, for a test",
                ["gateway.networking.k8s.io/bundle-version"] = "v1.6.1",
            },
        },
        ["spec"] = new JsonObject
        {
            ["group"] = group,
            ["scope"] = namespaced ? "Namespaced" : "Cluster",
            ["names"] = new JsonObject { ["kind"] = kind, ["plural"] = plural, ["singular"] = kind.ToLowerInvariant(), ["listKind"] = kind + "List" },
            ["versions"] = new JsonArray([.. versions.Select(version => new JsonObject
            {
                ["name"] = version,
                ["served"] = true,
                ["storage"] = version == versions[0],
                ["subresources"] = hasStatus ? new JsonObject { ["status"] = new JsonObject() } : null,
                ["schema"] = new JsonObject { ["openAPIV3Schema"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true } },
            })]),
        },
    };
}

/// <summary>A request in the audit log.</summary>
internal sealed record AuditedRequest(string Verb, string Group, string Resource, string Namespace, int Code);
