using Microsoft.AspNetCore.Http;
using Polygate.Dialects.Tests.Ingress;

namespace Polygate.EndToEnd.Tests.IngressNginx;

/// <summary>
/// No error on the way turns a refusal into a way in: whatever refuses, whatever stands in for the error's page, and however broken that is, the
/// protected backend is not asked. And the authentication of the whole controller.
/// </summary>
public sealed class AuthenticationBypassTests(AuthenticationBypassTests.Protected gateway) : IClassFixture<AuthenticationBypassTests.Protected>
{
    private const string Good = " | Authorization: Bearer good";

    private static readonly (string Name, string Annotations)[] Guards =
    [
        ("basic", "auth-type: basic | auth-secret: staff"),
        ("nosecret", "auth-type: basic | auth-secret: nowhere"),
        ("asked", "auth-url: AUTH/check"),
        ("unreachable", "auth-url: http://127.0.0.1:1/"),
        ("crashing", "auth-url: AUTH/crash"),
        ("odd", "auth-url: AUTH/odd"),
        ("denied", "denylist-source-range: 127.0.0.0/8"),
        ("certificate", "auth-tls-secret: nowhere"),
        ("either", "satisfy: any | allowlist-source-range: 10.0.0.0/8 | auth-type: basic | auth-secret: staff"),
    ];

    /// <summary>Services that are asked for the pages of errors.</summary>
    private static readonly string[] Pages = ["pages", "empty", "refusing", "nowhere", "crash"];

    /// <summary>What might confuse the order of things.</summary>
    private static readonly string[] Requests =
    [
        "GET HOST /", "HEAD HOST /", "POST HOST / | Content-Length: 0", "OPTIONS HOST / | Origin: https://x.test | Access-Control-Request-Method: GET", "GET HOST /x?y=/%2e%2e/",
        "GET HOST /.well-known/acme-challenge/../../secret", "GET HOST / | X-Code: 200 | X-Original-URI: / | X-Auth-Request-Redirect: /", "GET HOST / | Authorization: Basic Og==",
        "GET HOST / | Connection: Upgrade | Upgrade: websocket | Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== | Sec-WebSocket-Version: 13",
    ];

    public static TheoryData<string> Hosts => [.. Guards.SelectMany(guard => Pages.Select(page => $"{guard.Name}-{page}.test"))];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Who_is_refused_does_not_reach_the_backend(string host)
    {
        foreach (var request in Requests)
        {
            var answer = await gateway.SendAsync(request.Replace("HOST", host, StringComparison.Ordinal));
            Assert.False(answer.Body.StartsWith("a ", StringComparison.Ordinal) || answer["x-protected"] is not null, $"{request}: {answer.Status}\n{answer.Body}");
            Assert.True(answer.Status is >= 300 || answer["x-pages"] is not null, $"{request}: {answer.Status}");
        }
    }

    [Theory]
    [InlineData("GET global.test /", 401)]
    [InlineData("GET global.test /" + Good, 200)]
    [InlineData("GET global.test /.well-known/acme-challenge/token", 200)]
    [InlineData("GET exempt.test /", 200)]
    public async Task T19_The_controllers_authentication_counts_where_nothing_else_is_said(string request, int status) =>
        Assert.Equal(status, (await gateway.SendAsync(request)).Status);

    /// <summary>A gateway with an Ingress for every guard and every kind of error page.</summary>
    public sealed class Protected : IAsyncLifetime
    {
        private readonly ConfigurationFolder folder = new();
        private EchoServices? services;
        private GatewayProcess? process;

        internal Task<RawAnswer> SendAsync(string line) => OracleScenario.SendAsync(process!.Address, line);

        public async ValueTask InitializeAsync()
        {
            services = await EchoServices.StartAsync(AnswerAsync, "a", "auth", "pages", "crash");
            var auth = $"http://{services.Address}:{services.Ports.Single(service => service.Name == "auth").Port}";
            folder.Write("services.yaml", services.Manifests + "---\n" + """
                apiVersion: v1
                kind: Service
                metadata: { name: empty }
                spec: { ports: [{ name: http, port: 80 }] }
                ---
                apiVersion: v1
                kind: Service
                metadata: { name: refusing }
                spec: { type: ExternalName, externalName: 127.255.255.254, ports: [{ name: http, port: 1 }] }
                ---
                apiVersion: v1
                kind: Secret
                metadata: { name: staff }
                stringData: { auth: "ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=" }
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: { name: ingress-nginx-controller, namespace: ingress-nginx }
                data: { global-auth-url: "AUTH/check" }

                """.Replace("AUTH", auth, StringComparison.Ordinal));
            folder.Write("ingresses.yaml", string.Join("---\n", Guards.SelectMany(guard => Pages.Select(page => IngressYaml.Nginx(
                    $"{guard.Name}-{page}", $"{guard.Name}-{page}.test P /=a",
                    $"{guard.Annotations.Replace("AUTH", auth, StringComparison.Ordinal)} | enable-global-auth: false | custom-http-errors: 400,401,403,404,500,502,503,504 | default-backend: {page}").ToString()))
                .Append(IngressYaml.Nginx("global", "global.test P /=a; global.test P /.well-known/acme-challenge=a").ToString())
                .Append(IngressYaml.Nginx("exempt", "exempt.test P /=a", "enable-global-auth: false").ToString())));
            process = await GatewayProcess.StartAsync(folder.Path);
        }

        public async ValueTask DisposeAsync()
        {
            await (process?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (services?.DisposeAsync() ?? ValueTask.CompletedTask);
            folder.Dispose();
        }

        private static Task<bool> AnswerAsync(string service, HttpContext context)
        {
            switch (service)
            {
                case "auth" when context.Request.Path == "/crash":
                case "crash":
                    context.Abort();
                    return Task.FromResult(true);
                case "auth":
                    context.Response.StatusCode = context.Request.Path == "/odd" ? 299 + 5 : context.Request.Headers.Authorization == "Bearer good" ? 200 : 401;
                    return Task.FromResult(true);
                case "pages":
                    context.Response.Headers["X-Pages"] = "yes";
                    return Task.FromResult(false);
                default:
                    context.Response.Headers["X-Protected"] = "yes";
                    return Task.FromResult(false);
            }
        }
    }
}
