using Polygate.Model;

namespace Polygate.Analysis.Tests;

/// <summary>What the filters of a route do, in words.</summary>
public sealed class FilterDescriptionTests
{
    private static readonly RedirectAction ToTls = new() { Status = 308, Scheme = "https" };

    private static readonly (Filter Filter, string[] Sentences)[] Known =
    [
        (new RequestHeaderFilter(new HeaderChanges
        {
            Remove = ["X-A", "X-B"],
            Set = [new HeaderValue("X-C", "1")],
            SetIfPresent = [new HeaderValue("X-D", "2")],
            Add = [new HeaderValue("X-E", "3")],
            SetIfAbsent = [new HeaderValue("X-F", "4")],
        }),
        [
            "Removed from the request: X-A, X-B.",
            "In the request the header X-C is set: 1.",
            "In the request the header X-D is replaced where it is present: 2.",
            "In the request the header X-E is added: 3.",
            "In the request the header X-F is set where it is absent: 4.",
        ]),
        (new ResponseHeaderFilter(new HeaderChanges { Remove = ["Server"] }), ["Removed from the answer: Server."]),
        (new RewriteFilter { Path = new ReplaceFullPath("/x"), Host = "inner.example", RecordOriginalPathIn = "X-Replaced-Path" },
        [
            "The backend sees the path /x.",
            "The backend sees the host inner.example.",
            "The original path is told in the header X-Replaced-Path.",
        ]),
        (new RewriteFilter { Path = new StripPrefixes(["/a"]) { RecordIn = "X-Forwarded-Prefix" } },
        [
            "The backend sees the path without /a at its beginning.",
            "What was taken from the path is told in the header X-Forwarded-Prefix.",
        ]),
        (new RedirectToTlsFilter(ToTls), ["Without TLS the client is redirected (308) to scheme https."]),
        (new RedirectRegexFilter("^http://(.*)", "https://$1", Permanent: true),
            ["Where ^http://(.*) finds something in the URL, the client is redirected permanently to https://$1."]),
        (new RedirectRegexFilter("a", "b", Permanent: false), ["Where a finds something in the URL, the client is redirected for now to b."]),
        (new MirrorFilter("default/copy:80", 0.125), ["A copy of 12.5% of requests goes to default/copy:80; its answers are dropped."]),
        (new CorsFilter { AllowOrigins = ["https://a.example"], AllowOriginPatterns = ["b$"], PreflightStatus = 200 },
            ["CORS: origins https://a.example or ~b$ are allowed; preflights are answered 200."]),
        (new CorsFilter
        {
            AllowOrigins = ["*"],
            AllowMethods = ["GET", "PUT"],
            AllowHeaders = ["X-A"],
            ExposeHeaders = ["X-B"],
            AllowCredentials = true,
            MaxAge = 60,
            AnswerForbiddenPreflight = false,
        },
        [
            "CORS: origins * are allowed, with credentials; preflights are answered 204, those of other origins are forwarded.",
            "CORS: the methods GET, PUT are allowed.",
            "CORS: the request headers X-A are allowed.",
            "CORS: scripts may read the headers X-B of the answer.",
            "CORS: a preflight's answer may be kept for 60 s.",
        ]),
        (new AddressAccessFilter(), ["Every client address is let through."]),
        (new AddressAccessFilter { Allow = ["10.0.0.0/8", "::1"] }, ["Client addresses other than 10.0.0.0/8 or ::1 are refused with 403."]),
        (new AddressAccessFilter { Deny = ["10.0.0.1"], RejectStatus = 401 }, ["Client addresses in 10.0.0.1 are refused with 401."]),
        (new AddressAccessFilter { Allow = ["10.0.0.0/8"], Deny = ["10.0.0.1"] },
            ["Client addresses in 10.0.0.1 are refused with 403, and so are those other than 10.0.0.0/8."]),
        (new BasicAuthenticationFilter([new PasswordHash("alice", "{SHA}secret")]) { Realm = "shop", RemoveCredentials = true, UserHeader = "X-User" },
        [
            "Basic authentication is required (1 user, realm \"shop\"); without it the answer is 401.",
            "The credentials are kept from the backend.",
            "The user's name is told in the header X-User.",
        ]),
        (new ClientCertificateFilter("shop/ca")
        {
            Require = true,
            ResultHeader = "ssl-client-verify",
            SubjectHeader = "ssl-client-subject-dn",
            IssuerHeader = "ssl-client-issuer-dn",
            CertificateHeader = "ssl-client-cert",
        },
        [
            "Clients without a certificate are refused with 400.",
            "Clients whose certificate is not vouched for by shop/ca are refused with 400.",
            "How the client's certificate was verified is told in the header ssl-client-verify.",
            "The subject of the client's certificate is told in the header ssl-client-subject-dn.",
            "The issuer of the client's certificate is told in the header ssl-client-issuer-dn.",
            "The client's certificate is told in the header ssl-client-cert.",
        ]),
        (new ClientCertificateFilter("shop/ca") { ErrorPage = "https://shop.example/help" },
            ["Clients whose certificate is not vouched for by shop/ca are redirected to https://shop.example/help."]),
        (new BodyLimitFilter(0), ["The request's body may have any size."]),
        (new BodyLimitFilter(1024), ["A body of more than 1024 bytes is refused with 413."]),
        (new RateLimitFilter(2.5, TimeSpan.FromSeconds(1), 5), ["More than 2.5 requests each 1 s (bursts of 5) from one client address are refused with 429."]),
        (new RateLimitFilter(10, TimeSpan.FromMilliseconds(500), 1) { ByHeader = "X-Key", Exempt = ["10.0.0.0/8"], Counter = "default/limit", RejectStatus = 503 },
        [
            "More than 10 requests each 500 ms (bursts of 1) with the same value of the header X-Key are refused with 503.",
            "Client addresses in 10.0.0.0/8 are not limited.",
            "The limit is shared with every route that counts in default/limit.",
        ]),
        (new DigestAuthenticationFilter([new DigestUser("alice", "secret")]) { Realm = "shop", RemoveCredentials = true },
        [
            "Digest authentication is required (1 user, realm \"shop\"); without it the answer is 401.",
            "The credentials are kept from the backend.",
        ]),
        (new ApiKeyAuthenticationFilter([new ApiKey("alice", "secret")])
        {
            Locations = [new TokenLocation(CredentialSource.Header, "X-Key"), new TokenLocation(CredentialSource.QueryParameter, "key")],
            ConsumerHeader = "X-Consumer",
            SkipPreflight = true,
        },
        [
            "A key in the header X-Key or the query parameter key is required (1 key); without it the answer is 401.",
            "The consumer's name is told in the header X-Consumer.",
            "CORS preflights pass unchecked.",
        ]),
        (new JwtAuthenticationFilter(
        [
            new JwtProvider("idp", new RemoteKeys("default/idp:443", "idp.example", "/keys"))
            {
                Issuer = "https://idp.example",
                Audiences = ["shop"],
                ClaimHeaders = [new ClaimHeader("sub", "X-User")],
            },
        ])
        {
            Rules = [new ClaimRule([new ClaimMatch("role", [TextPattern.Exact("admin")])]) { Methods = ["GET"], PathPrefix = "/a" }],
        },
        [
            "A valid JSON Web Token is required; without it the answer is 401.",
            "Tokens of the issuer https://idp.example for shop are checked with keys from default/idp:443/keys (idp).",
            "The token's claim sub is told in the header X-User.",
            "The token must satisfy (role =admin for GET under /a); otherwise the answer is 403.",
        ]),
        (new JwtAuthenticationFilter([new JwtProvider("own", new SharedSecret("c2VjcmV0"))]) { Requirement = JwtRequirement.ValidOrMissing },
        [
            "A JSON Web Token must be valid where there is one; otherwise the answer is 401.",
            "Tokens of any issuer are checked with keys in the configuration (own).",
        ]),
        (new ExternalAuthorizationFilter("default/auth:80")
        {
            Request = new AuthorizationRequest { Path = TextTemplate.Literal("/verify") },
            Body = new AuthorizationBody(1024),
            Success = new AuthorizationSuccess { CopyToRequest = ["X-User"] },
            Denial = new AuthorizationDenial { SignIn = new TextTemplate([TextPart.Literal("/in?rd="), new TextPart(TextSource.Url) { Escape = true }]) },
            Cache = new AuthorizationCache(TextTemplate.Of(TextSource.Cookie, "session")),
        },
        [
            "default/auth:80 is asked by HTTP at /verify whether the request may pass, for 10 s at most; where it cannot be asked the answer is 500.",
            "It is told the request's body up to 1024 bytes; a larger one is refused with 413.",
            "From its answer the backend is told X-User.",
            "Instead of a 401 the client is redirected (302) to /in?rd={Url, escaped}.",
            "Its answers are remembered by {Cookie session}.",
        ]),
        (new ExternalAuthorizationFilter("default/auth:80") { Protocol = AuthorizationProtocol.Grpc, FailOpen = true },
            ["default/auth:80 is asked by gRPC whether the request may pass, for 10 s at most; where it cannot be asked the request passes."]),
        (new AnyOfFilter([new AddressAccessFilter { Allow = ["10.0.0.0/8"] }, new RefuseFilter(401)]),
        [
            "One of these must let the request pass:",
            "- Client addresses other than 10.0.0.0/8 are refused with 403.",
            "- The gateway refuses with 401.",
        ]),
        (new RequestHeaderTemplateFilter([new HeaderTemplate("X-Url", TextTemplate.Of(TextSource.Url))]), ["In the request the header X-Url is set to {Url}."]),
        (new ConcurrencyLimitFilter(10), ["More than 10 requests at one time from one client address are refused with 503."]),
        (new ConcurrencyLimitFilter(1) { Key = TextTemplate.Of(TextSource.Host), RejectStatus = 429 },
            ["More than 1 request at one time with the same {Host} are refused with 429."]),
        (new BandwidthLimitFilter(1024) { AfterBytes = 100 }, ["The body of an answer is sent with 1024 bytes a second at most after its first 100 bytes."]),
        (new CompressionFilter { Codings = [ContentCoding.Brotli, ContentCoding.Gzip], Types = ["text/*"], MinimumBytes = 20 },
            ["Answers of text/* from 20 bytes on are compressed with brotli, gzip."]),
        (new ErrorPagesFilter("default/errors:80", [404, 500, 501, 502]) { Path = TextTemplate.Literal("/oops"), StatusChanges = [new StatusChange(500, 503)] },
        [
            "Answers with 404 or 500 to 502 are replaced by what default/errors:80 says at /oops, and keep their status.",
            "Instead of 500 the client gets 503.",
        ]),
        (new CookieRewriteFilter
        {
            Domains = [new TextReplacement(TextReplacementKind.Exact, "a.example", "b.example")],
            Paths = [new TextReplacement(TextReplacementKind.Prefix, "/a", "/b")],
        },
        [
            "In cookies of the backend the domain a.example becomes b.example.",
            "In cookies of the backend the path that begins with /a begins with /b instead.",
        ]),
        (new LocationRewriteFilter([new TextReplacement(TextReplacementKind.Regex, "^http://a", "https://b")]),
            ["In redirects of the backend the target that ^http://a finds something in becomes https://b."]),
        (new HeaderLimitFilter(4096, 50),
        [
            "Header fields of more than 4096 bytes together are refused with 431.",
            "More than 50 header fields are refused with 431.",
        ]),
        (new RedirectFilter(new RedirectAction { Host = "new.example" }), ["The client is redirected (302) to host new.example."]),
        (new GrpcWebFilter(), ["gRPC-Web is taken for gRPC; the trailers of its answers are sent as the end of the body."]),
        (new RefuseFilter(503), ["The gateway refuses with 503."]),
        (new RefuseFilter(503, "no such middleware\n"), ["The gateway refuses with 503: no such middleware."]),
    ];

    public static TheoryData<int> Rows() => [.. Enumerable.Range(0, Known.Length)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_filter_is_told_in_plain_words(int row) =>
        Assert.Equal(Known[row].Sentences, Describe.Filters(Known[row].Filter));

    [Fact]
    public void No_kind_of_filter_is_forgotten() =>
        Assert.Equal(ModelTypes.DerivedFrom<Filter>(), ModelTypes.NamesOf(Known.Select(known => known.Filter)));

    [Fact]
    public void Filters_are_told_in_the_order_in_which_they_are_applied() =>
        Assert.Equal(
            ["A body of more than 1 bytes is refused with 413.", "The gateway refuses with 503."],
            Describe.Filters(new BodyLimitFilter(1), new RefuseFilter(503)));

    [Theory]
    [InlineData("$2y$05$abcdefghijklmnopqrstuv")]
    [InlineData("$apr1$salt$0123456789")]
    [InlineData("{SHA}secret")]
    public void Password_hashes_are_never_told(string hash)
    {
        var filter = new BasicAuthenticationFilter([new PasswordHash("alice", hash), new PasswordHash("bob", hash)]);

        var sentences = string.Join('\n', Describe.Filters(filter));

        Assert.Contains("2 users", sentences, StringComparison.Ordinal);
        Assert.DoesNotContain(hash, sentences, StringComparison.Ordinal);
    }
}
