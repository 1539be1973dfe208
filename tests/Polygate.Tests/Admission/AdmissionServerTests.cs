using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Polygate.Admission;
using Polygate.Logging;

namespace Polygate.Tests.Admission;

/// <summary>The webhook over real HTTPS.</summary>
public sealed class AdmissionServerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringWriter logged = new();

    public void Dispose()
    {
        folder.Dispose();
        logged.Dispose();
    }

    [Fact]
    public async Task A_review_is_answered_with_its_uid()
    {
        await using var server = await StartAsync(_ => new AdmissionAnswer("spec.a: no", ["spec.b: hm"]));
        using var client = Client();

        using var answer = await PostAsync(client, server, Valid());

        var json = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Token))!;
        Assert.Equal((200, "application/json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal("""
            {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"705ab4f5-6393-11e8-b7cc-42010a800002","allowed":false,"status":{"code":422,"reason":"Invalid","message":"spec.a: no"},"warnings":["spec.b: hm"]}}
            """, json.ToJsonString());
        Assert.Contains("spec.a: no", logged.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"1","operation":"CREATE","object":{}}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"Pod","request":{"uid":"1","operation":"CREATE","object":{}}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":[]}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"operation":"CREATE","object":{}}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":7,"operation":"CREATE","object":{}}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1","operation":"CREATE"}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1","operation":"CREATE","object":[]}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1","operation":"PATCH","object":{}}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1","uid":"2","operation":"CREATE","object":{}}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"\uD800","operation":"CREATE","object":{}}}""")]
    public async Task What_is_no_review_is_answered_400(string body)
    {
        await using var server = await StartAsync(_ => AdmissionAnswer.Admitted);
        using var client = Client();

        using var answer = await PostAsync(client, server, body);

        Assert.Equal(400, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Nesting_without_end_is_answered_400()
    {
        await using var server = await StartAsync(_ => AdmissionAnswer.Admitted);
        using var client = Client();

        using var answer = await PostAsync(client, server, string.Concat(Enumerable.Repeat("{\"a\":", 100_000)));

        Assert.Equal(400, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Only_JSON_is_taken_only_by_POST_and_only_up_to_a_size()
    {
        await using var server = await StartAsync(_ => AdmissionAnswer.Admitted);
        using var client = Client();

        using var wrongType = await client.PostAsync(Url(server), new StringContent("{}", Encoding.UTF8, "text/plain"), Token);
        using var wrongMethod = await client.GetAsync(Url(server), Token);
        using var wrongPath = await client.GetAsync(Url(server, "/"), Token);
        using var tooLarge = new HttpRequestMessage(HttpMethod.Post, Url(server))
        {
            Headers = { ExpectContinue = true },
            Content = new StringContent(new string(' ', AdmissionServer.LongestReview + 1), Encoding.UTF8, "application/json"),
        };
        using var large = await client.SendAsync(tooLarge, Token);
        using var alive = await client.GetAsync(Url(server, "/livez"), Token);

        Assert.Equal([415, 405, 404, 413, 200], new[] { wrongType, wrongMethod, wrongPath, large, alive }.Select(answer => (int)answer.StatusCode));
    }

    [Fact]
    public async Task A_fault_is_answered_500_and_harms_no_other_review()
    {
        await using var server = await StartAsync(request => request.Namespace == "bad" ? throw new InvalidOperationException("it broke") : AdmissionAnswer.Admitted);
        using var client = Client();

        for (var i = 0; i < 20; i++)
        {
            using var failed = await PostAsync(client, server, Valid("bad"));
            Assert.Equal(500, (int)failed.StatusCode);
            Assert.DoesNotContain("it broke", await failed.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }

        using var answer = await PostAsync(client, server, Valid());
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Contains("it broke", logged.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_review_that_takes_too_long_is_answered_503_and_others_go_on()
    {
        using var release = new ManualResetEventSlim();
        await using var server = await StartAsync(
            request =>
            {
                if (request.Namespace == "slow")
                {
                    release.Wait();
                }

                return AdmissionAnswer.Admitted;
            },
            TimeSpan.FromMilliseconds(200));
        using var client = Client();

        using var slow = await PostAsync(client, server, Valid("slow"));
        var statuses = new List<int> { (int)slow.StatusCode };
        release.Set();
        using var other = await PostAsync(client, server, Valid());
        statuses.Add((int)other.StatusCode);

        Assert.Equal([503, 200], statuses);
    }

    [Fact]
    public async Task A_certificate_that_changes_is_used_for_the_next_connection_and_a_broken_one_is_not()
    {
        var (first, second) = (NewCertificate(), NewCertificate());
        Write(first);
        var files = CertificateFiles.Load(PathOf("tls.crt"), PathOf("tls.key"), new ProgramLog(logged, false, TimeProvider.System));
        await using var server = await AdmissionServer.StartAsync(EndPoint(), files, _ => AdmissionAnswer.Admitted, new ProgramLog(logged, false, TimeProvider.System));
        Assert.Equal(first.Thumbprint, await PresentedAsync(server));

        File.WriteAllText(PathOf("tls.crt"), second.Certificate);
        Assert.False(files.Refresh());
        Assert.Equal(first.Thumbprint, await PresentedAsync(server));

        File.WriteAllText(PathOf("tls.key"), second.Key);
        Assert.True(files.Refresh());
        Assert.Equal(second.Thumbprint, await PresentedAsync(server));

        File.Delete(PathOf("tls.key"));
        Assert.False(files.Refresh());
        Assert.Equal(second.Thumbprint, await PresentedAsync(server));
        Assert.DoesNotContain("PRIVATE KEY", logged.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_cannot_be_used_at_the_start_say_so()
    {
        Write(NewCertificate());
        File.WriteAllText(PathOf("tls.key"), NewCertificate().Key);

        var exception = Assert.Throws<IOException>(() => CertificateFiles.Load(PathOf("tls.crt"), PathOf("tls.key"), new ProgramLog(logged, false, TimeProvider.System)));

        Assert.Contains("tls.key", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_connected_to_or_read_because_of_what_an_object_says()
    {
        using var trap = new TcpListener(Loopback.Next(), 0);
        trap.Start();
        var fifo = PathOf("fifo");
        Process.Start("mkfifo", [fifo])!.WaitForExit();
        var target = trap.LocalEndpoint.ToString()!;
        var address = ((IPEndPoint)trap.LocalEndpoint).Address.ToString();
        var judge = new ObjectJudge(Composition.Dialects, new AdmissionScope { IngressClasses = new Dictionary<string, string> { ["shop"] = "gateway.polygate.io/ingress-nginx" } });
        await using var server = await StartAsync(judge.Judge);
        using var client = Client();

        foreach (var manifest in Tempting(target, address, fifo))
        {
            using var answer = await PostAsync(client, server, Reviews.Of(manifest).ToJsonString());
            Assert.Equal(200, (int)answer.StatusCode);
        }

        Assert.False(trap.Pending());
        // A pipe that somebody had opened for reading could be written to.
        using var write = Process.Start(new ProcessStartInfo("dd", ["if=/dev/null", $"of={fifo}", "oflag=nonblock", "conv=nocreat,notrunc"]) { RedirectStandardError = true })!;
        Assert.Contains("No such device or address", await write.StandardError.ReadToEndAsync(Token), StringComparison.Ordinal);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Objects with everything that could make somebody look something up, read or run something.</summary>
    private static IEnumerable<string> Tempting(string target, string address, string file) =>
    [
        $$"""
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: a
          namespace: shop
          annotations:
            nginx.ingress.kubernetes.io/auth-url: "http://{{target}}/auth"
            nginx.ingress.kubernetes.io/auth-tls-secret: "{{file}}"
            nginx.ingress.kubernetes.io/auth-tls-match-cn: "CN=a #(\n)[]\nssl_engine {{file}};\n#"
            nginx.ingress.kubernetes.io/mirror-target: "http://{{target}}/"
            nginx.ingress.kubernetes.io/mirror-host: "a;ssl_engine {{file}}"
            nginx.ingress.kubernetes.io/configuration-snippet: "include {{file}}; ssl_engine {{file}}; proxy_pass http://{{target}};"
            nginx.ingress.kubernetes.io/server-snippet: "ssl_certificate {{file}}; load_module {{file}};"
            nginx.ingress.kubernetes.io/custom-http-errors: "404"
            nginx.ingress.kubernetes.io/default-backend: "{{address}}"
        spec:
          ingressClassName: shop
          rules: [{ host: a.example, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: "{{address}}", port: { number: 80 } } } }] } }]
        """,
        $$"""
        apiVersion: v1
        kind: Service
        metadata: { name: a, namespace: shop, annotations: { gateway.polygate.io/echo: "true" } }
        spec: { type: ExternalName, externalName: "{{address}}", ports: [{ port: 80 }] }
        """,
        $$"""
        apiVersion: gloo.solo.io/v1
        kind: Upstream
        metadata: { name: a, namespace: shop }
        spec:
          static: { hosts: [{ addr: "{{address}}", port: 80 }] }
          healthChecks: [{ httpHealthCheck: { path: / }, interval: 1s, timeout: 1s, healthyThreshold: 1, unhealthyThreshold: 1 }]
          sslConfig: { sslFiles: { tlsCert: "{{file}}", tlsKey: "{{file}}", rootCa: "{{file}}" } }
        """,
        $$"""
        apiVersion: getambassador.io/v3alpha1
        kind: TLSContext
        metadata: { name: a, namespace: shop }
        spec: { hosts: [a.example], cert_chain_file: "{{file}}", private_key_file: "{{file}}", cacert_chain_file: "{{file}}" }
        """,
        $$"""
        apiVersion: getambassador.io/v3alpha1
        kind: Mapping
        metadata: { name: a, namespace: shop }
        spec: { hostname: a.example, prefix: /, service: "http://{{target}}", docs: { url: "http://{{target}}/" } }
        """,
        $$"""
        apiVersion: traefik.io/v1alpha1
        kind: Middleware
        metadata: { name: a, namespace: shop }
        spec: { forwardAuth: { address: "http://{{target}}/", tls: { caSecret: "{{file}}" } } }
        """,
        $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: a, namespace: shop }
        spec:
          parentRefs: [{ name: gateway }]
          rules: [{ filters: [{ type: ExternalAuth, externalAuth: { protocol: HTTP, backendRef: { name: "{{address}}", port: 80 } } }], backendRefs: [{ name: "{{address}}", port: 80 }] }]
        """,
    ];

    private static string Valid(string ns = "shop") => Reviews.Of($"{{ apiVersion: v1, kind: ConfigMap, metadata: {{ name: a, namespace: {ns} }} }}").ToJsonString();

    private static IPEndPoint EndPoint() => new(Loopback.Next(), 0);

    private static Uri Url(AdmissionServer server, string path = "/validate") => new($"https://{server.EndPoint}{path}");

    private static HttpClient Client() => new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } });

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, AdmissionServer server, string body) =>
        client.PostAsync(Url(server), new StringContent(body, Encoding.UTF8, "application/json"), Token);

    private static async Task<string> PresentedAsync(AdmissionServer server)
    {
        var presented = "";
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    presented = ((X509Certificate2)certificate!).Thumbprint;
                    return true;
                },
            },
        });
        using var answer = await client.GetAsync(Url(server, "/readyz"), Token);
        return presented;
    }

    private static (string Certificate, string Key, string Thumbprint) NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=webhook", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), certificate.Thumbprint);
    }

    private Task<AdmissionServer> StartAsync(Func<AdmissionRequest, AdmissionAnswer> judge, TimeSpan? longestJudgement = null)
    {
        Write(NewCertificate());
        var log = new ProgramLog(TextWriter.Synchronized(logged), false, TimeProvider.System);
        return AdmissionServer.StartAsync(EndPoint(), CertificateFiles.Load(PathOf("tls.crt"), PathOf("tls.key"), log), judge, log, longestJudgement);
    }

    private void Write((string Certificate, string Key, string Thumbprint) pair)
    {
        File.WriteAllText(PathOf("tls.crt"), pair.Certificate);
        File.WriteAllText(PathOf("tls.key"), pair.Key);
    }

    private string PathOf(string file) => Path.Combine(folder.Path, file);
}
