using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Polygate.Dialects.Tests.Ingress;
using Polygate.Proxy.Tests.FastCgi;
using Polygate.Proxy.Tests.Forwarding;

namespace Polygate.EndToEnd.Tests.IngressNginx;

/// <summary>
/// A FastCGI application behind an Ingress with <c>backend-protocol: FCGI</c> is told what nginx itself would tell it, with its <c>fastcgi_params</c>
/// and the ConfigMap's as ingress-nginx writes them.
/// </summary>
public sealed class FastCgiTests(FastCgiTests.Application application) : IClassFixture<FastCgiTests.Application>
{
    private const string Script = "/srv/app$fastcgi_script_name";

    /// <summary>
    /// What differs on purpose: the gateway says who it is and names the port of its listener; CGI's own variables are not told a second time as header
    /// fields; and what the gateway tells every backend about its clients is told here too.
    /// </summary>
    private static readonly string[] Apart =
    [
        "SERVER_SOFTWARE", "SERVER_PORT", "HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH", "HTTP_X_REAL_IP", "HTTP_X_SCHEME", "HTTP_X_REQUEST_ID",
    ];

    [Theory]
    [InlineData("GET", "/", "")]
    [InlineData("GET", "/blog/?p=1&q=%20", "")]
    [InlineData("GET", "/a%20b.php", "")]
    [InlineData("GET", "/b.php?", "")]
    [InlineData("GET", "/x%2F..%2Fc.php", "")]
    [InlineData("GET", "/caf%C3%A9.php", "")]
    [InlineData("POST", "/form.php", "a=b&c=d")]
    [InlineData("DELETE", "/thing", "")]
    public async Task An_application_is_told_what_nginx_tells_it(string method, string target, string body)
    {
        Assert.SkipUnless(NginxProcess.IsInstalled, "There is no nginx to compare with.");
        var expected = Told(await application.SeenAsync(application.Nginx!, method, target, body));
        var told = Told(await application.SeenAsync(application.Gateway, method, target, body));

        Assert.Equal(expected, told);

        static string[] Told(ApplicationRequest request) => [.. request.Parameters
            .Where(parameter => !Apart.Contains(parameter.Name) && !parameter.Name.StartsWith("HTTP_X_FORWARDED_", StringComparison.Ordinal))
            .Select(parameter => $"{parameter.Name}={parameter.Value}").Append(request.Body).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task The_applications_answer_is_the_clients()
    {
        await application.SeenAsync(application.Gateway, "GET", "/status/404", "");
        Assert.Equal((404, "the body"), application.LastAnswer);
    }

    /// <summary>An application, the gateway in front of it, and nginx beside that.</summary>
    public sealed class Application : IAsyncLifetime
    {
        private readonly ConfigurationFolder folder = new();
        private readonly ConcurrentQueue<ApplicationRequest> requests = new();
        private Polygate.Proxy.Tests.Forwarding.TestBackend? backend;
        private GatewayProcess? gateway;
        private NginxProcess? nginx;
        private EchoServices? none;

        internal string Gateway => gateway!.Address;

        internal string? Nginx => nginx?.Address;

        internal (int Status, string Body) LastAnswer { get; private set; }

        /// <summary>What the application is told of a request to a server.</summary>
        internal async Task<ApplicationRequest> SeenAsync(string address, string method, string target, string body)
        {
            requests.Clear();
            using var client = await ConnectAsync(address);
            var length = body.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {body.Length}\r\n");
            await client.SendAsync($"{method} {target} HTTP/1.1\r\nHost: app.test\r\nAccept: a\r\nCookie: s=1\r\nX-Under_Score: no\r\nProxy-Authorization: x\r\n{length}\r\n{body}");
            var answer = await client.ReadResponseAsync();
            LastAnswer = (answer.Status, answer.Body);
            Assert.True(requests.TryDequeue(out var seen), $"{LastAnswer}\n{gateway!.Log}");
            return seen;
        }

        private static async Task<TestConnection> ConnectAsync(string address)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Parse(address), 8080);
            return new TestConnection(socket);
        }

        public async ValueTask InitializeAsync()
        {
            backend = TestApplication.Running(async connection =>
            {
                var request = await connection.ReadRequestAsync();
                requests.Enqueue(request);
                var status = request["SCRIPT_NAME"] == "/status/404" ? "Status: 404 Not Found\r\n" : "";
                await connection.AnswerAsync($"{status}Content-Type: text/plain\r\nContent-Length: 8\r\n\r\nthe body");
            });
            folder.Write("all.yaml", string.Join("---\n",
            [
                string.Create(CultureInfo.InvariantCulture, $$"""
                apiVersion: v1
                kind: Service
                metadata: { name: app }
                spec: { ports: [{ name: http, port: 80 }] }
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: { name: app, labels: { kubernetes.io/service-name: app } }
                addressType: IPv4
                ports: [{ name: http, port: {{backend.Port}} }]
                endpoints: [{ addresses: ["127.0.0.1"] }]
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: { name: parameters }
                data: { SCRIPT_FILENAME: "{{Script}}", APP_ENV: production }

                """),
                IngressYaml.Nginx("app", "app.test P /=app", "backend-protocol: FCGI | fastcgi-index: index.php | fastcgi-params-configmap: parameters").ToString(),
            ]));
            gateway = await GatewayProcess.StartAsync(folder.Path);
            if (!NginxProcess.IsInstalled)
            {
                return;
            }

            none = await EchoServices.StartAsync("none");
            nginx = await NginxProcess.StartAsync(none, string.Create(CultureInfo.InvariantCulture, $$"""
                server {
                  LISTEN;
                  server_name app.test;
                  location / {
                    fastcgi_param QUERY_STRING $query_string;
                    fastcgi_param REQUEST_METHOD $request_method;
                    fastcgi_param CONTENT_TYPE $content_type;
                    fastcgi_param CONTENT_LENGTH $content_length;
                    fastcgi_param SCRIPT_NAME $fastcgi_script_name;
                    fastcgi_param REQUEST_URI $request_uri;
                    fastcgi_param DOCUMENT_URI $document_uri;
                    fastcgi_param SERVER_PROTOCOL $server_protocol;
                    fastcgi_param REQUEST_SCHEME $scheme;
                    fastcgi_param GATEWAY_INTERFACE CGI/1.1;
                    fastcgi_param REMOTE_ADDR $remote_addr;
                    fastcgi_param SERVER_PORT $server_port;
                    fastcgi_param SERVER_NAME $server_name;
                    fastcgi_param REDIRECT_STATUS 200;
                    fastcgi_index "index.php";
                    fastcgi_param SCRIPT_FILENAME "{{Script}}";
                    fastcgi_param APP_ENV "production";
                    fastcgi_pass 127.0.0.1:{{backend.Port}};
                  }
                }
                """));
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var disposable in new IAsyncDisposable?[] { gateway, nginx, none, backend })
            {
                if (disposable is not null)
                {
                    await disposable.DisposeAsync();
                }
            }

            folder.Dispose();
        }
    }
}
