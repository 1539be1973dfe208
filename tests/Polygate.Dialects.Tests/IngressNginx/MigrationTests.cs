using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.IngressNginx.Migration;
using Polygate.Dialects.IngressNginx.Migration.Manifests;
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
    [InlineData("backend-protocol: FCGI", MigrationOutcome.Same)]
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
        var report = Report(
            "", Annotated("one", "h.test P /shop=a; h.test E /exact=b", "rewrite-target: /fixed | denylist-source-range: 10.0.0.0/8 | upstream-vhost: in.test"),
            Annotated("two", "moved.test P /=a", "permanent-redirect: https://new.test$request_uri"));
        var portable = GatewayApiManifests.Write(report, new ManifestSettings());
        Assert.Contains("kind: Gateway\n", portable.Text, StringComparison.Ordinal);
        Assert.Contains("hostnames: [\"h.test\"]", portable.Text, StringComparison.Ordinal);
        Assert.Contains("hostname: new.test", portable.Text, StringComparison.Ordinal);
        Assert.Contains("# without backends (500), for want of words for: which addresses may pass", portable.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("backendRefs", portable.Text, StringComparison.Ordinal);
        Assert.All(portable.NotExpressed.Where(item => item.Withholds), item => Assert.Equal("one", item.Origin.Name));
        AssertClean(portable);

        var complete = GatewayApiManifests.Write(report, new ManifestSettings { WithPolicies = true, GatewayNamespace = "edge", GatewayName = "gw" });
        Assert.DoesNotContain(complete.NotExpressed, item => item.Withholds);
        Assert.Contains("kind: RoutePolicy", complete.Text, StringComparison.Ordinal);
        Assert.Contains("deny: [\"10.0.0.0/8\"]", complete.Text, StringComparison.Ordinal);
        Assert.Contains("name: gw\n      namespace: edge\n", complete.Text, StringComparison.Ordinal);
        AssertClean(complete);
    }

    [Theory]
    [InlineData("/app(/|$)(.*)", "/$2", "/app", "/")]
    [InlineData("/app(/|$)(.*)", "/new$1$2", "/app", "/new")]
    [InlineData("/app/(.*)", "/new/$1", "/app", "/new/")]
    [InlineData("/app/?(.*)", "/$1", "/app", "/")]
    [InlineData("/app(.*)", "/v2$1", "/app", "/v2")]
    [InlineData("/(.*)", "/in/$1", "/", "/in/")]
    public void A_rewritten_prefix_in_disguise_is_a_prefix_again(string path, string target, string prefix, string replacement)
    {
        var manifests = GatewayApiManifests.Write(Report("", Annotated("one", $"h.test I {path}=a", "rewrite-target: " + target)), new ManifestSettings());
        Assert.Contains($"type: PathPrefix\n            value: {Word(prefix)}\n", manifests.Text, StringComparison.Ordinal);
        Assert.Contains($"replacePrefixMatch: {Word(replacement)}\n", manifests.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(manifests.NotExpressed, item => item.Withholds);
        AssertClean(manifests);

        static string Word(string text) => $"\"{text}\"";
    }

    [Theory]
    [InlineData("h.test I /a/([0-9]+)=a", "/$1")]
    [InlineData("h.test I /a(/|$)(.*)=a", "/$2/$1")]
    [InlineData("h.test I /a(/|$)(.*)=a; h.test I /[a-z]=b", "/$2")]
    public void A_rewrite_that_cannot_be_said_has_no_backends(string paths, string target)
    {
        var manifests = GatewayApiManifests.Write(Report("", Annotated("one", paths, "rewrite-target: " + target)), new ManifestSettings { WithPolicies = true });
        Assert.Contains(manifests.NotExpressed, item => item.Withholds && item.What.Contains("rewrite-target", StringComparison.Ordinal));
        AssertClean(manifests);
    }

    /// <summary>Nothing of an annotation may get lost on the way: it changes what is written, or it is named.</summary>
    [Theory]
    [MemberData(nameof(AnnotationCaseTests.Names), MemberType = typeof(AnnotationCaseTests))]
    public void No_annotation_is_lost(string name)
    {
        var item = AnnotationCases.Of(name);
        var without = Written(item.Yaml(item.Good, isThere: false));
        var with = Written(item.Yaml(item.Good, isThere: true));
        AssertClean(with);
        Assert.True(with.Text != without.Text || item.Effect.StartsWith('!') || with.NotExpressed.Any(what => Names(what.What)), $"{item.Good}\n{with.Text}");

        MigratedManifests Written(string yaml) => GatewayApiManifests.Write(ReportOf(yaml), new ManifestSettings { WithPolicies = true });
        // Some are named together: auth-tls-… .
        bool Names(string what) => what.Split([' ', ',', '(', ')', ':']).Any(word => word == name || (word.EndsWith('…') && name.StartsWith(word[..^1], StringComparison.Ordinal)));
    }

    [Fact]
    public void A_host_does_not_fall_through_to_a_less_specific_one()
    {
        var manifests = GatewayApiManifests.Write(Report("", Annotated("wild", "*.h.test P /=a"), Annotated("precise", "x.h.test P /only=b"), Annotated("all", "P /=c")), new ManifestSettings()).Text;
        Assert.Contains("hostname: \"*.h.test\"", manifests, StringComparison.Ordinal);
        Assert.Contains("hostname: x.h.test", manifests, StringComparison.Ordinal);
    }

    [Fact]
    public void More_hosts_than_a_Gateway_has_listeners_stand_in_ListenerSets()
    {
        var manifests = GatewayApiManifests.Write(
            Report("", [Annotated("all", "P /=c"), .. Enumerable.Range(0, 150).Select(i => Annotated($"i{i}", $"h{i}.test P /=a"))]), new ManifestSettings());
        Assert.Equal(2, manifests.Text.Split("kind: ListenerSet\nmetadata").Length - 1);
        AssertClean(manifests);
    }

    [Fact]
    public void Streams_are_written_too()
    {
        var manifests = GatewayApiManifests.Write(Report(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tcp-services, namespace: ingress-nginx}\ndata: {'9000': 'default/a:80'}\n"
            + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: udp-services, namespace: ingress-nginx}\ndata: {'53': 'default/b:80', '54': 'default/c:80::PROXY'}\n",
            Annotated("through", "h.test P /=a", "ssl-passthrough: true")), new ManifestSettings());
        Assert.All(new[] { "kind: TCPRoute", "kind: UDPRoute", "kind: TLSRoute", "mode: Passthrough", "port: 9000" }, text => Assert.Contains(text, manifests.Text, StringComparison.Ordinal));
        Assert.Contains(manifests.NotExpressed, item => item.What.Contains("PROXY", StringComparison.Ordinal));
        AssertClean(manifests);
    }

    [Fact]
    public void No_text_of_an_annotation_breaks_out_of_a_manifest() =>
        AssertClean(GatewayApiManifests.Write(Report("", Annotated("one", "h.test I /x\"}],{[=a", "use-regex: true")), new ManifestSettings()));

    /// <summary>The manifests read without a problem of form, in the strict way that files are read.</summary>
    private static void AssertClean(MigratedManifests manifests)
    {
        var (translator, problems) = GoldenFile.Translate(manifests.Text, [new Polygate.Dialects.GatewayApi.GatewayApiDialect()]);
        Assert.Empty(problems);
        Assert.DoesNotContain(
            translator.Diagnostics,
            diagnostic => diagnostic.Code is "unknown-field" or "invalid-field" or "unsupported-value" or "incompatible-filters"
                || (diagnostic.Code == "invalid" && !diagnostic.Message.StartsWith("There is no Secret", StringComparison.Ordinal)));
    }

    private static MigrationReport ReportOf(string yaml)
    {
        var file = new ManifestReader([.. new IngressNginxDialect().ResourceTypes]).Read("in.yaml", yaml);
        Assert.Empty(file.Diagnostics);
        return MigrationReport.Of([.. file.Resources]);
    }

    private static MigrationReport Report(string more, params IngressYaml[] ingresses) => ReportOf(IngressYaml.Write(ingresses) + (more.Length > 0 ? "---\n" + more : ""));
}
