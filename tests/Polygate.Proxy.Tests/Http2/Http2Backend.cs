using System.Net;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Http2;
using Polygate.Proxy.Listening;
using Polygate.Proxy.Tests.Transport;
using Polygate.Proxy.Tests.Transport.Tls;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Tests.Http2;

/// <summary>A backend that speaks HTTP/2 only (by prior knowledge or, given a certificate, over TLS) and answers with a script.</summary>
internal sealed class Http2Backend : IAsyncDisposable
{
    private readonly TransportHost host = new(TransportKind.Sockets);
    private readonly Http2Front front = new(HttpLimits.Default);
    private readonly ListenerManager listeners;

    internal Http2Backend(Func<HttpExchange, Task> script, Certificate? certificate = null)
    {
        var servers = host.Transport.Loops.Select(loop => front.CreateServer(new Engine(loop, script))).ToArray();
        var key = new ListenerKey(443);
        listeners = new ListenerManager(
            host.Transport,
            new ListenerOptions { MapEndPoint = _ => TransportHost.AnyPort },
            accepted => _ = servers[accepted.Channel.Loop.Index].ServeAsync(accepted.Channel, ClientConnection.None, default));
        listeners.Apply(TestCertificates.Configuration(new ConfigurationPiece("backend")
        {
            Listeners = [new Listener(key, certificate is null ? ListenerProtocol.Http : ListenerProtocol.Https, TestCertificates.Origin)],
            Certificates = certificate is null ? [] : [certificate],
            TlsBindings = certificate is null ? [] : [new TlsBinding(key, HostPattern.Any, [certificate.Id], TestCertificates.Origin)],
        }));
    }

    internal IPEndPoint EndPoint => listeners.Listeners[0].EndPoint!;

    internal Backend AsBackend(BackendTls? tls = null) => new("backend", new StaticEndpoints([new Endpoint("127.0.0.1", EndPoint.Port)]))
    {
        Protocol = BackendProtocol.Http2,
        Tls = tls,
    };

    /// <summary>Answers with the request's body as it comes, and with a trailer.</summary>
    internal static async Task EchoAsync(HttpExchange exchange)
    {
        exchange.Response.Status = 200;
        exchange.Response.Headers.Add("x-path"u8, exchange.Request.Path);
        exchange.Response.Headers.Add("x-authority"u8, exchange.Request.Authority);
        exchange.StartResponse(null);
        await exchange.FlushResponseAsync();
        while (true)
        {
            var slice = await exchange.ReadRequestAsync();
            if (slice.IsEmpty)
            {
                break;
            }

            await exchange.WriteResponseAsync(slice);
            await exchange.FlushResponseAsync();
        }

        exchange.ResponseTrailers.Add("grpc-status"u8, "0"u8);
        await exchange.CompleteResponseAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        listeners.Dispose();
        await front.DisposeAsync();
        await host.DisposeAsync();
        Assert.Empty(host.Reports);
    }

    private sealed class Engine(EventLoop loop, Func<HttpExchange, Task> script) : IHttp2Engine
    {
        public EventLoop Loop => loop;

        public HttpLimits Limits => HttpLimits.Default;

        public bool IsDraining => false;

        public async ValueTask HandleAsync(HttpExchange exchange)
        {
            try
            {
                await script(exchange);
            }
            catch (IOException)
            {
                exchange.Abort();
            }
        }
    }
}
