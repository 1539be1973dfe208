using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Polygate.Proxy;
using Polygate.Running;

namespace Polygate.Admin;

/// <summary>The admin port: <c>/livez</c>, <c>/readyz</c> and <c>/metrics</c>.</summary>
internal sealed class AdminServer : IAsyncDisposable
{
    private readonly SmallServer server;

    private AdminServer(SmallServer server) => this.server = server;

    public IPEndPoint EndPoint => server.EndPoint;

    /// <exception cref="IOException">The address cannot be bound.</exception>
    /// <param name="endPoint">Where it listens.</param>
    /// <param name="status">What the program says of itself.</param>
    /// <param name="proxy">Whose counts are told.</param>
    /// <param name="tellsNginx">Whether they are told under the names of ingress-nginx as well.</param>
    public static async Task<AdminServer> StartAsync(IPEndPoint endPoint, GatewayStatus status, ProxyServer proxy, bool tellsNginx = false) => new(
        await SmallServer.StartAsync(endPoint, HttpProtocols.Http1, context => AnswerAsync(context, status, proxy, tellsNginx)));

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static Task AnswerAsync(HttpContext context, GatewayStatus status, ProxyServer proxy, bool tellsNginx)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "Only GET and HEAD.\n");
        }

        return context.Request.Path.Value switch
        {
            "/livez" => WriteAsync(context, StatusCodes.Status200OK, "ok\n"),
            "/readyz" when status.IsReady => WriteAsync(context, StatusCodes.Status200OK, "ok\n"),
            "/readyz" => WriteAsync(context, StatusCodes.Status503ServiceUnavailable, $"waiting for {status.WaitingFor}\n"),
            "/metrics" => MetricsAsync(context, status, proxy, tellsNginx),
            _ => WriteAsync(context, StatusCodes.Status404NotFound, "Here are /livez, /readyz and /metrics.\n"),
        };
    }

    private static async Task MetricsAsync(HttpContext context, GatewayStatus status, ProxyServer proxy, bool tellsNginx)
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        var metrics = proxy.ReadMetrics();
        await MetricsText.WriteAsync(context.Response.BodyWriter, status, metrics);
        if (tellsNginx)
        {
            await NginxMetricsText.WriteAsync(context.Response.BodyWriter, status, metrics, status.Configuration);
        }
    }

    private static async Task WriteAsync(HttpContext context, int status, string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.BodyWriter.WriteAsync(body);
        }
    }
}
