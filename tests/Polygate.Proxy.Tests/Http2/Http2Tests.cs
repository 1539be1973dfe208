using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Tests.Forwarding;
using Polygate.Proxy.Tests.Transport;
using Polygate.Proxy.Tests.Transport.Tls;

namespace Polygate.Proxy.Tests.Http2;

/// <summary>HTTP/2 in front and behind, through the whole proxy, with .NET's client.</summary>
public sealed class Http2Tests
{
    private static readonly Uri Anywhere = new("http://shop.example/");

    [Fact]
    public async Task A_request_by_prior_knowledge_reaches_an_HTTP_1_backend()
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend);
        using var client = Client(proxy.Port);

        using var request = Request(HttpMethod.Post, "http://shop.example/a%2Fb?q=1");
        request.Content = new StringContent("body");
        request.Headers.Add("x-color", "red");
        using var response = await client.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, System.Net.HttpVersion.Version20), (response.StatusCode, response.Version));
        var seen = await response.Content.ReadAsStringAsync();
        Assert.StartsWith("POST /a%2Fb?q=1 HTTP/1.1\r\n", seen);
        Assert.Contains("Host: shop.example\r\n", seen, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("x-color: red\r\n", seen, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("\r\n\r\nbody", seen);
    }

    [Fact]
    public async Task HTTP_2_is_negotiated_over_TLS()
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        var key = new ListenerKey(443);
        var plain = TestProxy.Configuration([TestProxy.Backend("backend", backend.Port)], Forward());
        var piece = plain.Pieces.Values.Single();
        await using var proxy = Start(TestCertificates.Configuration(piece with
        {
            Listeners = [new Listener(key, ListenerProtocol.Https, TestCertificates.Origin)],
            Routes = piece.Routes.Select(route => route with { Bindings = route.Bindings.Select(binding => binding with { Listener = key }).ToValueList() }).ToValueList(),
        }));
        using var client = Client(proxy.Port);

        using var response = await client.SendAsync(Request(HttpMethod.Get, "https://shop.example/"));

        Assert.Equal(System.Net.HttpVersion.Version20, response.Version);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Many_streams_of_a_connection_are_served_at_once()
    {
        await using var backend = new Http2Backend(Http2Backend.EchoAsync);
        await using var proxy = Start(TestProxy.Configuration([backend.AsBackend()], Forward()));
        using var client = Client(proxy.Port);

        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(async number =>
        {
            using var response = await client.PostAsync(Anywhere, new StringContent($"number {number}"));
            return await response.Content.ReadAsStringAsync();
        })).WaitAsync(TransportHost.Patience);

        Assert.Equal(Enumerable.Range(0, 400).Select(number => $"number {number}"), answers);
    }

    [Fact]
    public async Task Large_bodies_of_many_streams_share_a_connection()
    {
        await using var backend = new Http2Backend(static async exchange =>
        {
            long length = 0;
            for (ReadOnlyMemory<byte> slice; !(slice = await exchange.ReadRequestAsync()).IsEmpty;)
                length += slice.Length;

            exchange.Response.Status = 200;
            exchange.StartResponse(null);
            await exchange.CompleteResponseAsync(Encoding.ASCII.GetBytes($"{length}"));
        });
        await using var proxy = Start(TestProxy.Configuration([backend.AsBackend()], Forward()));
        using var client = Client(proxy.Port);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(async number =>
        {
            using var response = await client.PostAsync(Anywhere, new ByteArrayContent(new byte[500_000 + number]));
            return await response.Content.ReadAsStringAsync();
        })).WaitAsync(TransportHost.Patience);

        Assert.Equal(Enumerable.Range(500_000, 40).Select(length => $"{length}"), answers);
    }

    /// <summary>RFC 9113 section 8.1: the rest of the request is of no interest then, and its stream is closed without an error.</summary>
    [Fact]
    public async Task A_backend_may_answer_before_it_has_read_the_request()
    {
        await using var backend = new Http2Backend(static async exchange =>
        {
            exchange.Response.Status = 200;
            exchange.StartResponse(null);
            exchange.ResponseTrailers.Add("grpc-status"u8, "0"u8);
            await exchange.CompleteResponseAsync("done"u8.ToArray());
        });
        await using var proxy = Start(TestProxy.Configuration([backend.AsBackend()], Forward()));
        using var client = Client(proxy.Port);

        var failures = new List<string>();
        for (var round = 0; round < 50; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
            {
                using var request = Request(HttpMethod.Post, "http://shop.example/Service/Call");
                request.Content = new DuplexContent(Pieces());
                request.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
                request.Headers.TryAddWithoutValidation("te", "trailers");
                try
                {
                    using var response = await client.SendAsync(request).WaitAsync(TransportHost.Patience);
                    var answer = await response.Content.ReadAsStringAsync();
                    var status = response.TrailingHeaders.TryGetValues("grpc-status", out var values) ? values.Single() : "none";
                    if ((answer, status) != ("done", "0"))
                        lock (failures)
                            failures.Add($"{answer} {status} {string.Join(", ", response.Headers.NonValidated)}");
                }
                catch (HttpRequestException exception)
                {
                    lock (failures)
                        failures.Add(exception.ToString());
                }
            }));
        }

        Assert.Empty(failures);

        static PipeReader Pieces()
        {
            var pipe = new Pipe();
            _ = Task.Run(async () =>
            {
                for (var piece = 0; piece < 3; piece++)
                {
                    await pipe.Writer.WriteAsync("message"u8.ToArray());
                    await Task.Yield();
                }

                await pipe.Writer.CompleteAsync();
            });
            return pipe.Reader;
        }
    }

    [Fact]
    public async Task Large_bodies_flow_both_ways_with_backpressure()
    {
        await using var backend = new Http2Backend(Http2Backend.EchoAsync);
        await using var proxy = Start(TestProxy.Configuration([backend.AsBackend()], Forward()));
        using var client = Client(proxy.Port);
        var body = new byte[8 << 20];
        Random.Shared.NextBytes(body);

        var pipe = new Pipe();
        using var request = Request(HttpMethod.Post, Anywhere);
        request.Content = new DuplexContent(pipe.Reader);

        // Both directions at once: an echo that is not read stops reading.
        var sending = Task.Run(async () =>
        {
            await pipe.Writer.WriteAsync(body);
            await pipe.Writer.CompleteAsync();
        });
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(TransportHost.Patience);

        Assert.Equal(body, await response.Content.ReadAsByteArrayAsync().WaitAsync(TransportHost.Patience));
        await sending;
    }

    [Fact]
    public async Task A_call_streams_both_ways_and_ends_with_trailers()
    {
        await using var backend = new Http2Backend(Http2Backend.EchoAsync);
        await using var proxy = Start(TestProxy.Configuration([backend.AsBackend()], Forward()));
        using var client = Client(proxy.Port);
        var pipe = new Pipe();
        using var request = Request(HttpMethod.Post, "http://shop.example/Service/Call");
        request.Content = new DuplexContent(pipe.Reader);
        request.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
        request.Headers.TryAddWithoutValidation("te", "trailers");

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(TransportHost.Patience);
        await using var answer = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[100];
        foreach (var message in (string[])["one", "two", "three"])
        {
            await pipe.Writer.WriteAsync(Encoding.ASCII.GetBytes(message));
            var count = await answer.ReadAsync(buffer).AsTask().WaitAsync(TransportHost.Patience);
            Assert.Equal(message, Encoding.ASCII.GetString(buffer, 0, count));
        }

        await pipe.Writer.CompleteAsync();
        Assert.Equal(0, await answer.ReadAsync(buffer).AsTask().WaitAsync(TransportHost.Patience));
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
        Assert.Equal("/Service/Call", Assert.Single(response.Headers.GetValues("x-path")));
        Assert.Equal("shop.example", Assert.Single(response.Headers.GetValues("x-authority")));
    }

    [Fact]
    public async Task A_client_that_cancels_has_the_backend_know()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new Http2Backend(async exchange =>
        {
            exchange.OnClientGone(static left => ((TaskCompletionSource)left!).TrySetResult(), left);
            exchange.Response.Status = 200;
            exchange.StartResponse(null);
            await exchange.FlushResponseAsync();
            await left.Task;
            await exchange.Loop.SwitchTo();
            exchange.Abort();
        });
        await using var proxy = Start(TestProxy.Configuration([backend.AsBackend()], Forward()));
        using var client = Client(proxy.Port);

        var response = await client.SendAsync(Request(HttpMethod.Get, Anywhere), HttpCompletionOption.ResponseHeadersRead);
        response.Dispose();

        await left.Task.WaitAsync(TransportHost.Patience);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_does_not_look_complete()
    {
        await using var backend = new Http2Backend(async exchange =>
        {
            exchange.Response.Status = 200;
            exchange.StartResponse(null);
            await exchange.WriteResponseAsync("half"u8.ToArray());
            await exchange.FlushResponseAsync();
            if (exchange.Request.HasQuery)
            {
                await exchange.ReadRequestAsync();
            }

            exchange.Abort();
        });
        await using var proxy = Start(TestProxy.Configuration([backend.AsBackend()], Forward()));
        using var client = Client(proxy.Port);

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var response = await client.GetAsync(Anywhere);
            response.EnsureSuccessStatusCode();
        }).WaitAsync(TransportHost.Patience);
    }

    [Fact]
    public async Task HEAD_and_204_have_no_body()
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 204 No Content\r\n\r\n");
        await using var proxy = To(backend);
        using var client = Client(proxy.Port);

        using var empty = await client.GetAsync(Anywhere);
        Assert.Equal(HttpStatusCode.NoContent, empty.StatusCode);

        await using var other = new TestBackend(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");
            }
        });
        await using var second = To(other);
        using var secondClient = Client(second.Port);
        using var head = await secondClient.SendAsync(Request(HttpMethod.Head, Anywhere)).WaitAsync(TransportHost.Patience);
        Assert.Equal(1234, head.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData(null, "12")]
    [InlineData(500, "2")]
    [InlineData(503, "14")]
    public async Task A_gRPC_call_is_told_of_a_failure_as_a_gRPC_status(int? status, string expected)
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = Start(status is { } failure
            ? TestProxy.Configuration([], new ForwardAction([]) { NoBackendStatus = failure })
            : GatewayWithoutRoutes());
        using var client = Client(proxy.Port);
        using var request = Request(HttpMethod.Post, Anywhere);
        request.Content = new ByteArrayContent([0, 0, 0, 0, 0]);
        request.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc+proto");

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/grpc", response.Content.Headers.ContentType!.ToString());
        Assert.Equal([expected], response.Headers.GetValues("grpc-status"));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task An_endpoint_that_refuses_is_a_bad_gateway()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(TransportHost.AnyPort);
        var backend = TestProxy.Backend("backend", ((IPEndPoint)reserved.LocalEndPoint!).Port) with { Protocol = BackendProtocol.Http2 };
        await using var proxy = Start(TestProxy.Configuration([backend], Forward()));
        using var client = Client(proxy.Port);

        using var response = await client.PostAsync(Anywhere, new StringContent("body")).WaitAsync(TransportHost.Patience);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
    }

    [Theory]
    [InlineData(BackendProtocol.Http1)]
    [InlineData(BackendProtocol.Http2)]
    public async Task A_backend_is_trusted_by_its_authority_and_name(BackendProtocol protocol)
    {
        var certificate = TestCertificates.Ecdsa("backend", "backend.example");
        await using var backend = protocol == BackendProtocol.Http2
            ? new Http2Backend(Http2Backend.EchoAsync, certificate)
            : (IAsyncDisposable)new TlsOrigin(certificate);
        var endpoint = (backend as Http2Backend)?.EndPoint ?? ((TlsOrigin)backend).EndPoint;
        var trusted = new BackendTls { ServerName = "backend.example", TrustedCertificatesPem = certificate.CertificatePem };

        Assert.Equal(HttpStatusCode.OK, await AskAsync(trusted));
        Assert.Equal(HttpStatusCode.BadGateway, await AskAsync(trusted with { ServerName = "other.example" }));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(trusted with { ServerName = "other.example", SubjectAlternativeNames = ["x.example", "backend.example"] }));
        Assert.Equal(HttpStatusCode.BadGateway, await AskAsync(trusted with { SubjectAlternativeNames = ["x.example"] }));
        Assert.Equal(HttpStatusCode.BadGateway, await AskAsync(trusted with { TrustedCertificatesPem = null }));
        Assert.Equal(HttpStatusCode.BadGateway, await AskAsync(trusted with { TrustedCertificatesPem = "nonsense" }));
        Assert.Equal(HttpStatusCode.BadGateway, await AskAsync(trusted with { ClientCertificate = "missing" }));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(new BackendTls { SkipVerification = true }));

        async Task<HttpStatusCode> AskAsync(BackendTls tls)
        {
            var target = TestProxy.Backend("backend", endpoint.Port) with { Protocol = protocol, Tls = tls };
            await using var proxy = Start(TestProxy.Configuration([target], Forward()));
            using var client = Client(proxy.Port);
            using var response = await client.GetAsync(Anywhere).WaitAsync(TransportHost.Patience);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Draining_ends_idle_connections()
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var proxy = To(backend);
        using var client = Client(proxy.Port);
        (await client.GetAsync(Anywhere)).Dispose();
        Assert.Equal(1, proxy.Server.ReadMetrics().ActiveConnections);

        await proxy.Server.DrainAsync(TransportHost.Patience);

        Assert.Equal(0, proxy.Server.ReadMetrics().ActiveConnections);
    }

    private static HttpRequestMessage Request(HttpMethod method, Uri uri) => new(method, uri)
    {
        Version = System.Net.HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static HttpRequestMessage Request(HttpMethod method, string uri) => Request(method, new Uri(uri));

    private static TestProxy Start(GatewayConfiguration configuration) => TestProxy.Start(configuration, new ProxyOptions());

    private static TestProxy To(TestBackend backend) => Start(TestProxy.Configuration([TestProxy.Backend("backend", backend.Port)], Forward()));

    private static GatewayConfiguration GatewayWithoutRoutes()
    {
        var piece = TestProxy.Configuration([], Forward()).Pieces.Values.Single();
        return TestCertificates.Configuration(piece with { Routes = [] });
    }

    private static ForwardAction Forward() => new([new WeightedBackend("backend")]);

    /// <summary>A client that speaks HTTP/2 alone, and finds every host at the proxy.</summary>
    private static HttpClient Client(int port) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
#pragma warning disable CA5359 // The certificate is the gateway's self-signed default.
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
#pragma warning restore CA5359
    })
    {
        DefaultRequestVersion = System.Net.HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>Sends what a test writes, when it writes it.</summary>
    private sealed class DuplexContent(PipeReader reader) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            while (true)
            {
                var result = await reader.ReadAsync();
                foreach (var segment in result.Buffer)
                {
                    await stream.WriteAsync(segment);
                }

                await stream.FlushAsync();
                reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return;
                }
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
