using System.Diagnostics;
using System.Text.Json.Nodes;
using Polygate.Dialects.Tests.Ingress;

namespace Polygate.EndToEnd.Tests.IngressNginx;

/// <summary>
/// Ingresses, and the Gateway API manifests with policies that <c>polygate migrate</c> makes of them, each on a gateway of its own: both
/// answer alike, or the report has said that they do not.
/// </summary>
public sealed class MigratedTests(MigratedTests.Pair pair) : IClassFixture<MigratedTests.Pair>
{
    private static readonly OracleScenario[] Scenarios =
    [
        LocationScenarios.Order, LocationScenarios.Slashes, LocationScenarios.Hosts, LocationScenarios.Expressions,
        RewriteScenarios.Targets, RewriteScenarios.Unchanged, RewriteScenarios.Redirects, AccessScenarios.Cors, AccessScenarios.Lists,
    ];

    public static TheoryData<string> Requests => [.. MigratedScenarios.Requests];

    /// <summary>Those that nginx itself is asked as well, but for paths that differ in all routes, as the head of the manifests says.</summary>
    public static TheoryData<string> OtherRequests => [.. Scenarios.SelectMany(scenario => scenario.Lines).Where(line => !line.Contains('%') && !line.Contains("//") && !line.Contains("/."))];

    public static TheoryData<string> WithheldHosts => [.. MigratedScenarios.Withheld.Select(ingress => ingress.Paths.Split(' ')[0])];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task What_was_annotated_is_answered_the_same(string request)
    {
        var (before, after) = await BothAsync(request);
        Assert.Equal(before, after);
    }

    [Theory]
    [MemberData(nameof(OtherRequests))]
    public async Task A_difference_was_told_before(string request)
    {
        var (before, after) = await BothAsync(request);
        var told = pair.ToldOf(request).ToList();

        // Several Ingresses may have one host: what is withheld of one of them is refused, and nothing else changes.
        var isAsTold = told.Exists(what => what.Withholds) ? after.StartsWith("500", StringComparison.Ordinal) : told.Count > 0;
        Assert.True(before == after || isAsTold, $"{request}\nbefore:\n{before}\nafter:\n{after}\n");
    }

    [Fact]
    public void Most_requests_need_no_excuse() =>
        Assert.True(OtherRequests.Count(row => !pair.ToldOf(row.Data).Any()) >= 50);

    [Theory]
    [MemberData(nameof(WithheldHosts))]
    public async Task What_restricts_access_and_has_no_words_lets_nobody_in(string host)
    {
        Assert.Equal(500, (await OracleScenario.SendAsync(pair.After, $"GET {host} /a/x/b/y | Authorization: Basic YW5uOnNlY3JldA== | X-Secret: no")).Status);
        Assert.Contains(pair.ToldOf($"GET {host} /"), what => what.Withholds);
    }

    [Fact]
    public async Task As_many_requests_pass_a_limit_and_the_others_are_told_so()
    {
        int[] before = await StatusesAsync(pair.Before), after = await StatusesAsync(pair.After);
        Assert.Equal([200, 200, 200, 503, 503], before);
        Assert.Equal([200, 200, 200, 429, 429], after);
        Assert.Contains(pair.NotExpressed, what => what is { Ingress: "limited", What: var text } && text.Contains("429", StringComparison.Ordinal));

        static async Task<int[]> StatusesAsync(string address)
        {
            var statuses = new List<int>();
            for (var i = 0; i < 5; i++)
            {
                statuses.Add((await OracleScenario.SendAsync(address, $"GET limited.test {(i % 2 == 0 ? "/" : "/more")}")).Status);
            }

            return [.. statuses];
        }
    }

    [Fact]
    public async Task A_session_keeps_to_its_endpoint()
    {
        foreach (var address in new[] { pair.Before, pair.After })
        {
            var cookie = (await OracleScenario.SendAsync(address, "GET session.test /"))["set-cookie"]!;
            Assert.StartsWith("route=", cookie, StringComparison.Ordinal);
            Assert.Contains("Max-Age=3600", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Null((await OracleScenario.SendAsync(address, $"GET session.test / | Cookie: {cookie.Split(';')[0]}"))["set-cookie"]);
        }
    }

    [Fact]
    public void Check_finds_nothing_wrong_in_what_was_written() => Assert.True(pair.Check.Code == 0, pair.Check.Text + "\n" + pair.Manifests);

    private async Task<(string Before, string After)> BothAsync(string request) =>
        (Describe(await OracleScenario.SendAsync(pair.Before, request)), Describe(await OracleScenario.SendAsync(pair.After, request)));

    /// <summary>As nginx and Polygate are compared, but for what the head of the manifests leaves out, and for what answers other than preflights say of CORS.</summary>
    private static string Describe(RawAnswer answer) => string.Join('\n', OracleTests.Describe(answer).Split('\n').Where(line =>
        !line.StartsWith("> x-scheme:", StringComparison.Ordinal) && !line.StartsWith("> x-forwarded-scheme:", StringComparison.Ordinal)
        && (answer.Status == 204 || line.StartsWith("< access-control-allow-origin", StringComparison.Ordinal) || line.StartsWith("< access-control-expose", StringComparison.Ordinal)
            || !line.StartsWith("< access-control-", StringComparison.Ordinal)))) + $"\n{answer["www-authenticate"]}{answer["x-more"]}{answer["strict-transport-security"]}";

    /// <summary>Both gateways.</summary>
    public sealed class Pair : IAsyncLifetime
    {
        private readonly ConfigurationFolder before = new();
        private readonly ConfigurationFolder after = new();
        private EchoServices? services;
        private GatewayProcess? original;
        private GatewayProcess? migrated;

        internal string Before => original!.Address;

        internal string After => migrated!.Address;

        internal string Manifests { get; private set; } = "";

        internal (int Code, string Text) Check { get; private set; }

        internal IReadOnlyList<(string Ingress, string What, bool Withholds)> NotExpressed { get; private set; } = [];

        private static readonly ILookup<string, string> HostsOf = Ingresses.SelectMany(ingress => Hosts(ingress).Select(host => (ingress.Name, host))).ToLookup(pair => pair.Name, pair => pair.host);

        /// <summary>What was told of the Ingresses that have a request's host.</summary>
        internal IEnumerable<(string Ingress, string What, bool Withholds)> ToldOf(string request) =>
            NotExpressed.Where(what => HostsOf[what.Ingress].Any(host => IsOf(request.Split(' ')[1], host)));

        private static bool IsOf(string name, string host) =>
            host[0] == '~' ? System.Text.RegularExpressions.Regex.IsMatch(name, host[1..]) : host[0] == '*' ? name.EndsWith(host[1..], StringComparison.Ordinal) : name == host;

        private static IEnumerable<IngressYaml> Ingresses =>
        [
            .. MigratedScenarios.Carried, .. MigratedScenarios.Withheld, .. Scenarios.SelectMany(scenario => scenario.Ingresses),
            IngressYaml.Nginx("limited", "limited.test P /=a; limited.test P /more=b", "limit-rpm: 1 | limit-burst-multiplier: 2"),
            IngressYaml.Nginx("session", "session.test P /=a", "affinity: cookie | affinity-mode: persistent | session-cookie-name: route | session-cookie-max-age: 3600"),
        ];

        public async ValueTask InitializeAsync()
        {
            services = await EchoServices.StartAsync("a", "b", "c", "d", "e", "f");
            foreach (var folder in new[] { before, after })
            {
                folder.Write("services.yaml", services.Manifests);
                folder.Write("more.yaml", string.Join("\n---\n", [
                    TestCertificates.TlsSecret("tls", "tls.test"), MigratedScenarios.Secrets, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\ndata: {X-More: there}\n",
                    .. Scenarios.Select(scenario => scenario.Manifests).Where(text => text.Length > 0 && !text.Contains("ingress-nginx-controller", StringComparison.Ordinal)),
                ]));
            }

            before.Write("controller.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ingress-nginx-controller, namespace: ingress-nginx}\ndata: {global-allowed-response-headers: X-More, allow-snippet-annotations: 'true', annotations-risk-level: Critical}\n");
            before.Write("ingresses.yaml", string.Join("---\n", Ingresses.Select(ingress => ingress.ToString())));
            var report = await RunAsync("migrate", "ingress-nginx", "--config", before.Path, "--write-gateway-api", after["manifests.yaml"], "--with-policies", "--output", "json", "--fail-on", "never");
            Assert.True(report.Code == 0, report.Text);
            NotExpressed = [.. JsonNode.Parse(report.Text)!["notExpressed"]!.AsArray().Select(item => ((string)item!["name"]!, (string)item["what"]!, (bool)item["withoutBackends"]!))];
            Manifests = await File.ReadAllTextAsync(after["manifests.yaml"]);
            Check = await RunAsync("check", "--config", after.Path);
            original = await GatewayProcess.StartAsync(before.Path);
            migrated = await GatewayProcess.StartAsync(after.Path);
        }

        public async ValueTask DisposeAsync()
        {
            await (original?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (migrated?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (services?.DisposeAsync() ?? ValueTask.CompletedTask);
            before.Dispose();
            after.Dispose();
        }

        private static IEnumerable<string> Hosts(IngressYaml ingress) => ingress.Paths.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split(' ')[0])
            .Concat(ingress.Annotations.Where(annotation => annotation.Key.EndsWith("server-alias", StringComparison.Ordinal)).SelectMany(annotation => annotation.Value.Split(", ")));

        private static async Task<(int Code, string Text)> RunAsync(params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "polygate"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync();
            var text = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, process.ExitCode == 0 ? text : text + await error);
        }
    }
}
