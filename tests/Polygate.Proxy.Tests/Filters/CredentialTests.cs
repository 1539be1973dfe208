using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Tests.Forwarding;
using Polygate.Proxy.Tests.Routing;

namespace Polygate.Proxy.Tests.Filters;

/// <summary>Tokens, keys and digests that clients bring.</summary>
public sealed class CredentialTests() : ProxyTests(TransportKind.Native)
{
    private static readonly string Secret = Convert.ToBase64String("a secret of thirty-two bytes at least"u8);
    private static readonly string Later = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
    private static readonly string Earlier = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static readonly JwtProvider Provider = new("own", new SharedSecret(Secret))
    {
        Issuer = "me",
        Audiences = ["shop"],
        ClaimHeaders = [new ClaimHeader("sub", "X-User"), new ClaimHeader("realm.role", "X-Role")],
        RemoveToken = true,
    };

    [Fact]
    public async Task A_valid_token_passes_and_the_backend_learns_its_claims()
    {
        var token = Sign($$"""{"iss":"me","aud":["x","shop"],"sub":"alice","realm":{"role":["a","b"]},"exp":{{Later}}}""");
        var run = await FilterRun.Run(Request(token, ("X-User", "forged")), new JwtAuthenticationFilter([Provider]));

        Assert.Null(run.Reply);
        Assert.Equal(("alice", "a,b", null), (run.Header("X-User"), run.Header("X-Role"), run.Header("Authorization")));
    }

    [Fact]
    public async Task Tokens_that_do_not_hold_are_refused()
    {
        var good = Sign($$"""{"iss":"me","aud":"shop","exp":{{Later}}}""");
        var parts = good.Split('.');
        string[] bad =
        [
            Sign($$"""{"iss":"you","aud":"shop","exp":{{Later}}}"""),
            Sign($$"""{"iss":"me","aud":"other","exp":{{Later}}}"""),
            Sign($$"""{"iss":"me","exp":{{Later}}}"""),
            Sign($$"""{"iss":"me","aud":"shop","exp":{{Earlier}}}"""),
            Sign($$"""{"iss":"me","aud":"shop","exp":"{{Later}}"}"""),
            Sign($$"""{"iss":"me","aud":"shop","exp":{{Later}},"nbf":{{Later}}}"""),
            Sign($$"""{"iss":"me","aud":"shop","exp":{{Later}}}""", """{"alg":"none"}"""),
            Sign($$"""{"iss":"me","aud":"shop","exp":{{Later}}}""", """{"alg":"HS256","crit":["x"]}"""),
            Encode("""{"alg":"none"}""") + "." + parts[1] + ".",
            parts[0] + "." + Encode($$"""{"iss":"me","aud":"shop","sub":"mallory","exp":{{Later}}}""") + "." + parts[2],
            parts[0] + "." + parts[1] + "." + parts[2][..^4] + "AAAA",
            "not.a.token",
            "a.b",
        ];

        Assert.Null((await FilterRun.Run(Request(good), new JwtAuthenticationFilter([Provider]))).Reply);
        foreach (var token in bad)
            Assert.Equal(401, (await FilterRun.Run(Request(token), new JwtAuthenticationFilter([Provider]))).Reply?.Status);
    }

    [Theory]
    [InlineData(JwtRequirement.Valid, 401, 401)]
    [InlineData(JwtRequirement.ValidOrMissing, null, 401)]
    [InlineData(JwtRequirement.Optional, null, null)]
    public async Task A_missing_or_invalid_token_is_what_the_requirement_says(JwtRequirement requirement, int? missing, int? invalid)
    {
        var filter = new JwtAuthenticationFilter([Provider]) { Requirement = requirement };

        Assert.Equal(missing, (await FilterRun.Run(RoutingSamples.Request("a.test/"), filter)).Reply?.Status);
        Assert.Equal(invalid, (await FilterRun.Run(Request("x.y.z"), filter)).Reply?.Status);
    }

    [Theory]
    [InlineData("admin", "GET", null)]
    [InlineData("admin", "POST", 403)]
    [InlineData("guest", "GET", 403)]
    public async Task Rules_decide_about_valid_tokens(string role, string method, int? status)
    {
        var token = Sign($$"""{"iss":"me","aud":"shop","roles":["x","{{role}}"]}""");
        var filter = new JwtAuthenticationFilter([Provider]) { Rules = [new ClaimRule([new ClaimMatch("roles", [TextPattern.Exact("admin")])]) { Methods = ["GET"] }] };

        Assert.Equal(status, (await FilterRun.Run(RoutingSamples.Request("a.test/", method, ("Authorization", "Bearer " + token)), filter)).Reply?.Status);
    }

    [Fact]
    public async Task A_public_key_is_never_taken_for_a_shared_secret()
    {
        using var rsa = RSA.Create(2048);
        var pem = rsa.ExportSubjectPublicKeyInfoPem();
        var filter = new JwtAuthenticationFilter([new JwtProvider("rsa", new InlineKeys(pem)) { Algorithms = ["RS256", "HS256"] }]);
        var signed = Encode("""{"alg":"RS256"}""") + "." + Encode("""{"sub":"a"}""");
        var good = signed + "." + Base64Url.EncodeToString(rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        var forged = Encode("""{"alg":"HS256"}""") + "." + Encode("""{"sub":"a"}""");
        forged += "." + Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.ASCII.GetBytes(pem), Encoding.ASCII.GetBytes(forged)));

        Assert.Null((await FilterRun.Run(Request(good), filter)).Reply);
        Assert.Equal(401, (await FilterRun.Run(Request(forged), filter)).Reply?.Status);
    }

    [Fact]
    public async Task Keys_are_fetched_and_fetched_again_for_a_key_that_is_new()
    {
        using var old = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var fetched = 0;
        await using var server = new TestBackend(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                Assert.Equal("GET /keys HTTP/1.1", request.StartLine);
                var text = $$"""{"keys":[{{Jwk(++fetched == 1 ? old : fresh, fetched == 1 ? "old" : "new")}}]}""";
                await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {text.Length}\r\n\r\n{text}");
            }
        });
        await using var backend = TestBackend.Echoing();
        var provider = new JwtProvider("idp", new RemoteKeys("idp", "idp.example", "/keys") { MinimumRefresh = TimeSpan.Zero });
        await using var proxy = Start(TestProxy.Configuration(
            [TestProxy.Backend("backend", backend.Port), TestProxy.Backend("idp", server.Port)],
            new ForwardAction([new WeightedBackend("backend")]), new JwtAuthenticationFilter([provider])));
        using var client = await proxy.ConnectAsync();

        Assert.Equal(200, await StatusAsync(old, "old"));
        Assert.Equal(200, await StatusAsync(old, "old"));
        Assert.Equal(1, fetched);
        Assert.Equal(200, await StatusAsync(fresh, "new"));
        Assert.Equal(2, fetched);
        Assert.Equal(401, await StatusAsync(old, "new"));

        async Task<int> StatusAsync(ECDsa key, string id)
        {
            var signed = Encode($$"""{"alg":"ES256","kid":"{{id}}"}""") + "." + Encode("""{"sub":"a"}""");
            var token = signed + "." + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256));
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n");
            return (await client.ReadResponseAsync()).Status;
        }
    }

    [Theory]
    [InlineData("a.test/", "X-Key: right", null)]
    [InlineData("a.test/?key=right&b=c", "", null)]
    [InlineData("a.test/", "Cookie: a=b; key=right", null)]
    [InlineData("a.test/", "X-Key: wrong", "wrong key")]
    [InlineData("a.test/", "", "no key")]
    public async Task A_key_is_looked_for_in_its_places(string url, string header, string? refusal)
    {
        var filter = new ApiKeyAuthenticationFilter(
            [new ApiKey("alice", Convert.ToHexStringLower(SHA256.HashData("right"u8))) { RequestHeaders = [new HeaderValue("X-Group", "blue")] }])
        {
            Locations = [new(CredentialSource.Header, "X-Key"), new(CredentialSource.QueryParameter, "key"), new(CredentialSource.Cookie, "key")],
            RemoveCredentials = true,
            ConsumerHeader = "X-Consumer",
            MissingBody = "no key",
            RejectBody = "wrong key",
        };
        var headers = header.Length == 0 ? Array.Empty<(string, string)>() : [(header[..header.IndexOf(':', StringComparison.Ordinal)], header[(header.IndexOf(':', StringComparison.Ordinal) + 2)..])];

        var run = await FilterRun.Run(RoutingSamples.Request(url, "GET", [.. headers, ("X-Consumer", "forged"), ("X-Group", "forged")]), filter);

        Assert.Equal(refusal, run.Reply is null ? null : Encoding.UTF8.GetString(run.Reply.Body.Span));
        if (refusal is null)
            Assert.Equal(("alice", "blue"), (run.Header("X-Consumer"), run.Header("X-Group")));

        Assert.DoesNotContain("right", (run.Header("X-Key") ?? "") + (run.Header("Cookie") ?? "") + Encoding.UTF8.GetString(run.Head.Query), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_digest_of_the_password_passes_once_the_nonce_is_known(bool isMd5)
    {
        var filter = new DigestAuthenticationFilter([new DigestUser("alice", Hash(isMd5, "alice:shop:secret"))]) { Realm = "shop", UserHeader = "X-User", RemoveCredentials = true };
        var challenge = (await FilterRun.Run(RoutingSamples.Request("a.test/x?y=1"), filter)).ResponseHeader("WWW-Authenticate")!;
        var nonce = challenge.Split("nonce=\"")[1].Split('"')[0];

        Assert.Null(await StatusOf("secret", nonce, "/x?y=1"));
        Assert.Equal(401, await StatusOf("wrong", nonce, "/x?y=1"));
        Assert.Equal(401, await StatusOf("secret", nonce, "/other"));
        Assert.Equal(401, await StatusOf("secret", nonce[..^4] + "0000", "/x?y=1"));
        var expired = await FilterRun.Run(RoutingSamples.Request("a.test/x?y=1", "GET", ("Authorization", Line("secret", nonce, "/x?y=1"))), filter with { NonceLifetime = TimeSpan.FromTicks(-1) });
        Assert.Contains("stale=true", expired.ResponseHeader("WWW-Authenticate"), StringComparison.Ordinal);

        async Task<int?> StatusOf(string password, string with, string uri)
        {
            var run = await FilterRun.Run(RoutingSamples.Request("a.test/x?y=1", "GET", ("Authorization", Line(password, with, uri))), filter);
            if (run.Reply is null)
                Assert.Equal(("alice", null), (run.Header("X-User"), run.Header("Authorization")));

            return run.Reply?.Status;
        }

        string Line(string password, string with, string uri)
        {
            var response = Hash(isMd5, $"{Hash(isMd5, "alice:shop:" + password)}:{with}:00000001:abc:auth:{Hash(isMd5, "GET:" + uri)}");
            return $"Digest username=\"alice\", realm=\"shop\", nonce=\"{with}\", uri=\"{uri}\", qop=auth, nc=00000001, cnonce=\"abc\", "
                + $"algorithm={(isMd5 ? "MD5" : "SHA-256")}, response=\"{response}\"";
        }
    }

#pragma warning disable CA5351 // What is tested is what RFC 7616 has.
    private static string Hash(bool isMd5, string text) =>
        Convert.ToHexStringLower(isMd5 ? MD5.HashData(Encoding.UTF8.GetBytes(text)) : SHA256.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351

    private static Polygate.Proxy.Http.RequestHead Request(string token, params (string, string)[] headers) =>
        RoutingSamples.Request("a.test/", "GET", [.. headers, ("Authorization", "Bearer " + token)]);

    private static string Sign(string payload, string header = """{"alg":"HS256","typ":"JWT"}""")
    {
        var signed = Encode(header) + "." + Encode(payload);
        return signed + "." + Base64Url.EncodeToString(HMACSHA256.HashData(Convert.FromBase64String(Secret), Encoding.ASCII.GetBytes(signed)));
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static string Jwk(ECDsa key, string id)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return $$"""{"kty":"EC","crv":"P-256","kid":"{{id}}","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""";
    }
}
