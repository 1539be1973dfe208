using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Polygate.EndToEnd.Tests.Ingress;

/// <summary>The scenarios of the Ingress conformance suite (kubernetes-sigs/ingress-controller-conformance), over real sockets.</summary>
public sealed class IngressConformanceTests(IngressConformanceTests.Suite suite) : IClassFixture<IngressConformanceTests.Suite>
{
    [Theory]
    [InlineData("GET", "", "/")]
    [InlineData("POST", "my-host", "/sub-path")]
    [InlineData("PUT", "my.host.example.org", "/a/deep/sub/path")]
    [InlineData("DELETE", "some-host", "/a/sub-path")]
    [InlineData("PATCH", "foo.other.example", "/with?query=1")]
    [InlineData("GET", "203.0.113.1", "/")]
    public async Task Default_backend_serves_any_host_and_method(string method, string host, string target)
    {
        // A Go client without a host names the address that it connects to.
        var answer = await RawClient.SendAsync(suite.DefaultAddress, 8080, method, host.Length == 0 ? suite.DefaultAddress : host, target, ("User-Agent", "Go-http-client/1.1"), ("Content-Length", "0"));
        Assert.Equal(200, answer.Status);
        Assert.StartsWith($"default-service {target}\n", answer.Body, StringComparison.Ordinal);
        Assert.Contains("user-agent: Go-http-client/1.1\n", answer.Body, StringComparison.Ordinal);
        Assert.All(new[] { "content-type", "date", "server" }, name => Assert.NotNull(answer[name]));
        Assert.True(answer["content-length"] is not null || answer["transfer-encoding"] is not null);
    }

    [Fact]
    public async Task Host_rules_tls_host_is_served_with_a_certificate_made_out_to_it()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(suite.Address, 8443);
        await using var tls = new SslStream(socket.GetStream(), false, (_, certificate, _, _) => ((X509Certificate2)certificate!).MatchesHostname("tls.bar.com"));
        await tls.AuthenticateAsClientAsync("tls.bar.com");
        await tls.WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: tls.bar.com\r\nConnection: close\r\n\r\n"));
        var answer = RawAnswer.Parse(await new StreamReader(tls, Encoding.Latin1).ReadToEndAsync());
        Assert.Equal((200, "tls-service"), (answer.Status, answer.Body.Split(' ')[0]));
    }

    [Theory]
    [InlineData("tls.bar.com", "/", "tls-service")] // Cleartext on a host with TLS is served, not redirected.
    [InlineData("subdomain.tls.bar.com", "/", "404")]
    [InlineData("bar.foo.com", "/", "wildcard-service")]
    [InlineData("baz.bar.foo.com", "/", "404")]
    [InlineData("foo.com", "/", "404")]
    [InlineData("named-port.com", "/", "named-service")]
    public Task Host_rules(string host, string path, string expected) => ExpectAsync(host, path, expected);

    [Theory]
    [InlineData("exact-path", "/foo", "foo-exact")]
    [InlineData("exact-path", "/foo/", "404")]
    [InlineData("exact-path", "/FOO", "404")]
    [InlineData("exact-path", "/bar", "404")]
    [InlineData("prefix-path", "/foo", "foo-prefix")]
    [InlineData("prefix-path", "/foo/", "foo-prefix")]
    [InlineData("prefix-path", "/FOO", "404")]
    [InlineData("prefix-path", "/aaa/bbb", "aaa-slash-bbb-prefix")]
    [InlineData("prefix-path", "/aaa/bbb/", "aaa-slash-bbb-prefix")]
    [InlineData("prefix-path", "/aaa/bbb/ccc", "aaa-slash-bbb-prefix")]
    [InlineData("prefix-path", "/aaa/ccc", "aaa-prefix")]
    [InlineData("prefix-path", "/aaaccc", "404")]
    [InlineData("mixed-path", "/foo", "foo-exact")]
    [InlineData("trailing-path", "/aaa/bbb/", "aaa-slash-bbb-slash-prefix")]
    [InlineData("trailing-path", "/aaa/bbb", "aaa-slash-bbb-slash-prefix")]
    [InlineData("trailing-path", "/foo", "404")]
    [InlineData("trailing-path", "/foo/", "foo-slash-exact")]
    public Task Path_rules(string host, string path, string expected) => ExpectAsync(host, path, expected);

    [Fact]
    public Task An_ingress_of_an_unknown_class_is_not_served() => ExpectAsync("unknown-class", "/", "404");

    [Fact]
    public async Task Load_balancing_reaches_all_endpoints_of_a_scaled_service()
    {
        var reached = new HashSet<string>();
        for (var i = 0; i < 100; i++)
        {
            var answer = await RawClient.SendAsync(suite.Address, 8080, "GET", "load-balancing", "/");
            Assert.Equal(200, answer.Status);
            reached.Add(answer.Body.Split(' ')[0]);
        }

        Assert.Equal(10, reached.Count);
    }

    private async Task ExpectAsync(string host, string path, string expected)
    {
        var answer = await RawClient.SendAsync(suite.Address, 8080, "GET", host, path);
        Assert.Equal(expected, answer.Status == 200 ? answer.Body.Split(' ')[0] : answer.Status.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A gateway with the suite's Ingresses, by the legacy class annotation as the suite writes it.</summary>
    public sealed class Suite : IAsyncLifetime
    {
        private readonly ConfigurationFolder folder = new();
        private EchoServices? services;
        private readonly ConfigurationFolder defaults = new();
        private GatewayProcess? gateway;
        private GatewayProcess? defaultGateway;

        internal string Address => gateway!.Address;

        /// <summary>A gateway that has the first feature's Ingress without rules alone: the suite deletes it before the others.</summary>
        internal string DefaultAddress => defaultGateway!.Address;

        public async ValueTask InitializeAsync()
        {
            services = await EchoServices.StartAsync(
            [
                "default-service", "tls-service", "wildcard-service", "named-service", "foo-exact", "foo-prefix", "aaa-prefix", "aaa-slash-bbb-prefix",
                "aaa-slash-bbb-slash-prefix", "foo-slash-exact", .. Enumerable.Range(0, 10).Select(i => $"pod-{i}"),
            ]);
            folder.Write("services.yaml", services.Manifests);
            folder.Write("scaled.yaml", Scaled());
            folder.Write("tls.yaml", TestCertificates.TlsSecret("conformance-tls", "tls.bar.com"));
            folder.Write("ingresses.yaml", string.Join("---\n",
                Ingress("hosts", Rules(("tls.bar.com", "Prefix", "/", "tls-service"), ("*.foo.com", "Prefix", "/", "wildcard-service")) + "  tls: [{ hosts: [tls.bar.com], secretName: conformance-tls }]\n"),
                Ingress("named", Rules(("named-port.com", "Prefix", "/", "named-service")).Replace("number: 80", "name: http", StringComparison.Ordinal)),
                Ingress("exact", Rules(("exact-path", "Exact", "/foo", "foo-exact"))),
                Ingress("prefix", Rules(("prefix-path", "Prefix", "/foo", "foo-prefix"), ("prefix-path", "Prefix", "/aaa/bbb", "aaa-slash-bbb-prefix"), ("prefix-path", "Prefix", "/aaa", "aaa-prefix"))),
                Ingress("mixed", Rules(("mixed-path", "Prefix", "/foo", "foo-prefix"), ("mixed-path", "Exact", "/foo", "foo-exact"))),
                Ingress("trailing", Rules(("trailing-path", "Prefix", "/aaa/bbb/", "aaa-slash-bbb-slash-prefix"), ("trailing-path", "Exact", "/foo/", "foo-slash-exact"))),
                Ingress("scaled", Rules(("load-balancing", "Prefix", "/", "scaled"))),
                Ingress("unknown", Rules(("unknown-class", "Prefix", "/", "foo-exact")), "some-invalid-class-name")));
            defaults.Write("services.yaml", services.Manifests);
            defaults.Write("ingress.yaml", Ingress("default", "spec: { defaultBackend: { service: { name: default-service, port: { number: 80 } } } }"));
            gateway = await GatewayProcess.StartAsync(folder.Path);
            defaultGateway = await GatewayProcess.StartAsync(defaults.Path);
        }

        public async ValueTask DisposeAsync()
        {
            if (gateway is not null)
            {
                await gateway.DisposeAsync();
            }

            if (defaultGateway is not null)
            {
                await defaultGateway.DisposeAsync();
            }

            if (services is not null)
            {
                await services.DisposeAsync();
            }

            folder.Dispose();
            defaults.Dispose();
        }

        private static string Ingress(string name, string spec, string className = "polygate") => $$"""
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: {{name}}
              annotations: { kubernetes.io/ingress.class: {{className}} }
            {{spec}}

            """;

        private static string Rules(params (string Host, string Type, string Path, string Service)[] rules) => "spec:\n  rules:\n" + string.Concat(rules.Select(rule =>
            $"    - host: \"{rule.Host}\"\n      http: {{ paths: [{{ path: {rule.Path}, pathType: {rule.Type}, backend: {{ service: {{ name: {rule.Service}, port: {{ number: 80 }} }} }} }}] }}\n"));

        /// <summary>A Service of ten pods.</summary>
        private string Scaled() => string.Create(CultureInfo.InvariantCulture, $"apiVersion: v1\nkind: Service\nmetadata: {{ name: scaled }}\nspec: {{ ports: [{{ name: http, port: 80 }}] }}\n")
            + string.Concat(services!.Ports.Where(service => service.Name.StartsWith("pod-", StringComparison.Ordinal)).Select(service => string.Create(CultureInfo.InvariantCulture, $$"""
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: { name: scaled-{{service.Name}}, labels: { kubernetes.io/service-name: scaled } }
            addressType: IPv4
            ports: [{ name: http, port: {{service.Port}} }]
            endpoints: [{ addresses: ["{{services.Address}}"] }]

            """)));
    }
}
