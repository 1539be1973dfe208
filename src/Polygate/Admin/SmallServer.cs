using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Polygate.Admin;

/// <summary>A bare Kestrel with one handler: for what is beside the traffic (admin port, echo backends).</summary>
internal sealed class SmallServer : IAsyncDisposable
{
    private readonly KestrelServer server;

    private SmallServer(KestrelServer server, IPEndPoint endPoint)
    {
        this.server = server;
        EndPoint = endPoint;
    }

    /// <summary>Where it listens, with the port that was chosen where 0 was asked for.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Starts listening.</summary>
    /// <exception cref="IOException">The address cannot be bound.</exception>
    public static async Task<SmallServer> StartAsync(IPEndPoint endPoint, HttpProtocols protocols, Func<HttpContext, Task> handler)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        ListenOptions? bound = null;
        options.Listen(endPoint, listen =>
        {
            listen.Protocols = protocols;
            bound = listen;
        });
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        var server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
        try
        {
            await server.StartAsync(new Application(handler), CancellationToken.None);
            return new SmallServer(server, bound!.IPEndPoint!);
        }
        catch (Exception exception)
        {
            server.Dispose();
            throw exception as IOException ?? new IOException($"{endPoint}: {exception.Message}", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await server.StopAsync(now.Token);
        server.Dispose();
    }

    private sealed class Application(Func<HttpContext, Task> handler) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => handler(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
