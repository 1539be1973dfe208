namespace Polygate.EndToEnd.Tests.IngressNginx;

/// <summary>Twenty behaviours that ingress-nginx's own end-to-end tests check over HTTP, in their order.</summary>
public sealed class BehaviourTests(NginxGateway gateway) : IClassFixture<NginxGateway>
{
    private const string Ann = "Authorization: Basic YW5uOnNlY3JldA==";

    [Fact]
    public Task T01_The_root_is_redirected_to_the_app_root() => ExpectAsync("GET root.test /", "302 http://root.test/foo");

    [Theory]
    [InlineData("GET apex.test /foo", "308 http://www.apex.test/foo")]
    [InlineData("GET www.apex.test /foo", "200 a /foo")]
    [InlineData("GET www.other.test /foo", "308 http://other.test/foo")]
    public Task T02_Www_and_apex_are_redirected_to_each_other(string request, string expected) => ExpectAsync(request, expected);

    [Theory]
    [InlineData("GET force.test /", "308 https://force.test")]
    [InlineData("GET force.test /x/?a=b", "308 https://force.test/x/?a=b")]
    [InlineData("GET forceslash.test /", "308 https://forceslash.test/")]
    [InlineData("GET tls.test /x", "308 https://tls.test/x")]
    [InlineData("GET nosecret.test /x", "308 https://nosecret.test/x")]
    public Task T03_Cleartext_is_redirected_to_tls(string request, string expected) => ExpectAsync(request, expected);

    [Theory]
    [InlineData("GET moved.test /x", "301 https://new.test/")]
    [InlineData("GET moved308.test /x", "308 https://new.test/")]
    [InlineData("GET absurd.test /x", "301 https://new.test/")]
    public Task T04_Permanent_redirects_have_their_code(string request, string expected) => ExpectAsync(request, expected);

    [Fact]
    public Task T05_A_path_is_rewritten_with_its_captures() => ExpectAsync("GET rewrite.test /foo/bar/baz/x?y=z", "200 a /new/backend/baz/x?y=z");

    [Theory]
    [InlineData("GET regex.test /foo/bar/bar", "200 a /foo/bar/bar")]
    [InlineData("GET regex.test /id/123a", "200 b /id/123a")]
    public Task T06_The_longer_expression_wins_and_is_open_at_its_end(string request, string expected) => ExpectAsync(request, expected);

    [Theory]
    [InlineData("GET prefix.test /aaacccc", "404")]
    [InlineData("GET prefix.test /aaa/", "200 a /aaa/")]
    [InlineData("GET prefix.test /foo", "200 a /foo")]
    [InlineData("GET prefix.test /foo/x", "200 b /foo/x")]
    public Task T07_A_prefix_ends_at_a_slash_and_exact_goes_first(string request, string expected) => ExpectAsync(request, expected);

    [Theory]
    [InlineData("GET basic.test /", "401")]
    [InlineData("GET basic.test / | Authorization: Basic YW5uOndyb25n", "401")]
    [InlineData("GET basic.test / | " + Ann, "200 a /")]
    [InlineData("GET basicmap.test / | " + Ann, "200 a /")]
    [InlineData("GET basicmissing.test / | " + Ann, "503")]
    public Task T08_Passwords_are_checked(string request, string expected) => ExpectAsync(request, expected);

    [Fact]
    public async Task T09_A_refusal_carries_the_headers_of_CORS() =>
        Assert.Equal((401, "*"), await gateway.SendAsync("GET basic.test / | Origin: https://a.test") is var answer ? (answer.Status, answer["access-control-allow-origin"]) : default);

    [Theory]
    [InlineData("GET auth.test /x?y=z", "302 https://in.test/start?rd=http://auth.test%2Fx%3Fy%3Dz")]
    [InlineData("GET authparam.test /x", "302 https://in.test/start?x=1&next=http://authparam.test%2Fx")]
    [InlineData("GET auth.test / | Authorization: Bearer good", "200 a /")]
    [InlineData("GET auth.test / | Authorization: Bearer forbidden", "403")]
    [InlineData("GET auth.test / | Authorization: Bearer odd", "500")]
    [InlineData("GET authplain.test /", "401")]
    [InlineData("GET authbroken.test /", "500")]
    public Task T10_An_authentication_service_decides(string request, string expected) => ExpectAsync(request, expected);

    [Theory]
    [InlineData("GET authplain.test / | Authorization: Bearer good", "auth=1")]
    [InlineData("GET authplain.test /status/404 | Authorization: Bearer good", null)]
    [InlineData("GET authalways.test /status/404 | Authorization: Bearer good", "auth=1")]
    [InlineData("GET authplain.test /", null)]
    public async Task T11_The_services_cookie_is_kept_on_success_only_unless_said_otherwise(string request, string? cookie) =>
        Assert.Equal(cookie, (await gateway.SendAsync(request))["set-cookie"]);

    [Fact]
    public async Task T12_The_services_headers_replace_forged_ones()
    {
        Assert.Contains("\nx-user: ann\n", (await gateway.SendAsync("GET auth.test / | Authorization: Bearer good | X-User: forged")).Body, StringComparison.Ordinal);
        var first = await gateway.SendAsync("GET authcached.test / | Authorization: one");
        var second = await gateway.SendAsync("GET authcached.test / | Authorization: one");
        Assert.Equal(Count(first), Count(second));
        Assert.NotEqual(Count(first), Count(await gateway.SendAsync("GET authcached.test / | Authorization: two")));

        static string Count(RawAnswer answer) => answer.Body.Split('\n').Single(line => line.StartsWith("x-count: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET canaryheader.test / | X-Canary: always", "200 b /")]
    [InlineData("GET canaryheader.test / | X-Canary: never", "200 a /")]
    [InlineData("GET canaryheader.test / | X-Canary: perhaps", "200 a /")]
    [InlineData("GET canaryvalue.test / | X-Canary: blue", "200 b /")]
    [InlineData("GET canaryvalue.test / | X-Canary: always", "200 a /")]
    [InlineData("GET canarypattern.test / | X-Canary: v12", "200 b /")]
    [InlineData("GET canarypattern.test / | X-Canary: V12", "200 a /")]
    [InlineData("GET canarycookie.test / | Cookie: beta=always", "200 b /")]
    [InlineData("GET canarycookie.test / | Cookie: beta=never", "200 a /")]
    [InlineData("GET canarycookie.test /", "200 a /")]
    public Task T13_A_canary_is_chosen_by_header_and_cookie(string request, string expected) => ExpectAsync(request, expected);

    [Fact]
    public async Task T14_A_canary_is_chosen_by_weight()
    {
        Assert.Equal("a", await ServedAsync("weight0.test", 50));
        Assert.Equal("ab", await ServedAsync("weight50.test", 200));
        Assert.Equal("b", await ServedAsync("weight100.test", 50));
        Assert.Equal("b", await ServedAsync("weight200.test", 50));
        await ExpectAsync("GET lone.test /", "404");

        async Task<string> ServedAsync(string host, int requests)
        {
            var served = new SortedSet<char>();
            for (var i = 0; i < requests; i++)
            {
                served.Add((await gateway.SendAsync($"GET {host} /")).Body[0]);
            }

            return string.Concat(served);
        }
    }

    [Theory]
    [InlineData("sticky.test")]
    [InlineData("stickyalias.test")]
    public async Task T15_A_cookie_with_its_attributes_keeps_a_client(string host)
    {
        var answer = await gateway.SendAsync($"GET {host} /path");
        var cookie = answer["set-cookie"]!;
        Assert.StartsWith("route=", cookie, StringComparison.Ordinal);
        Assert.All(new[] { "Path=/path", "Max-Age=60", "HttpOnly", "SameSite=Lax" }, part => Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase));
        Assert.Null((await gateway.SendAsync($"GET {host} /path | Cookie: {cookie.Split(';')[0]}"))["set-cookie"]);
    }

    [Fact]
    public async Task T16_Connections_beyond_the_limit_are_answered_503()
    {
        var requests = Enumerable.Range(0, 20).Select(_ => gateway.SendAsync("GET connections.test /")).ToList();
        var refused = await Task.WhenAll(await FirstAsync(requests, 12));
        Assert.All(refused, answer => Assert.Equal(503, answer.Status));
        await NginxGateway.Gate.EightInside.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(8, NginxGateway.Gate.Inside);
        NginxGateway.Gate.Open();
        var statuses = (await Task.WhenAll(requests)).CountBy(answer => answer.Status).ToDictionary();
        Assert.Equal((8, 12), (statuses[200], statuses[503]));

        static async Task<List<Task<RawAnswer>>> FirstAsync(List<Task<RawAnswer>> all, int count)
        {
            var pending = all.ToList();
            var done = new List<Task<RawAnswer>>();
            while (done.Count < count)
            {
                var next = await Task.WhenAny(pending);
                pending.Remove(next);
                done.Add(next);
            }

            return done;
        }
    }

    [Fact]
    public async Task T17_Forwarded_headers_of_clients_are_overwritten()
    {
        var body = (await gateway.SendAsync("GET plain.test / | X-Forwarded-For: 1.2.3.4 | X-Forwarded-Host: evil.test | X-Forwarded-Proto: https | X-Real-IP: 9.9.9.9 | X-Scheme: https")).Body;
        Assert.All(
            new[] { "x-forwarded-for: 127.0.0.1", "x-forwarded-host: plain.test", "x-forwarded-proto: http", "x-real-ip: 127.0.0.1", "x-scheme: http" },
            line => Assert.Contains("\n" + line + "\n", body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task T17_Forwarded_headers_of_trusted_proxies_are_believed()
    {
        await using var services = await EchoServices.StartAsync("a");
        using var folder = new ConfigurationFolder();
        folder.Write("all.yaml", services.Manifests + "---\n" + Dialects.Tests.Ingress.IngressYaml.Nginx("one", "plain.test P /=a"));
        await using var trusting = await GatewayProcess.StartAsync(folder.Path, "--trusted-proxies", "127.0.0.0/8");
        var body = (await OracleScenario.SendAsync(trusting.Address, "GET plain.test / | X-Forwarded-For: 1.2.3.4 | X-Forwarded-Proto: https")).Body;
        Assert.Contains("\nx-real-ip: 1.2.3.4\n", body, StringComparison.Ordinal);
        Assert.Contains("\nx-scheme: https\n", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET empty.test /", "503")]
    [InlineData("GET nowhere.test /", "503")]
    [InlineData("GET external.test /", "502")]
    [InlineData("GET unknown.test /", "404")]
    public Task T18_What_cannot_be_reached_has_its_status(string request, string expected) => ExpectAsync(request, expected);

    [Theory]
    [InlineData("GET deny.test /", "403")]
    [InlineData("GET allow.test /", "200 a /")]
    [InlineData("GET satisfy.test /", "401")]
    [InlineData("GET satisfy.test / | " + Ann, "200 a /")]
    [InlineData("GET plain.test / | User-Agent: EvilBot/1", "403")]
    [InlineData("GET plain.test / | Referer: https://spam.test/", "403")]
    public Task T19_Who_may_not_pass_is_refused(string request, string expected) => ExpectAsync(request, expected);

    [Fact]
    public async Task T20_Unknown_names_get_the_default_certificate_and_known_ones_their_own()
    {
        var (known, certificate) = await gateway.SendTlsAsync("tls.test", "/x");
        Assert.Equal("a /x", known.Body.Split('\n')[0]);
        Assert.True(certificate.MatchesHostname("tls.test"));
        Assert.Equal("max-age=31536000; includeSubDomains", known["strict-transport-security"]);
        Assert.Null(known["server"]);

        var (wild, wildCertificate) = await gateway.SendTlsAsync("sub.wild.test", "/");
        Assert.Equal("b /", wild.Body.Split('\n')[0]);
        Assert.True(wildCertificate.MatchesHostname("sub.wild.test"));
        Assert.False((await gateway.SendTlsAsync("unknown.test", "/")).Certificate.MatchesHostname("tls.test"));
        await ExpectAsync("GET plain.test. /", "200 a /");
        await ExpectAsync("GET alias.test /", "200 a /");
    }

    [Theory]
    [InlineData("GET snippet.test /x", "200 a /x")]
    [InlineData("GET snippet.test /x | X-Block: 1", "451")]
    public Task Snippets_that_the_administrator_allows_are_served(string request, string expected) => ExpectAsync(request, expected);

    [Fact]
    public async Task Snippets_write_headers()
    {
        var answer = await gateway.SendAsync("GET snippet.test /");
        Assert.Equal("yes", answer["x-snippet"]);
        Assert.Contains("\nx-who: 127.0.0.1\n", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_default_backend_serves_where_there_are_no_endpoints_and_is_told_why()
    {
        var answer = await gateway.SendAsync("GET fallback.test /x");
        Assert.Equal(503, answer.Status);
        Assert.All(new[] { "x-code: 503", "x-ingress-name: fallback", "x-namespace: default", "x-service-name: empty" }, line => Assert.Contains("\n" + line + "\n", answer.Body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Errors_are_replaced_by_what_the_default_backend_answers()
    {
        var answer = await gateway.SendAsync("GET errors.test /status/404?x=y | Accept: text/html");
        Assert.Equal((404, "errors /"), (answer.Status, answer.Body.Split('\n')[0]));
        Assert.All(
            new[] { "x-code: 404", "x-original-uri: /status/404?x=y", "x-format: text/html", "x-ingress-name: errors", "x-namespace: default", "x-service-name: a", "x-service-port: 80" },
            line => Assert.Contains("\n" + line + "\n", answer.Body, StringComparison.Ordinal));
        Assert.StartsWith("a /status/500", (await gateway.SendAsync("GET errors.test /status/500")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cookies_and_redirects_of_the_backend_are_rewritten()
    {
        var answer = await gateway.SendAsync("GET cookies.test /");
        Assert.Equal(("s=1; Domain=outer.test; Path=/out/deep", "https://outer.test/next?x=1"), (answer["set-cookie"], answer["location"]));
    }

    [Theory]
    [InlineData("secret", System.Net.HttpStatusCode.OK)]
    [InlineData("wrong", System.Net.HttpStatusCode.Unauthorized)]
    public async Task Digest_authentication_asks_for_the_password_without_sending_it(string password, System.Net.HttpStatusCode expected)
    {
        using var handler = gateway.Process.MakeHandler();
        handler.Credentials = new System.Net.NetworkCredential("ann", password);
        using var client = new HttpClient(handler);
        using var answer = await client.GetAsync("http://digest.test:8080/", TestContext.Current.CancellationToken);
        Assert.Equal(expected, answer.StatusCode);
        Assert.Contains("Digest realm=\"Staff\"", (await gateway.SendAsync("GET digest.test /"))["www-authenticate"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_keeps_to_the_canary_or_the_primary_it_was_drawn_for()
    {
        var seen = new HashSet<char>();
        for (var session = 0; session < 40; session++)
        {
            var first = await gateway.SendAsync("GET stickyweight.test /");
            seen.Add(first.Body[0]);
            var cookies = string.Join("; ", first.Headers.Where(header => header.Name == "set-cookie").Select(header => header.Value.Split(';')[0]));
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal(first.Body[0], (await gateway.SendAsync("GET stickyweight.test / | Cookie: " + cookies)).Body[0]);
            }
        }

        Assert.Equal(2, seen.Count);
    }

    private async Task ExpectAsync(string request, string expected)
    {
        var answer = await gateway.SendAsync(request);
        var first = answer.Body.Split('\n')[0];
        var served = first.Split(' ') is ["a" or "b", _] ? " " + first : "";
        Assert.Equal(expected, $"{answer.Status}{(answer["location"] is { } location ? " " + location : served)}");
    }
}
