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
    public static async Task<AdminServer> StartAsync(IPEndPoint endPoint, GatewayStatus status, ProxyServer proxy) => new(
        await SmallServer.StartAsync(endPoint, HttpProtocols.Http1, context => AnswerAsync(context, status, proxy)));

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static Task AnswerAsync(HttpContext context, GatewayStatus status, ProxyServer proxy)
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
            "/metrics" => WriteAsync(
                context, StatusCodes.Status200OK, MetricsText.Of(status, proxy.ReadMetrics()), "text/plain; version=0.0.4; charset=utf-8"),
            _ => WriteAsync(context, StatusCodes.Status404NotFound, "Here are /livez, /readyz and /metrics.\n"),
        };
    }

    private static async Task WriteAsync(HttpContext context, int status, string text, string contentType = "text/plain; charset=utf-8")
    {
        var body = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.BodyWriter.WriteAsync(body);
        }
    }
}
