using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Polygate.Dialects.Tests.Ingress;

namespace Polygate.EndToEnd.Tests.IngressNginx;

/// <summary>
/// The queries of ingress-nginx's own Grafana dashboards ("NGINX Ingress controller" and "Request Handling Performance") find what they ask for, as
/// Prometheus stores it: a label that the scraped target has too is renamed to <c>exported_…</c>.
/// </summary>
public sealed partial class DashboardTests(DashboardTests.Scraped scraped) : IClassFixture<DashboardTests.Scraped>
{
    /// <summary>
    /// Panel or variable ; metric ; its type ; matchers that at least one series must fit ; labels that results are grouped by. Where dashboards have a
    /// variable stands what it is for this gateway.
    /// </summary>
    private const string Queries = """
        variable namespace ; config_hash ; gauge ; ; controller_namespace
        variable controller_class ; config_hash ; gauge ; namespace=.* ; controller_class
        variable controller ; config_hash ; gauge ; namespace=.* controller_class=k8s.io/ingress-nginx ; controller_pod
        variable ingress ; requests ; counter ; namespace=.* controller_class=k8s.io/ingress-nginx controller_pod=.* ingress=.+ ; ingress
        variable exported namespace ; requests ; counter ; namespace=.* controller_class=.* controller_pod=.* ingress=shop ; exported_namespace
        annotation config reloads ; config_last_reload_successful_timestamp_seconds ; gauge ; instance=(?!unknown).* controller_class=.* namespace=.* ; controller_class
        controller request volume ; requests ; counter ; controller_pod=.* controller_class=.* namespace=.* ;
        controller connections ; nginx_process_connections ; gauge ; controller_pod=.* controller_class=.* controller_namespace=.* state=active ;
        controller success rate ; requests ; counter ; controller_pod=.* controller_class=.* namespace=.* status=(?![4-5]).* ;
        config reloads ; success ; counter ; controller_pod=.* controller_class=.* controller_namespace=.* ;
        last config failed ; config_last_reload_successful ; gauge ; controller_pod=.* controller_namespace=.* ;
        ingress request volume ; requests ; counter ; controller_pod=.* controller_class=.* controller_namespace=.* ingress=shop ; ingress
        ingress success rate ; requests ; counter ; namespace=.* ingress=shop status=(?![4-5]).* ; ingress
        network in ; request_size_sum ; histogram ; controller_pod=.* controller_class=.* controller_namespace=.* ;
        network out ; response_size_sum ; histogram ; controller_pod=.* controller_class=.* controller_namespace=.* ;
        memory ; nginx_process_resident_memory_bytes ; gauge ; controller_pod=.* controller_class=.* controller_namespace=.* ;
        cpu ; nginx_process_cpu_seconds_total ; counter ; controller_pod=.* controller_class=.* controller_namespace=.* ;
        percentiles ; request_duration_seconds_bucket ; histogram ; ingress=.+ controller_pod=.* controller_class=.* controller_namespace=.* ; le ingress
        transfer in ; request_size_sum ; histogram ; ingress=.+ controller_class=.* ; ingress
        transfer out ; response_size_sum ; histogram ; ingress=.+ controller_class=.* ; ingress
        percentiles by namespace ; request_duration_seconds_bucket ; histogram ; ingress=.+ exported_namespace=default ; le
        certificate expiry ; ssl_expire_time_seconds ; gauge ; kubernetes_pod_name=.* namespace=.* ingress=shop ; host
        total handling time ; request_duration_seconds_bucket ; histogram ; ingress=shop ; le
        upstream response time ; response_duration_seconds_bucket ; histogram ; ingress=shop ; le path
        backend connect time by path ; connect_duration_seconds_bucket ; histogram ; ingress=shop ; le path
        backend header time by path ; header_duration_seconds_bucket ; histogram ; ingress=shop ; le path
        request volume by path ; request_duration_seconds_count ; histogram ; ingress=shop ; path
        error rate by path ; request_duration_seconds_count ; histogram ; ingress=shop status=[4-5].* ; path status
        upstream time by path ; response_duration_seconds_sum ; histogram ; ingress=shop ; path
        response size by path ; response_size_sum ; histogram ; ingress=shop ; path
        responses by path ; response_size_count ; histogram ; ingress=shop ; path
        response sizes ; response_size_bucket ; histogram ; ingress=shop ; le
        """;

    public static TheoryData<string> Rows => [.. Queries.Split('\n')];

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_query_finds_what_it_asks_for(string row)
    {
        var parts = row.Split(';', StringSplitOptions.TrimEntries);
        var name = "nginx_ingress_controller_" + parts[1];
        var family = parts[2] == "histogram" ? HistogramSuffix().Replace(name, "") : name;
        Assert.Contains($"# TYPE {family} {parts[2]}\n", scraped.Text, StringComparison.Ordinal);

        var matchers = parts[3].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(matcher => matcher.Split('=', 2)).ToList();
        var found = scraped.Series.Where(series => series.Name == name && matchers.All(matcher => Regex.IsMatch(series.Labels.GetValueOrDefault(matcher[0], ""), $"^(?:{matcher[1]})$"))).ToList();
        Assert.NotEmpty(found);
        foreach (var label in parts[4].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.All(found, series => Assert.NotEqual("", series.Labels.GetValueOrDefault(label, "")));
        }
    }

    [Fact]
    public void Counts_are_of_the_requests_that_were_made()
    {
        Assert.Equal(4, Sum("requests", ("ingress", "shop"), ("status", "200")));
        Assert.Equal(1, Sum("requests", ("ingress", "shop"), ("status", "503"), ("path", "/gone")));
        Assert.Equal(1, Sum("requests", ("ingress", "shop"), ("method", "POST")));
        Assert.Equal(5, Sum("request_size_sum", ("ingress", "shop")));
        Assert.Equal(5, Sum("request_duration_seconds_count", ("ingress", "shop")));
        Assert.Equal(5, Sum("request_duration_seconds_bucket", ("ingress", "shop"), ("le", "+Inf")));
    }

    [Fact]
    public void Times_of_a_backend_are_those_it_took()
    {
        var (connect, head, end) = (Of("connect"), Of("header"), Of("response"));
        Assert.InRange(connect, 0, 10);
        Assert.InRange(head, connect + 0.08, 20);
        Assert.InRange(end, head + 0.08, 30);
        Assert.Equal(1, Sum("header_duration_seconds_bucket", ("path", "/slow"), ("le", "+Inf")));
        Assert.Equal(0, Sum("header_duration_seconds_bucket", ("path", "/slow"), ("le", "0.05")));

        double Of(string name)
        {
            Assert.Equal(1, Sum(name + "_duration_seconds_count", ("path", "/slow"), ("service", "slow"), ("status", "200")));
            return Sum(name + "_duration_seconds_sum", ("path", "/slow"));
        }
    }

    [Theory]
    [InlineData("connect")]
    [InlineData("header")]
    [InlineData("response")]
    public void A_request_that_no_backend_was_asked_has_no_times_of_one(string name) =>
        Assert.DoesNotContain(scraped.Series, series => series.Name == $"nginx_ingress_controller_{name}_duration_seconds_count" && series.Labels["path"] == "/gone");

    [Theory]
    [InlineData("connect")]
    [InlineData("header")]
    [InlineData("request")]
    [InlineData("response")]
    public void Durations_have_the_buckets_of_ingress_nginx(string name)
    {
        var bounds = scraped.Series.Where(series => series.Name == $"nginx_ingress_controller_{name}_duration_seconds_bucket").Select(series => series.Labels["le"]);
        Assert.Superset(new HashSet<string>(["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"]), bounds.ToHashSet());
    }

    private double Sum(string name, params (string Label, string Value)[] wanted) => scraped.Series
        .Where(series => series.Name == "nginx_ingress_controller_" + name && wanted.All(label => series.Labels.GetValueOrDefault(label.Label) == label.Value))
        .Sum(series => series.Value);

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramSuffix();

    /// <summary>A series as Prometheus stores it.</summary>
    internal sealed record Series(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

    /// <summary>A gateway that has answered some requests, and what it then told.</summary>
    public sealed partial class Scraped : IAsyncLifetime
    {
        /// <summary>What Prometheus knows of the target.</summary>
        private static readonly Dictionary<string, string> Target = new()
        {
            ["namespace"] = "ingress-nginx",
            ["instance"] = "10.0.0.1:10254",
            ["job"] = "ingress-nginx",
            ["kubernetes_pod_name"] = "controller-1",
        };

        private readonly ConfigurationFolder folder = new();

        internal string Text { get; private set; } = "";

        internal IReadOnlyList<Series> Series { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            await using var services = await EchoServices.StartAsync(AnswerAsync, "a", "slow");
            folder.Write("all.yaml", string.Join("---\n", [
                services.Manifests, TestCertificates.TlsSecret("tls", "shop.test"),
                "apiVersion: v1\nkind: Service\nmetadata: { name: empty }\nspec: { ports: [{ name: http, port: 80 }] }\n",
                IngressYaml.Nginx("shop", "shop.test P /=a; shop.test P /gone=empty; shop.test P /slow=slow", "ssl-redirect: false", spec: "tls: [{hosts: [shop.test], secretName: tls}]").ToString(),
            ]));
            await using var gateway = await GatewayProcess.StartAsync(folder.Path, new Dictionary<string, string> { ["POD_NAMESPACE"] = "ingress-nginx", ["POD_NAME"] = "controller-1" }, "--ingress-nginx-metrics");
            foreach (var (target, status) in new[] { ("http://shop.test:8080/", 200), ("https://shop.test:8443/x", 200), ("http://shop.test:8080/gone", 503), ("http://shop.test:8080/slow", 200), ("http://nobody.test:8080/", 404) })
            {
                using var answer = await gateway.GetAsync(target);
                Assert.Equal(status, (int)answer.StatusCode);
            }

            using (var posted = await gateway.Client.PostAsync("http://shop.test:8080/", new StringContent("hello")))
            {
                Assert.Equal(200, (int)posted.StatusCode);
            }

            // A request is counted when its answer has gone out, which its client may see before.
            await gateway.UntilAsync("http://admin:9901/metrics", answer =>
            {
                using var reader = new StreamReader(answer.Content.ReadAsStream());
                Text = reader.ReadToEnd();
                Series = [.. Lines().Matches(Text).Select(Read)];
                return Series.Where(series => series.Name == "nginx_ingress_controller_requests").Sum(series => series.Value) >= 6;
            });
        }

        public ValueTask DisposeAsync()
        {
            folder.Dispose();
            return ValueTask.CompletedTask;
        }

        /// <summary>One of the backends takes its time, before the head of its answer and again before the end.</summary>
        private static async Task<bool> AnswerAsync(string service, HttpContext context)
        {
            if (service != "slow")
            {
                return false;
            }

            await Task.Delay(100);
            await context.Response.WriteAsync("first");
            await context.Response.Body.FlushAsync();
            await Task.Delay(100);
            await context.Response.WriteAsync("last");
            return true;
        }

        private static Series Read(Match line)
        {
            var labels = new Dictionary<string, string>(Target);
            foreach (Match label in Pairs().Matches(line.Groups["labels"].Value))
            {
                labels[Target.ContainsKey(label.Groups["name"].Value) ? "exported_" + label.Groups["name"].Value : label.Groups["name"].Value] = label.Groups["value"].Value;
            }

            return new Series(line.Groups["name"].Value, labels, double.Parse(line.Groups["value"].Value, System.Globalization.CultureInfo.InvariantCulture));
        }

        [GeneratedRegex("^(?<name>[a-z_]+)\\{(?<labels>.*)\\} (?<value>\\S+)$", RegexOptions.Multiline)]
        private static partial Regex Lines();

        [GeneratedRegex("(?<name>[a-z_]+)=\"(?<value>[^\"]*)\"")]
        private static partial Regex Pairs();
    }
}
