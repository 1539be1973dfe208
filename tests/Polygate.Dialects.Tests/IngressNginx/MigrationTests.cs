using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.IngressNginx.Migration;
using Polygate.Dialects.Tests.Golden;
using Polygate.Dialects.Tests.Ingress;
using Polygate.Kubernetes.Sources;
using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>What a migration report says of objects that ran on ingress-nginx.</summary>
public sealed class MigrationTests
{
    [Theory]
    [InlineData("", MigrationOutcome.Same)]
    [InlineData("rewrite-target: /", MigrationOutcome.Same)]
    [InlineData("enable-cors: true", MigrationOutcome.Same)]
    [InlineData("proxy-read-timeout: soon", MigrationOutcome.Same)]
    [InlineData("proxy-buffering: on", MigrationOutcome.Same)]
    [InlineData("auth-type: basic | auth-secret: missing", MigrationOutcome.Same)]
    [InlineData("configuration-snippet: return 403;", MigrationOutcome.Same)]
    [InlineData("limit-rps: 5", MigrationOutcome.Same)]
    [InlineData("mirror-target: https://mirror.test$request_uri", MigrationOutcome.Differs)]
    [InlineData("proxy-send-timeout: 5", MigrationOutcome.Same)]
    [InlineData("configuration-snippet: proxy_pass http://x;", MigrationOutcome.Unsupported)]
    [InlineData("enable-modsecurity: true", MigrationOutcome.Unsupported)]
    [InlineData("backend-protocol: FCGI", MigrationOutcome.Unsupported)]
    [InlineData("enable-access-log: false", MigrationOutcome.Unsupported)]
    [InlineData("auth-url: https://$host/auth", MigrationOutcome.Unsupported)]
    public void An_object_is_classified_by_its_worst_finding(string annotations, MigrationOutcome expected)
    {
        var report = Report("", Annotated("one", "h.test P /=a", annotations));
        Assert.Equal(expected, Assert.Single(report.Objects).Outcome);
    }

    [Fact]
    public void Three_hundred_varied_ingresses_are_classified_each()
    {
        var names = AnnotationTable.All.Select(info => info.Name).Concat(AnnotationTable.Aliases.Keys).ToList();
        string[] values = ["true", "10.0.0.0/8", "5", "http://x.test/", "on"];
        var ingresses = Enumerable.Range(0, 300)
            .Select(i => Annotated($"i{i}", $"h{i}.test {"PEI"[i % 3]} /p{i % 7}=a", $"{names[i % names.Count]}: {values[i % values.Length]} | {names[(i * 7 + 3) % names.Count]}: {values[(i + 2) % values.Length]}"))
            .ToArray();
        var report = Report("", ingresses);

        Assert.Equal(300, report.Objects.Count);
        foreach (var ingress in ingresses)
        {
            var found = report.Objects.Single(item => item.Origin.Name == ingress.Name);
            foreach (var annotation in ingress.Annotations.Keys)
            {
                Assert.Contains(found.Findings, finding => "nginx.ingress.kubernetes.io/" + finding.Subject == annotation);
            }
        }

        Assert.Equal(report.Objects.Sum(item => item.Findings.Count(finding => AnnotationTable.Find(finding.Subject) is not null)), report.Annotations.Values.Sum());
        Assert.All(Enum.GetValues<MigrationOutcome>(), outcome => Assert.True(report.Count(outcome) > 0, outcome.ToString()));
    }

    [Fact]
    public void ConfigMaps_are_reported_and_other_classes_counted()
    {
        var report = Report(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ingress-nginx-controller, namespace: ingress-nginx}\ndata: {http-snippet: x, use-gzip: 'true'}\n",
            Annotated("one", "h.test P /=a"), new IngressYaml("other", "i.test P /=a") { Class = "traefik" });
        Assert.Equal(1, report.OtherIngresses);
        var map = report.Objects.Single(item => item.Origin.Kind == "ConfigMap");
        Assert.Equal((MigrationOutcome.Unsupported, "data.http-snippet"), (map.Outcome, map.Findings[0].Subject));
    }

    [Fact]
    public void Quirks_are_told_with_what_to_write_instead()
    {
        var finding = Report("", Annotated("one", "h.test P /=a", "limit-rps: 5")).Objects.Single().Findings.Single();
        Assert.Contains(NginxQuirks.RateLimit503.Clean, finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_Gateway_API_has_words_for_is_written_and_the_rest_named()
    {
        var manifests = GatewayApiManifests.Write(Report(
            "", Annotated("one", "h.test P /shop=a; h.test E /exact=b", "rewrite-target: /fixed | denylist-source-range: 10.0.0.0/8 | upstream-vhost: in.test"),
            Annotated("two", "moved.test P /=a", "permanent-redirect: https://new.test$request_uri")).Configuration);
        Assert.Contains("kind: Gateway", manifests, StringComparison.Ordinal);
        Assert.Contains("hostnames: [\"h.test\"]", manifests, StringComparison.Ordinal);
        Assert.Contains("backendRefs: [{name: \"a\", port: 80, weight: 1}]", manifests, StringComparison.Ordinal);
        Assert.Contains("# not expressed: AddressAccess (access may be wider without it)", manifests, StringComparison.Ordinal);
        Assert.Contains("requestRedirect: {statusCode: 301, scheme: https, hostname: \"new.test\"}", manifests, StringComparison.Ordinal);

        var (translator, problems) = GoldenFile.Translate(manifests, [new Polygate.Dialects.GatewayApi.GatewayApiDialect()]);
        Assert.Empty(problems);
        Assert.DoesNotContain(translator.Diagnostics, diagnostic => diagnostic.Code is "unknown-field" or "invalid-field");
    }

    [Fact]
    public void No_text_of_an_annotation_breaks_out_of_a_manifest()
    {
        var manifests = GatewayApiManifests.Write(Report("", Annotated("one", "h.test I /x\"}],{[=a", "use-regex: true")).Configuration);
        var (_, problems) = GoldenFile.Translate(manifests, [new Polygate.Dialects.GatewayApi.GatewayApiDialect()]);
        Assert.Empty(problems);
    }

    private static MigrationReport Report(string more, params IngressYaml[] ingresses)
    {
        var file = new ManifestReader([.. new IngressNginxDialect().ResourceTypes]).Read("in.yaml", IngressYaml.Write(ingresses) + (more.Length > 0 ? "---\n" + more : ""));
        Assert.Empty(file.Diagnostics);
        return MigrationReport.Of([.. file.Resources]);
    }
}
