using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Polygate.Cluster.Tests.Conformance;

/// <summary>
/// The backend of one Service: tells who it is and what it got. It speaks HTTP/1.1 and WebSocket on one port, HTTP/2 without TLS (gRPC too) on
/// another, TLS on a third, and answers datagrams on a fourth. The request's query asks for failures: <c>fail=503</c> for a status, <c>reset=1</c> for a
/// broken connection, <c>delay=1s</c> for patience; with <c>times=2</c> only of the first two attempts of one request.
/// </summary>
internal sealed class EchoService
{
    public const string ServiceHeader = "X-Echo-Service";

    private static readonly ConcurrentDictionary<string, Lazy<Task<EchoService>>> Running = new(StringComparer.Ordinal);

    private readonly string name;
    private readonly ConcurrentDictionary<string, int> attempts = new(StringComparer.Ordinal);

    private EchoService(string name) => this.name = name;

    public int Http1Port { get; private set; }

    public int Http2Port { get; private set; }

    public int TlsPort { get; private set; }

    public int UdpPort { get; private set; }

    /// <summary>The identities of the requests that came, as <c>X-Test-Id</c> tells them.</summary>
    public ConcurrentDictionary<string, int> Received { get; } = new(StringComparer.Ordinal);

    /// <summary>The backend of a Service; started when first asked for, and then there to the end of the tests.</summary>
    public static Task<EchoService> Of(string service, X509Certificate2 certificate) =>
        Running.GetOrAdd(service, name => new Lazy<Task<EchoService>>(() => StartAsync(name, certificate))).Value;

    private static async Task<EchoService> StartAsync(string name, X509Certificate2 certificate)
    {
        var echo = new EchoService(name);
        // Without configuration files, each of which would be watched: a machine has few watchers.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            options.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
            {
                // Kestrel tells the name that the client asked for only where a name chooses the certificate.
                https.ServerCertificateSelector = (_, _) => certificate;
                https.ClientCertificateMode = Microsoft.AspNetCore.Server.Kestrel.Https.ClientCertificateMode.AllowCertificate;
                https.AllowAnyClientCertificate();
            }));
        });
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(echo.AnswerAsync);
        await app.StartAsync();
        var ports = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address).Port).ToList();
        (echo.Http1Port, echo.Http2Port, echo.TlsPort) = (ports[0], ports[1], ports[2]);
        var datagrams = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        echo.UdpPort = ((IPEndPoint)datagrams.Client.LocalEndPoint!).Port;
        _ = echo.AnswerDatagramsAsync(datagrams);
        return echo;
    }

    private async Task AnswerDatagramsAsync(UdpClient datagrams)
    {
        while (true)
        {
            var datagram = await datagrams.ReceiveAsync();
            await datagrams.SendAsync(Encoding.UTF8.GetBytes($"{name} {Encoding.UTF8.GetString(datagram.Buffer)}"), datagram.RemoteEndPoint);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        Received.AddOrUpdate(request.Headers["X-Test-Id"].ToString(), 1, static (_, count) => count + 1);
        context.Response.Headers[ServiceHeader] = name;
        if (context.WebSockets.IsWebSocketRequest)
        {
            await EchoMessagesAsync(await context.WebSockets.AcceptWebSocketAsync());
            return;
        }

        var failing = attempts.AddOrUpdate(request.Headers["X-Test-Id"].ToString(), 1, static (_, count) => count + 1)
            <= (int.TryParse(request.Query["times"].ToString(), out var times) ? times : int.MaxValue);
        if (failing && request.Query.ContainsKey("reset"))
        {
            context.Abort();
            return;
        }

        if (failing && request.Query["delay"].ToString() is { Length: > 0 } delay)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(delay.EndsWith("ms", StringComparison.Ordinal) ? int.Parse(delay[..^2]) : 1000 * double.Parse(delay[..^1])), context.RequestAborted);
        }

        foreach (var header in request.Headers["X-Echo-Set-Header"].ToString().Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            context.Response.Headers.Append(header[..colon], header[(colon + 1)..]);
        }

        context.Response.StatusCode = failing && request.Query["fail"].ToString() is { Length: > 0 } status ? int.Parse(status) : 200;
        var seen = Encoding.UTF8.GetBytes(Seen(context));
        if (request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
        {
            await request.Body.CopyToAsync(Stream.Null);
            context.Response.ContentType = "application/grpc";
            await context.Response.BodyWriter.WriteAsync(GrpcTestClient.Message(seen));
            context.Response.AppendTrailer("grpc-status", "0");
            return;
        }

        await context.Response.BodyWriter.WriteAsync(seen);
    }

    private static string Seen(HttpContext context)
    {
        var request = context.Request;
        var seen = new StringBuilder($"path: {request.Path.ToUriComponent()}{request.QueryString}\nhost: {request.Host}\nprotocol: {request.Protocol}\n");
        seen.Append($"servername: {context.Features.Get<Microsoft.AspNetCore.Connections.Features.ITlsHandshakeFeature>()?.HostName}\n");
        seen.Append($"certificate: {context.Connection.ClientCertificate?.Subject}\n");
        foreach (var (field, values) in request.Headers)
        {
            seen.Append($"{field}: {string.Join(',', values.ToArray())}\n");
        }

        return seen.ToString();
    }

    private static async Task EchoMessagesAsync(WebSocket socket)
    {
        var buffer = new byte[4096];
        while (true)
        {
            var message = await socket.ReceiveAsync(buffer, CancellationToken.None);
            if (message.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, CancellationToken.None);
        }
    }
}
