using Polygate.Cluster.Tests.Servers;

namespace Polygate.Cluster.Tests.Contract;

public sealed class AccessTestsOnTheDouble(DoubleFixture server) : AccessTests(server), IClassFixture<DoubleFixture>;

[Collection(KubernetesCollection.Name)]
public sealed class AccessTestsOnKubernetes(KubernetesFixture server) : AccessTests(server);

/// <summary>Who may do what: tokens of service accounts and role-based access control.</summary>
public abstract class AccessTests(IServerUnderTest server) : ContractTests(server)
{
    private string Rbac => $"/apis/rbac.authorization.k8s.io/v1/namespaces/{Namespace}";

    [Fact]
    public async Task An_unknown_token_is_not_authenticated()
    {
        using var client = ClientFor("nonsense");

        var refused = (await client.GetAsync(ConfigMaps)).Expect(401);

        Assert.Equal("Unauthorized", refused.Reason);
    }

    [Fact]
    public async Task Without_a_token_one_is_anonymous()
    {
        using var client = ClientFor("");

        var refused = (await client.GetAsync(ConfigMaps)).Expect(403);

        Assert.Equal($"configmaps is forbidden: User \"system:anonymous\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"{Namespace}\"", refused.Message);
        (await client.GetAsync("/version")).Expect(200);
        (await client.GetAsync("/healthz")).Expect(200);
    }

    [Fact]
    public async Task A_service_account_may_nothing_at_first()
    {
        using var client = await AccountAsync();

        var refused = (await client.GetAsync("/apis/networking.k8s.io/v1/ingresses")).Expect(403);

        Assert.Equal(
            $"ingresses.networking.k8s.io is forbidden: User \"system:serviceaccount:{Namespace}:robot\" cannot list resource \"ingresses\" in API group \"networking.k8s.io\" at the cluster scope",
            refused.Message);
        Assert.Equal("networking.k8s.io ingresses", $"{refused.Json!["details"]!["group"]} {refused.Json["details"]!["kind"]}");
    }

    [Fact]
    public async Task A_role_gives_rights_in_its_namespace()
    {
        using var client = await AccountAsync();
        (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);
        (await Api.PostAsync(ConfigMaps, ConfigMap("b"))).Expect(201);

        await GrantAsync("[{ apiGroups: [''], resources: [configmaps], verbs: [get], resourceNames: [a] }, { apiGroups: [''], resources: [configmaps], verbs: [list, watch] }]");
        await UntilAllowedAsync(client, ConfigMaps);

        (await client.GetAsync($"{ConfigMaps}/a")).Expect(200);
        (await client.GetAsync($"{ConfigMaps}/b")).Expect(403);
        (await client.GetAsync("/api/v1/configmaps")).Expect(403);
        (await client.GetAsync(Secrets)).Expect(403);
        (await client.DeleteAsync($"{ConfigMaps}/a")).Expect(403);
    }

    [Fact]
    public async Task A_right_on_the_object_is_none_on_its_status()
    {
        using var client = await AccountAsync();
        (await Api.PostAsync(Ingresses, Ingress("a"))).Expect(201);

        await GrantAsync("[{ apiGroups: [networking.k8s.io], resources: [ingresses], verbs: ['*'] }]");
        await UntilAllowedAsync(client, Ingresses);

        var refused = (await client.PatchAsync($"{Ingresses}/a/status", ApiClient.MergePatch, Yaml("status: { }"))).Expect(403);
        Assert.Contains("cannot patch resource \"ingresses/status\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_may_ask_what_it_may_do()
    {
        using var client = await AccountAsync();
        await GrantAsync("[{ apiGroups: [''], resources: [configmaps], verbs: [list] }]");
        await UntilAllowedAsync(client, ConfigMaps);

        Assert.True(await MayAsync(client, "list"));
        Assert.False(await MayAsync(client, "create"));
    }

    private async Task<bool> MayAsync(ApiClient client, string verb)
    {
        var review = (await client.PostAsync("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Yaml($$"""
            apiVersion: authorization.k8s.io/v1
            kind: SelfSubjectAccessReview
            spec: { resourceAttributes: { namespace: {{Namespace}}, verb: {{verb}}, resource: configmaps } }
            """))).Expect(201);
        return (bool)review.Json!["status"]!["allowed"]!;
    }

    private async Task<ApiClient> AccountAsync()
    {
        var accounts = $"/api/v1/namespaces/{Namespace}/serviceaccounts";
        (await Api.PostAsync(accounts, Yaml("{ apiVersion: v1, kind: ServiceAccount, metadata: { name: robot } }"))).Expect(201);
        var token = (await Api.PostAsync($"{accounts}/robot/token", Yaml("{ apiVersion: authentication.k8s.io/v1, kind: TokenRequest, spec: { expirationSeconds: 3600 } }"))).Expect(201);
        return ClientFor((string)token.Json!["status"]!["token"]!);
    }

    private async Task GrantAsync(string rules)
    {
        (await Api.PostAsync($"{Rbac}/roles", Yaml($"{{ apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {{ name: robot }}, rules: {rules} }}"))).Expect(201);
        (await Api.PostAsync($"{Rbac}/rolebindings", Yaml($$"""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: { name: robot }
            subjects: [{ kind: ServiceAccount, name: robot, namespace: {{Namespace}} }]
            roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: robot }
            """))).Expect(201);
    }

    /// <summary>The real server knows of a new role a moment later.</summary>
    private static async Task UntilAllowedAsync(ApiClient client, string path)
    {
        for (var i = 0; (await client.GetAsync(path)).Code == 403; i++)
        {
            Assert.True(i < 300, $"{path} was never allowed");
            await Task.Delay(50);
        }
    }
}
