using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Polygate.Admin;

/// <summary>What a <see cref="SmallServer"/> may be told.</summary>
internal sealed record SmallServerSettings
{
    /// <summary>The settings of TLS for a connection that begins; null for cleartext.</summary>
    public Func<SslServerAuthenticationOptions>? Tls { get; init; }

    /// <summary>How many connections there may be at once; null for any number.</summary>
    public int? MostConnections { get; init; }

    /// <summary>The longest body of a request in bytes; null for Kestrel's own limit.</summary>
    public long? LongestBody { get; init; }
}

/// <summary>A bare Kestrel with one handler: for what is beside the traffic (admin port, echo backends, the admission webhook).</summary>
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
    public static async Task<SmallServer> StartAsync(IPEndPoint endPoint, HttpProtocols protocols, Func<HttpContext, Task> handler, SmallServerSettings? settings = null)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = settings?.MostConnections;
        options.Limits.MaxRequestBodySize = settings?.LongestBody ?? options.Limits.MaxRequestBodySize;
        ListenOptions? bound = null;
        options.Listen(endPoint, listen =>
        {
            listen.Protocols = protocols;
            if (settings?.Tls is { } tls)
            {
                ((IConnectionBuilder)listen).Use(next => connection => TlsConnection.RunAsync(connection, tls(), next));
            }

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
