using System.Text.RegularExpressions;

namespace Polygate.EndToEnd.Tests.IngressNginx;

/// <summary>
/// nginx as the oracle: each annotation's effect, written by hand in nginx's own language, must answer a request as Polygate
/// answers it. Skipped where there is no nginx.
/// </summary>
public sealed class OracleTests(OracleTests.Pair pair) : IClassFixture<OracleTests.Pair>
{
    /// <summary>Header fields of answers that are compared; others tell the servers apart.</summary>
    private static readonly string[] AnswerFields =
    [
        "location", "access-control-allow-origin", "access-control-allow-credentials", "access-control-allow-methods",
        "access-control-allow-headers", "access-control-expose-headers", "access-control-max-age",
    ];

    /// <summary>Header fields of requests that are compared as the backend saw them.</summary>
    private static readonly string[] RequestFields =
    [
        "host", "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-scheme", "x-scheme",
        "x-forwarded-prefix", "authorization", "proxy", "cookie", "accept",
    ];

    private static readonly OracleScenario[] Scenarios =
    [
        LocationScenarios.Order, LocationScenarios.Slashes, LocationScenarios.Hosts, LocationScenarios.Expressions,
        RewriteScenarios.Targets, RewriteScenarios.Unchanged, RewriteScenarios.Redirects,
        AccessScenarios.Cors, AccessScenarios.Lists, AccessScenarios.Rates,
    ];

    public static TheoryData<string> Requests => [.. Scenarios.SelectMany(scenario => scenario.Lines)];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Nginx_and_polygate_answer_alike(string request)
    {
        Assert.SkipUnless(NginxProcess.IsInstalled, "There is no nginx on this machine.");
        var expected = Describe(await OracleScenario.SendAsync(pair.Nginx, request));
        var actual = Describe(await OracleScenario.SendAsync(pair.Polygate, request));
        Assert.True(expected == actual, $"{request}\nnginx:\n{expected}\npolygate:\n{actual}");
    }

    public static TheoryData<string> LimitedHosts => [.. AccessScenarios.RateCounts.Keys];

    [Theory]
    [MemberData(nameof(LimitedHosts))]
    public async Task Nginx_and_polygate_limit_rates_alike(string host)
    {
        Assert.SkipUnless(NginxProcess.IsInstalled, "There is no nginx on this machine.");
        Assert.Equal(await StatusesAsync(pair.Nginx), await StatusesAsync(pair.Polygate));

        async Task<string> StatusesAsync(string address)
        {
            var statuses = new List<int>();
            for (var i = 0; i < AccessScenarios.RateCounts[host]; i++)
            {
                statuses.Add((await OracleScenario.SendAsync(address, $"GET {host} {(i % 2 == 0 ? "/" : "/x/")}")).Status);
            }

            return string.Join(' ', statuses);
        }
    }

    [Fact]
    public void There_are_at_least_150_requests() => Assert.True(Requests.Count >= 150, $"{Requests.Count}");

    /// <summary>Status, compared header fields, and where the answer is a backend's: which, with what it saw.</summary>
    internal static string Describe(RawAnswer answer)
    {
        var lines = new List<string> { $"{answer.Status}" };
        lines.AddRange(AnswerFields.Where(name => answer[name] is not null).Select(name => $"< {name}: {answer[name]!.Replace(", ", ",", StringComparison.Ordinal)}"));
        var seen = answer.Body.Split('\n');
        if (seen[0].Split(' ') is [{ Length: 1 }, _])
        {
            lines.Add(Normalised(seen[0]));
            lines.AddRange(seen[1..].Where(line => RequestFields.Contains(line.Split(':')[0])).Select(line => "> " + line));
        }

        return string.Join('\n', lines);
    }

    /// <summary>
    /// nginx forwards a target that it does not rewrite as the client wrote it, Polygate as RFC 3986 section 6.2.2 normalises it:
    /// escapes of unreserved characters decoded, others in upper case, dot segments removed.
    /// </summary>
    private static string Normalised(string line)
    {
        var end = line.IndexOf('?', StringComparison.Ordinal);
        var path = end < 0 ? line : line[..end];
        path = Regex.Replace(path, "%([0-9A-Fa-f]{2})", escape => (char)Convert.ToByte(escape.Groups[1].Value, 16) is var plain
            && (char.IsAsciiLetterOrDigit(plain) || plain is '-' or '.' or '_' or '~') ? plain.ToString() : escape.Value.ToUpperInvariant());
        for (var before = ""; before != path;)
        {
            before = path;
            path = Regex.Replace(Regex.Replace(path, @"/\.(?=/|$)/?", "/"), @"/[^/ ]+/\.\.(?:/|$)", "/");
        }

        return end < 0 ? path : path + line[end..];
    }

    /// <summary>Both servers with all scenarios.</summary>
    public sealed class Pair : IAsyncLifetime
    {
        private readonly ConfigurationFolder folder = new();
        private EchoServices? services;
        private GatewayProcess? gateway;
        private NginxProcess? nginx;

        internal string Nginx => nginx!.Address;

        internal string Polygate => gateway!.Address;

        public async ValueTask InitializeAsync()
        {
            if (!NginxProcess.IsInstalled)
            {
                return;
            }

            services = await EchoServices.StartAsync("a", "b", "c", "d", "e", "f");
            folder.Write("services.yaml", services.Manifests);
            folder.Write("ingresses.yaml", string.Join("---\n", Scenarios.SelectMany(scenario => scenario.Ingresses).Select(ingress => ingress.ToString())));
            folder.Write("more.yaml", string.Join("\n---\n", Scenarios.Select(scenario => scenario.Manifests).Where(text => text.Length > 0)));
            folder.Write("passwords", AccessScenarios.Passwords);
            nginx = await NginxProcess.StartAsync(
                services, string.Join('\n', Scenarios.Select(scenario => scenario.Servers)).Replace("PASSWORDS", folder["passwords"], StringComparison.Ordinal));
            gateway = await GatewayProcess.StartAsync(folder.Path);
        }

        public async ValueTask DisposeAsync()
        {
            if (gateway is not null)
            {
                await gateway.DisposeAsync();
            }

            if (nginx is not null)
            {
                await nginx.DisposeAsync();
            }

            if (services is not null)
            {
                await services.DisposeAsync();
            }

            folder.Dispose();
        }
    }
}
