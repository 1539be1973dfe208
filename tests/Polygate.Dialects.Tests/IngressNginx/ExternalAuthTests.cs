using Polygate.Dialects.Tests.Golden;
using Polygate.Model;
using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>What is made of auth-url and the annotations around it.</summary>
public sealed class ExternalAuthTests
{
    private const string Url = "auth-url: http://auth.test:8080/check?x=1";

    [Fact]
    public void The_service_is_asked_by_a_GET_that_tells_what_was_asked_for()
    {
        var requests = Serve(Annotated("one", "h.test P /=a", Url));
        var filter = FilterOf(requests);

        Assert.Equal(("GET", "auth.test", "/check?x=1"), (filter.Request.Method, filter.Request.Host, filter.Request.Path!.ToString()));
        Assert.Equal("{Url}", HeaderOf(filter, "X-Original-URL"));
        Assert.Equal("{Method}", HeaderOf(filter, "X-Original-Method"));
        Assert.Equal("nginx-ingress-controller", HeaderOf(filter, "X-Sent-From"));
        Assert.Equal("{ClientAddress}", HeaderOf(filter, "X-Real-IP"));
        Assert.Equal("{PathAndQuery}", HeaderOf(filter, "X-Auth-Request-Redirect"));
        Assert.Equal([401, 403], filter.Denial.Statuses);
        Assert.Equal(500, filter.ErrorStatus);
        Assert.False(filter.FailOpen);
        var backend = requests.Configuration.Pieces.Values.Single().Backends.Single(backend => backend.Id == filter.Backend);
        Assert.Equal(new StaticEndpoints([new Endpoint("auth.test", 8080)]), backend.Endpoints);
        Assert.Null(backend.Tls);
    }

    [Theory]
    [InlineData("auth-method: POST", "POST")]
    [InlineData("", "GET")]
    public void The_method_can_be_said(string annotations, string method) =>
        Assert.Equal(method, FilterOf(Serve(Annotated("one", "h.test P /=a", $"{Url} | {annotations}"))).Request.Method);

    [Theory]
    [InlineData("auth-signin: https://in.test/", "https://in.test/?rd={Scheme}://{Authority}{PathAndQuery, escaped}")]
    [InlineData("auth-signin: https://in.test/?a=b", "https://in.test/?a=b&rd={Scheme}://{Authority}{PathAndQuery, escaped}")]
    [InlineData("auth-signin: https://in.test/?rd=x", "https://in.test/?rd=x")]
    [InlineData("auth-signin: https://$host/oauth2/start?rd=$escaped_request_uri", "https://{Host}/oauth2/start?rd={PathAndQuery, escaped}")]
    [InlineData("auth-signin: /login | auth-signin-redirect-param: next", "/login?next={Scheme}://{Authority}{PathAndQuery, escaped}")]
    [InlineData("auth-signin: javascript:alert(1)", null)]
    [InlineData("auth-signin: //evil.test/", null)]
    public void Clients_are_sent_to_the_sign_in_with_where_they_came_from(string annotations, string? expected) =>
        Assert.Equal(expected, FilterOf(Serve(Annotated("one", "h.test P /=a", $"{Url} | {annotations}"))).Denial.SignIn?.ToString());

    [Fact]
    public void Headers_and_cookies_of_the_service_go_where_they_should()
    {
        var filter = FilterOf(Serve(Annotated("one", "h.test P /=a", Url + " | auth-response-headers: X-User, X-Groups")));
        Assert.Equal(["X-User", "X-Groups"], filter.Success.CopyToRequest);
        Assert.Equal((true, "WWW-Authenticate"), (filter.Success.OnlyGoodResponses, string.Join(' ', filter.Denial.Headers)));

        filter = FilterOf(Serve(Annotated("one", "h.test P /=a", Url + " | auth-always-set-cookie: true")));
        Assert.False(filter.Success.OnlyGoodResponses);
        Assert.Contains("Set-Cookie", filter.Denial.Headers);
    }

    [Fact]
    public void Answers_are_remembered_by_the_key_for_as_long_as_said()
    {
        Assert.Null(FilterOf(Serve(Annotated("one", "h.test P /=a", Url))).Cache);
        var cache = FilterOf(Serve(Annotated("one", "h.test P /=a", Url + " | auth-cache-key: $remote_user$http_authorization"))).Cache;
        Assert.Null(cache);
        cache = FilterOf(Serve(Annotated("one", "h.test P /=a", Url + " | auth-cache-key: $http_authorization | auth-cache-duration: 200 202 10m, 401 30s"))).Cache!;
        Assert.Equal("default/one\n{Header authorization}", cache.Key.ToString());
        Assert.Equal(
            [new AuthorizationLifetime(200, TimeSpan.FromMinutes(10)), new AuthorizationLifetime(202, TimeSpan.FromMinutes(10)), new AuthorizationLifetime(401, TimeSpan.FromSeconds(30))],
            cache.Lifetimes);
    }

    [Fact]
    public void A_ConfigMap_adds_headers()
    {
        const string map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {X-Team: blue, X-Path: $request_uri}\n";
        var filter = FilterOf(Serve(map, Annotated("one", "h.test P /=a", Url + " | auth-proxy-set-headers: m")));
        Assert.Equal(("blue", "{PathAndQuery}"), (HeaderOf(filter, "X-Team"), HeaderOf(filter, "X-Path")));
    }

    [Fact]
    public void A_service_of_the_cluster_is_asked_at_its_endpoints()
    {
        var requests = Serve(Annotated("one", "h.test P /=b", "auth-url: http://a.default.svc.cluster.local/check"));
        var backend = requests.Configuration.Pieces.Values.Single().Backends.Single(backend => backend.Id == FilterOf(requests).Backend);
        Assert.Equal(new NamedEndpoints("default/a:80"), backend.Endpoints);
    }

    [Fact]
    public void Any_of_address_password_and_service_is_enough_where_asked()
    {
        const string secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {auth: 'ann:{SHA}abc'}\n";
        var any = Assert.Single(Serve(secret, Annotated("one", "h.test P /=a", Url + " | satisfy: any | auth-type: basic | auth-secret: s | allowlist-source-range: 10.0.0.0/8"))
            .Configuration.Routes.Single().Filters.OfType<AnyOfFilter>());
        Assert.Collection(
            any.Filters,
            filter => Assert.IsType<AddressAccessFilter>(filter),
            filter => Assert.IsType<BasicAuthenticationFilter>(filter),
            filter => Assert.IsType<ExternalAuthorizationFilter>(filter));
    }

    [Fact]
    public void Digest_users_are_those_of_the_realm()
    {
        const string secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  auth: |\n    ann:Staff:0123456789abcdef0123456789abcdef\n    ben:Other:0123456789abcdef0123456789abcdef\n    eve:plain\n";
        var requests = Translate(secret, Annotated("one", "h.test P /=a", "auth-type: digest | auth-secret: s | auth-realm: Staff"));
        var filter = Assert.Single(requests.Configuration.Routes.Single().Filters.OfType<DigestAuthenticationFilter>());
        Assert.Equal(("ann", "Staff", true), (string.Join(' ', filter.Users), filter.Realm, filter.RemoveCredentials));
        Assert.Equal(["other-realm", "unsupported-password-hash"], requests.Diagnostics.Select(diagnostic => diagnostic.Code).Order());
        Assert.DoesNotContain(requests.Diagnostics, diagnostic => diagnostic.Message.Contains("0123456789", StringComparison.Ordinal));
    }

    private static ExternalAuthorizationFilter FilterOf(ServedRequests requests) =>
        requests.Configuration.Routes.First().Filters.OfType<ExternalAuthorizationFilter>().Single();

    private static string HeaderOf(ExternalAuthorizationFilter filter, string name) => filter.Request.Set.Single(header => header.Name == name).Value.ToString();
}
