using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.Tests.Golden;
using Polygate.Model;
using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

public sealed class UpstreamTests
{
    [Theory]
    [InlineData("HTTP", BackendProtocol.Http1, false)]
    [InlineData("https", BackendProtocol.Http1, true)]
    [InlineData("GRPC", BackendProtocol.Http2, false)]
    [InlineData("GRPCS", BackendProtocol.Http2, true)]
    [InlineData("FCGI", BackendProtocol.FastCgi, false)]
    public void The_protocol_is_that_of_the_annotation(string protocol, BackendProtocol expected, bool tls)
    {
        var backend = BackendOf("backend-protocol: " + protocol);

        Assert.Equal(expected, backend.Protocol);
        Assert.Equal(tls, backend.Tls is not null);
        Assert.True(backend.Tls?.SkipVerification ?? true);
    }

    [Fact]
    public void A_FastCGI_application_is_told_what_the_ConfigMap_says()
    {
        const string map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {SCRIPT_FILENAME: '/app$fastcgi_script_name', PATH_INFO: '${fastcgi_path_info}', X: ''}\n";
        var route = Serve(IngressNginxOptions.Default, map, Annotated("one", "h.test P /=a", "backend-protocol: FCGI | fastcgi-index: index.php | fastcgi-params-configmap: m")).Configuration.Routes.Single();
        var settings = ((ForwardAction)route.Action).FastCgi!;

        Assert.Equal("index.php", settings.Index);
        Assert.Equal(
            ["PATH_INFO=", "SCRIPT_FILENAME=/app{Document index.php}", "X="],
            settings.Parameters.Select(parameter => $"{parameter.Name}={parameter.Value}"));
    }

    [Theory]
    [InlineData("SCRIPT_FILENAME: $document_root/x", "unsupported-variable")]
    [InlineData("SCRIPT_FILENAME: '/a;b'", "invalid-parameter")]
    [InlineData("'A B': x", "invalid-parameter")]
    public async Task What_a_FastCGI_application_cannot_be_told_closes_the_paths(string data, string code)
    {
        var map = $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m}}\ndata:\n  {data}\n";
        var requests = Serve(IngressNginxOptions.Default, map, Annotated("one", "h.test P /=a", "backend-protocol: FCGI | fastcgi-params-configmap: m"));

        Assert.Equal("503", await requests.AnswerAsync("http://h.test/"));
        Assert.Contains(requests.Diagnostics, diagnostic => diagnostic.Code == code);
    }

    [Fact]
    public void The_backends_certificate_is_verified_where_asked()
    {
        var tls = BackendOf("backend-protocol: HTTPS | proxy-ssl-verify: on | proxy-ssl-name: inner.test").Tls!;
        Assert.Equal((false, "inner.test"), (tls.SkipVerification, tls.ServerName));
    }

    [Theory]
    [InlineData("$remote_addr", HashInput.ClientAddress, "")]
    [InlineData("$binary_remote_addr", HashInput.ClientAddress, "")]
    [InlineData("$request_uri", HashInput.PathAndQuery, "")]
    [InlineData("${uri}", HashInput.Path, "")]
    [InlineData("$http_x_user", HashInput.Header, "x-user")]
    [InlineData("$cookie_sid", HashInput.Cookie, "sid")]
    [InlineData("$arg_id", HashInput.QueryParameter, "id")]
    [InlineData("$host", HashInput.Host, "")]
    public void A_variable_is_hashed(string variable, HashInput input, string name) =>
        Assert.Equal(
            new LoadBalancing(BalancingAlgorithm.RingHash) { HashOn = input, HashName = name },
            BackendOf("upstream-hash-by: " + variable).Balancing);

    [Fact]
    public void Several_things_are_hashed_together_and_endpoints_form_subsets()
    {
        var balancing = BackendOf("upstream-hash-by: $request_uri-${http_x_user} | upstream-hash-by-subset: true | upstream-hash-by-subset-size: 4").Balancing;
        Assert.Equal([new HashKey(HashInput.PathAndQuery), new HashKey(HashInput.Literal, "-"), new HashKey(HashInput.Header, "x-user")], balancing.HashKeys);
        Assert.Equal(4, balancing.SubsetSize);
        Assert.Equal(3, BackendOf("upstream-hash-by: $host | upstream-hash-by-subset: true").Balancing.SubsetSize);
    }

    [Fact]
    public void The_fastest_of_two_is_picked_where_asked() =>
        Assert.Equal(new LoadBalancing(BalancingAlgorithm.PeakEwma) { Decay = TimeSpan.FromSeconds(10) }, BackendOf("load-balance: ewma").Balancing);

    [Theory]
    [InlineData("", "INGRESSCOOKIE", "/path")]
    [InlineData("session-cookie-name: route", "route", "/path")]
    [InlineData("session-cookie-path: /all", "INGRESSCOOKIE", "/all")]
    [InlineData("use-regex: true", "INGRESSCOOKIE", "/")]
    public void A_cookie_keeps_a_client_on_its_endpoint(string annotations, string name, string path) =>
        Assert.Equal(Cookie(name) with { Path = path }, BackendOf("affinity: cookie | " + annotations).Sticky);

    [Fact]
    public void Every_property_of_the_cookie_can_be_said()
    {
        Assert.Equal(Cookie() with { MaxAge = 60, Expires = 90 }, BackendOf("affinity: cookie | session-cookie-max-age: 60 | session-cookie-expires: 90").Sticky);
        Assert.Equal(Cookie() with { Secure = true, SecureOverTls = false }, BackendOf("affinity: cookie | session-cookie-secure: true").Sticky);
        Assert.Equal(Cookie() with { Balanced = false }, BackendOf("affinity: cookie | affinity-mode: persistent").Sticky);
        Assert.Equal(Cookie() with { KeepOnFailure = false }, BackendOf("affinity: cookie | session-cookie-change-on-failure: true").Sticky);
        Assert.Equal(Cookie() with { Domain = "h.test" }, BackendOf("affinity: cookie | session-cookie-domain: h.test").Sticky);
        Assert.Equal(
            Cookie() with { SameSite = "None", OmitSameSiteNoneWhereBroken = true },
            BackendOf("affinity: cookie | session-cookie-samesite: None | session-cookie-conditional-samesite-none: true").Sticky);
    }

    private static StickyCookie Cookie(string name = "INGRESSCOOKIE") =>
        new(name) { Path = "/path", Balanced = true, KeepOnFailure = true, SecureOverTls = true, Salt = "default/one" };

    [Fact]
    public void Timeouts_are_whole_seconds()
    {
        var requests = Serve(Annotated("one", "h.test P /=a", "proxy-connect-timeout: 7 | proxy-read-timeout: 90"));

        Assert.Equal(TimeSpan.FromSeconds(7), requests.Configuration.Pieces.Values.Single().Backends[0].ConnectTimeout);
        Assert.Equal(TimeSpan.FromSeconds(90), ForwardOf(requests).IdleTimeout);
    }

    [Fact]
    public void Without_annotations_errors_and_timeouts_are_tried_three_times()
    {
        var forward = ForwardOf(Serve(Annotated("one", "h.test P /=a")));
        Assert.Equal(new RetryPolicy(2) { OnConnectionError = true, OnTimeout = true, StatusesObeyIdempotence = true }, forward.Retry);
        Assert.Equal(TimeSpan.FromSeconds(60), forward.IdleTimeout);
    }

    [Theory]
    [InlineData("proxy-next-upstream: off")]
    [InlineData("proxy-next-upstream-tries: 1")]
    public void Nothing_is_tried_again_where_that_is_off(string annotation) =>
        Assert.Null(ForwardOf(Serve(Annotated("one", "h.test P /=a", annotation))).Retry);

    [Fact]
    public void Statuses_and_methods_widen_the_retries() =>
        Assert.Equal(
            new RetryPolicy(4) { OnConnectionError = false, OnTimeout = false, NonIdempotent = true, Statuses = [502, 429], StatusesObeyIdempotence = true, OnInvalidAnswer = true, Deadline = TimeSpan.FromSeconds(9) },
            ForwardOf(Serve(Annotated("one", "h.test P /=a", "proxy-next-upstream: http_502 http_429 non_idempotent invalid_header | proxy-next-upstream-tries: 5 | proxy-next-upstream-timeout: 9"))).Retry);

    [Fact]
    public void The_services_own_address_is_used_where_asked()
    {
        const string service = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {clusterIP: 10.96.0.9, ports: [{port: 80}]}\n";
        var requests = Serve(service, Annotated("one", "h.test P /=s", "service-upstream: true"));
        Assert.Equal(new StaticEndpoints([new Endpoint("10.96.0.9", 80)]), requests.Configuration.Pieces.Values.Single().Backends.Single().Endpoints);
    }

    [Theory]
    [InlineData("h.test P /=a", "a /", null)]
    [InlineData("h.test P /=empty", "f /", "503")]
    [InlineData("h.test P /=nowhere", "f /", "503")]
    public async Task The_default_backend_serves_while_there_are_no_endpoints(string paths, string expected, string? code)
    {
        const string empty = "apiVersion: v1\nkind: Service\nmetadata: {name: empty}\nspec: {ports: [{port: 80}]}\n";
        var requests = Serve(empty, Annotated("one", paths, "default-backend: f"));

        Assert.Equal(expected, await requests.AnswerAsync("http://h.test/"));
        Assert.Equal(code, requests.Forwarded.Headers.TryGet("x-code"u8, out var value) ? System.Text.Encoding.UTF8.GetString(value) : null);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task An_external_name_must_not_lead_back_here(string name)
    {
        var service = $"apiVersion: v1\nkind: Service\nmetadata: {{name: s}}\nspec: {{type: ExternalName, externalName: {name}, ports: [{{port: 80}}]}}\n";
        Assert.Equal("502", await Serve(service, Annotated("one", "h.test P /=s")).AnswerAsync("http://h.test/"));
    }

    [Theory]
    [InlineData("https://mirror.test/$request_uri", "mirror.test", 443, true)]
    [InlineData("http://mirror.test:8080$request_uri", "mirror.test", 8080, false)]
    public void Copies_go_to_the_mirror_under_its_own_name(string target, string host, int port, bool tls)
    {
        var piece = Serve(Annotated("one", "h.test P /=a", "mirror-target: " + target)).Configuration.Pieces.Values.Single();

        var mirror = piece.Backends.Single(backend => backend.Id == piece.Routes[0].Filters.OfType<MirrorFilter>().Single().Backend);
        Assert.Equal(new StaticEndpoints([new Endpoint(host, port)]), mirror.Endpoints);
        Assert.Equal(tls, mirror.Tls is not null);
        Assert.True(mirror.UseEndpointHost);
    }

    [Fact]
    public void Ingresses_with_settings_of_their_own_do_not_share_a_backend()
    {
        var requests = Serve(
            Annotated("one", "h.test P /=a", "proxy-connect-timeout: 1"),
            Annotated("two", "i.test P /=a", "proxy-connect-timeout: 2"),
            Annotated("three", "j.test P /=a"));

        var backends = requests.Configuration.Pieces.Values.SelectMany(piece => piece.Backends).ToList();
        Assert.Equal(3, backends.Select(backend => backend.Id).Distinct().Count());
        Assert.Equal([1.0, 2.0, 5.0], backends.Select(backend => backend.ConnectTimeout.TotalSeconds).Order());
    }

    private static Backend BackendOf(string annotations) =>
        Serve(Annotated("one", "h.test P /path=a", annotations)).Configuration.Pieces.Values.Single().Backends.Single();

    private static ForwardAction ForwardOf(ServedRequests requests) =>
        Assert.IsType<ForwardAction>(requests.Configuration.Routes.Single().Action);
}
