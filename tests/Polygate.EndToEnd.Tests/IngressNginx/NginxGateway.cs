using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using static Polygate.Dialects.Tests.Ingress.IngressYaml;

namespace Polygate.EndToEnd.Tests.IngressNginx;

/// <summary>One gateway with an Ingress for each behaviour, each on a host of its own.</summary>
public sealed class NginxGateway : IAsyncLifetime
{
    private readonly ConfigurationFolder folder = new();
    private EchoServices? services;
    private GatewayProcess? gateway;

    internal string Address => gateway!.Address;

    internal GatewayProcess Process => gateway!;

    public async ValueTask InitializeAsync()
    {
        services = await EchoServices.StartAsync(AnswerAsync, "a", "b", "auth", "errors", "slow", "cookies");
        folder.Write("services.yaml", services.Manifests + "---\n" + Services);
        folder.Write("secrets.yaml", string.Join("---\n", TestCertificates.TlsSecret("tls", "tls.test", "www.tlswww.test", "tlswww.test", "*.wild.test"), Passwords));
        folder.Write("configmaps.yaml", ConfigMaps);
        folder.Write("ingresses.yaml", string.Join("---\n", Ingresses(services).Select(ingress => ingress.ToString())));
        gateway = await GatewayProcess.StartAsync(folder.Path);
    }

    public async ValueTask DisposeAsync()
    {
        if (gateway is not null)
        {
            await gateway.DisposeAsync();
        }

        if (services is not null)
        {
            await services.DisposeAsync();
        }

        folder.Dispose();
    }

    /// <summary>Sends a request line as <see cref="OracleScenario"/> writes them.</summary>
    internal Task<RawAnswer> SendAsync(string line) => OracleScenario.SendAsync(Address, line);

    /// <summary>The same over TLS, with the host as server name; also gives the certificate that was served.</summary>
    internal async Task<(RawAnswer Answer, X509Certificate2 Certificate)> SendTlsAsync(string host, string target)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(Address, 8443);
        await using var tls = new SslStream(socket.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(host);
        await tls.WriteAsync(Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        var answer = RawAnswer.Parse(await new StreamReader(tls, Encoding.Latin1).ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60)));
        return (answer, X509CertificateLoader.LoadCertificate(tls.RemoteCertificate!.GetRawCertData()));
    }

    private const string Passwords = """
        apiVersion: v1
        kind: Secret
        metadata: { name: staff }
        stringData: { auth: "ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=" }
        ---
        apiVersion: v1
        kind: Secret
        metadata: { name: staff-map }
        stringData: { ann: "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=" }
        ---
        apiVersion: v1
        kind: Secret
        metadata: { name: digest }
        stringData: { auth: "ann:Staff:677342232ca9f86810f4e47ed854a735" }

        """;

    private const string Services = """
        apiVersion: v1
        kind: Service
        metadata: { name: empty }
        spec: { selector: { app: none }, ports: [{ name: http, port: 80 }] }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: external }
        spec: { type: ExternalName, externalName: localhost, ports: [{ name: http, port: 80 }] }

        """;

    private const string ConfigMaps = """
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: ingress-nginx-controller, namespace: ingress-nginx }
        data: { block-user-agents: "~*evilbot", block-referers: "~spam", block-cidrs: "203.0.113.0/24", allow-snippet-annotations: "true", annotations-risk-level: Critical }

        """;

    private static IEnumerable<Polygate.Dialects.Tests.Ingress.IngressYaml> Ingresses(EchoServices services)
    {
        var auth = $"http://{services.Address}:{services.Ports.Single(service => service.Name == "auth").Port}";
        const string Tls = "tls: [{hosts: [tls.test], secretName: tls}]";
        return
        [
            Nginx("app-root", "root.test P /=a", "app-root: /foo"),
            Nginx("www", "www.apex.test P /=a", "from-to-www-redirect: true"),
            Nginx("apex", "other.test P /=a", "from-to-www-redirect: true"),
            Nginx("tls", "tls.test P /=a", "", spec: Tls),
            Nginx("force", "force.test P /=a", "force-ssl-redirect: true"),
            Nginx("force-slash", "forceslash.test P /=a", "force-ssl-redirect: true | preserve-trailing-slash: true"),
            Nginx("missing-secret", "nosecret.test P /=a", "", spec: "tls: [{hosts: [nosecret.test], secretName: nowhere}]"),
            Nginx("permanent", "moved.test P /=a", "permanent-redirect: https://new.test/"),
            Nginx("permanent-308", "moved308.test P /=a", "permanent-redirect: https://new.test/ | permanent-redirect-code: 308"),
            Nginx("permanent-absurd", "absurd.test P /=a", "permanent-redirect: https://new.test/ | permanent-redirect-code: 808"),
            Nginx("rewrite", "rewrite.test I /foo/bar/(.+)=a", "rewrite-target: /new/backend/$1"),
            Nginx("regex", "regex.test I /foo/bar/[a-z]{3}=a; regex.test I /foo/bar/bar=b; regex.test I /id/[0-9]+=b", "use-regex: true"),
            Nginx("prefix", "prefix.test P /aaa=a; prefix.test E /foo=a; prefix.test P /foo=b"),
            Nginx("basic", "basic.test P /=a", "auth-type: basic | auth-secret: staff | auth-realm: Staff | enable-cors: true"),
            Nginx("basic-map", "basicmap.test P /=a", "auth-type: basic | auth-secret: staff-map | auth-secret-type: auth-map"),
            Nginx("basic-missing", "basicmissing.test P /=a", "auth-type: basic | auth-secret: nowhere"),
            Nginx("auth", "auth.test P /=a", $"auth-url: {auth}/check | auth-signin: https://in.test/start | auth-response-headers: X-User"),
            Nginx("auth-param", "authparam.test P /=a", $"auth-url: {auth}/check | auth-signin: https://in.test/start?x=1 | auth-signin-redirect-param: next"),
            Nginx("auth-plain", "authplain.test P /=a", $"auth-url: {auth}/check"),
            Nginx("auth-always", "authalways.test P /fail=a; authalways.test P /=a", $"auth-url: {auth}/check | auth-always-set-cookie: true"),
            Nginx("auth-cached", "authcached.test P /=a", $"auth-url: {auth}/count | auth-cache-key: $http_authorization | auth-response-headers: X-Count"),
            Nginx("auth-broken", "authbroken.test P /=a", "auth-url: http://127.0.0.1:1/"),
            Nginx("header", "canaryheader.test P /=a"), Nginx("header-canary", "canaryheader.test P /=b", "canary: true | canary-by-header: X-Canary"),
            Nginx("value", "canaryvalue.test P /=a"), Nginx("value-canary", "canaryvalue.test P /=b", "canary: true | canary-by-header: X-Canary | canary-by-header-value: blue"),
            Nginx("pattern", "canarypattern.test P /=a"), Nginx("pattern-canary", "canarypattern.test P /=b", "canary: true | canary-by-header: X-Canary | canary-by-header-pattern: ^v[0-9]+$"),
            Nginx("cookie", "canarycookie.test P /=a"), Nginx("cookie-canary", "canarycookie.test P /=b", "canary: true | canary-by-cookie: beta"),
            Nginx("weight0", "weight0.test P /=a"), Nginx("weight0-canary", "weight0.test P /=b", "canary: true | canary-weight: 0"),
            Nginx("weight50", "weight50.test P /=a"), Nginx("weight50-canary", "weight50.test P /=b", "canary: true | canary-weight: 50"),
            Nginx("weight100", "weight100.test P /=a"), Nginx("weight100-canary", "weight100.test P /=b", "canary: true | canary-weight: 100"),
            Nginx("weight200", "weight200.test P /=a"), Nginx("weight200-canary", "weight200.test P /=b", "canary: true | canary-weight: 200 | canary-weight-total: 200"),
            Nginx("lone-canary", "lone.test P /=b", "canary: true | canary-weight: 100"),
            Nginx("sticky", "sticky.test P /path=a", "affinity: cookie | session-cookie-name: route | session-cookie-max-age: 60 | session-cookie-expires: 90 | session-cookie-samesite: Lax | server-alias: stickyalias.test"),
            Nginx("digest", "digest.test P /=a", "auth-type: digest | auth-secret: digest | auth-realm: Staff"),
            Nginx("sticky-weight", "stickyweight.test P /=a", "affinity: cookie | session-cookie-name: route"),
            Nginx("sticky-weight-canary", "stickyweight.test P /=b", "canary: true | canary-weight: 50"),
            Nginx("connections", "connections.test P /=slow", "limit-connections: 8"),
            Nginx("plain", "plain.test P /=a", "server-alias: alias.test"),
            Nginx("wild", "*.wild.test P /=b", "", spec: "tls: [{hosts: ['*.wild.test'], secretName: tls}]"),
            Nginx("empty", "empty.test P /=empty"), Nginx("nowhere", "nowhere.test P /=nowhere"), Nginx("external", "external.test P /=external"),
            Nginx("deny", "deny.test P /=a", "denylist-source-range: 127.0.0.0/8"), Nginx("allow", "allow.test P /=a", "allowlist-source-range: 127.0.0.0/8"),
            Nginx("satisfy", "satisfy.test P /=a", "satisfy: any | allowlist-source-range: 10.0.0.0/8 | auth-type: basic | auth-secret: staff"),
            Nginx("errors", "errors.test P /=a", "custom-http-errors: 404,503 | default-backend: errors"),
            Nginx("fallback", "fallback.test P /=empty", "default-backend: errors"),
            Nginx("snippet", "snippet.test P /=a", "configuration-snippet: more_set_headers \"X-Snippet: yes\"; if ($http_x_block) { return 451; } proxy_set_header X-Who $remote_addr;"),
            Nginx("cookies", "cookies.test P /=cookies", "proxy-cookie-domain: inner.test outer.test | proxy-cookie-path: /in /out | proxy-redirect-from: http://inner.test/ | proxy-redirect-to: https://outer.test/"),
        ];
    }

    private static async Task<bool> AnswerAsync(string service, HttpContext context)
    {
        switch (service)
        {
            case "auth":
                await Authentication.AnswerAsync(context);
                return true;
            case "slow":
                await Gate.EnterAsync(context);
                return true;
            case "errors":
                context.Response.StatusCode = context.Request.Headers["X-Code"] == "404" ? 404 : 503;
                return false;
            case "cookies":
                context.Response.Headers.SetCookie = "s=1; Domain=inner.test; Path=/in/deep";
                context.Response.Headers.Location = "http://inner.test/next?x=1";
                return false;
            default:
                if (context.Request.Path.StartsWithSegments("/status", out var rest))
                {
                    context.Response.StatusCode = int.Parse(rest.Value.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
                }

                return false;
        }
    }

    /// <summary>The requests under way at the slow service; they end together.</summary>
    internal static class Gate
    {
        private static readonly TaskCompletionSource Opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private static readonly TaskCompletionSource EightCame = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private static int inside;

        public static int Inside => Volatile.Read(ref inside);

        /// <summary>Completes when as many wait as the limit lets through.</summary>
        public static Task EightInside => EightCame.Task;

        public static void Open() => Opened.TrySetResult();

        public static async Task EnterAsync(HttpContext context)
        {
            if (Interlocked.Increment(ref inside) == 8)
            {
                EightCame.SetResult();
            }

            await Opened.Task;
            await context.Response.WriteAsync("slow /\n");
        }
    }

    /// <summary>Admits who brings <c>Authorization: Bearer good</c>; <c>/count</c> admits everyone and counts.</summary>
    private static class Authentication
    {
        private static int count;

        public static Task AnswerAsync(HttpContext context)
        {
            context.Response.Headers.SetCookie = "auth=1";
            if (context.Request.Path == "/count")
            {
                context.Response.Headers["X-Count"] = Interlocked.Increment(ref count).ToString(System.Globalization.CultureInfo.InvariantCulture);
                return Task.CompletedTask;
            }

            var credentials = context.Request.Headers.Authorization.ToString();
            context.Response.StatusCode = credentials switch { "Bearer good" => 200, "Bearer forbidden" => 403, "Bearer odd" => 418, _ => 401 };
            context.Response.Headers["X-User"] = "ann";
            context.Response.Headers.WWWAuthenticate = "Bearer realm=here";
            return Task.CompletedTask;
        }
    }
}
