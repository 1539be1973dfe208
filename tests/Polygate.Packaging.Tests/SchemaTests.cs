namespace Polygate.Packaging.Tests;

/// <summary>Everything that is installed is what the API server's schemas say: no field is unknown, none is doubled, none has another type.</summary>
[Collection(KubernetesCollection.Name)]
public sealed class SchemaTests(KubernetesCluster cluster)
{
    [Theory]
    [InlineData("deploy/manifests")]
    [InlineData("deploy/webhook")]
    [InlineData("examples/cluster")]
    public async Task The_API_server_takes_the_manifests_strictly(string folder) => await AssertTakenAsync(DeployFolder.Manifests(folder));

    [Theory]
    [InlineData("")]
    [InlineData("--set kind=DaemonSet --set ports.http.hostPort=80 --set ports.https.hostPort=443 --set service.enabled=false --set publishNodes=true")]
    [InlineData("--set kind=DaemonSet --set hostNetwork=true --set service.enabled=false --set publishNodes=true")]
    [InlineData("--set rbac.namespaced=true --set watchNamespaces={shop,blog} --set claimClasses={ingress-nginx,kong} --set ingressWithoutClass=true")]
    [InlineData("--set rbac.namespaced=true --set rbac.clusterScoped=false --set watchNamespaces={shop,blog}")]
    [InlineData("--set rbac.namespaced=true --set watchNamespaces={shop} --set dialects.ingress=false --set dialects.ingressNginx=false --set dialects.gatewayApi=false --set dialects.traefik=false --set dialects.kong=false --set dialects.ambassador=false")]
    [InlineData("--set autoscaling.enabled=true --set autoscaling.targetMemoryUtilizationPercentage=80 --set serviceMonitor.enabled=true --set gatewayClass.create=true --set ingressClass.default=true")]
    [InlineData("--set dialects.gloo=false --set publishAddresses={192.0.2.1} --set trustedProxies={10.0.0.0/8} --set snapshot.enabled=false --set extraArgs={--loops=2}")]
    [InlineData("--set service.type=NodePort --set ports.http.nodePort=30080 --set service.externalTrafficPolicy=Local --set service.labels.a=b --set service.annotations.a=b --set podLabels.a=b --set podAnnotations.a=b")]
    [InlineData("--set nodeSelector.a=b --set tolerations[0].key=a --set tolerations[0].operator=Exists --set topologySpreadConstraints[0].maxSkew=1 --set topologySpreadConstraints[0].topologyKey=zone --set topologySpreadConstraints[0].whenUnsatisfiable=ScheduleAnyway --set extraEnv[0].name=A --set extraEnv[0].value=b --set extraVolumes[0].name=v --set extraVolumeMounts[0].name=v --set extraVolumeMounts[0].mountPath=/v --set podDisruptionBudget.minAvailable=1")]
    [InlineData("--set webhook.enabled=true --set webhook.ingressClasses.shop=kong --set webhook.gatewayClasses={internal} --set webhook.gateways={infra/web}")]
    [InlineData("--set webhook.enabled=true --set webhook.certificate.certManager=false --set webhook.certificate.secretName=tls --set webhook.certificate.caBundle=Cg== --set webhook.failurePolicy=Fail --set webhook.namespaceSelector.matchLabels.a=b --set webhook.matchConditions[0].name=a --set webhook.matchConditions[0].expression=object!=null")]
    public async Task The_API_server_takes_the_rendered_chart_strictly(string values) => await AssertTakenAsync(await DeployFolder.RenderAsync(values));

    [Fact]
    public async Task A_field_that_there_is_not_is_refused()
    {
        var answer = await cluster.ApplyAsync("{ apiVersion: v1, kind: Service, metadata: { name: a, namespace: shop }, spec: { ports: [{ port: 80, hostPort: 80 }] } }", dryRun: true);

        Assert.Contains("hostPort", answer.Text, StringComparison.Ordinal);
        Assert.InRange(answer.Code, 400, 500);
    }

    private async Task AssertTakenAsync(IReadOnlyList<string> documents)
    {
        var refused = new List<string>();
        foreach (var document in documents)
        {
            var answer = await cluster.ApplyAsync(document, dryRun: true);
            if (answer.Code is not (200 or 201))
            {
                refused.Add($"{answer.Message}{(answer.Json is null ? answer.Text : "")}\n{document}");
            }
        }

        Assert.NotEmpty(documents);
        Assert.Equal("", string.Join("\n\n", refused));
    }
}
