using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Polygate.EndToEnd.Tests.GatewayApi;

/// <summary>Services that decide about requests, asked over HTTP and gRPC.</summary>
public sealed class ExternalAuthTests
{
    [Fact]
    public async Task Over_HTTP_only_200_lets_a_request_pass()
    {
        var asked = "";
        await using var services = await EchoServices.StartAsync(
            async (name, context) =>
            {
                if (name != "auth")
                {
                    return false;
                }

                asked = $"{context.Request.Method} {context.Request.Host} {context.Request.Path}{context.Request.QueryString} {string.Join(',', context.Request.Headers.Keys.Order(StringComparer.Ordinal))}";
                context.Response.StatusCode = context.Request.Headers.Authorization.ToString() switch { "good" => 200, "soso" => 204, _ => 401 };
                context.Response.Headers["X-User"] = "alice";
                await context.Response.WriteAsync(context.Response.StatusCode == 401 ? "who are you?" : "");
                return true;
            },
            "auth",
            "app");
        using var folder = new ConfigurationFolder();
        folder.Write("services.yaml", services.Manifests);
        folder.Write("route.yaml", Manifests("HTTP", "http: { path: /check, allowedHeaders: [X-Tenant], allowedResponseHeaders: [X-User] }"));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);

        using var good = await gateway.GetAsync("http://shop.localhost:9080/a?b=c", ("Authorization", "good"), ("X-Tenant", "t"), ("X-User", "forged"), ("X-Other", "o"));
        var seen = await good.Content.ReadAsStringAsync();
        Assert.StartsWith("app /a?b=c\n", seen, StringComparison.Ordinal);
        Assert.Contains("x-user: alice\n", seen, StringComparison.Ordinal);
        Assert.Equal("GET shop.localhost:9080 /check/a?b=c Authorization,Host,X-Tenant", asked);

        using var soso = await gateway.GetAsync("http://shop.localhost:9080/", ("Authorization", "soso"));
        Assert.NotEqual("app", (await soso.Content.ReadAsStringAsync()).Split(' ')[0]);
        using var bad = await gateway.GetAsync("http://shop.localhost:9080/");
        Assert.Equal((HttpStatusCode.Unauthorized, "who are you?"), (bad.StatusCode, await bad.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_service_that_is_away_lets_nothing_pass()
    {
        await using var services = await EchoServices.StartAsync("app");
        using var folder = new ConfigurationFolder();
        folder.Write("services.yaml", services.Manifests + """
            ---
            apiVersion: v1
            kind: Service
            metadata: { name: auth }
            spec: { ports: [{ port: 80 }] }
            """);
        folder.Write("route.yaml", Manifests("HTTP", "http: {}"));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);

        using var answer = await gateway.GetAsync("http://shop.localhost:9080/", ("Authorization", "good"));
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
    }

    [Fact]
    public async Task Over_gRPC_the_service_speaks_the_ext_authz_protocol()
    {
        await using var auth = await TestBackend.StartAsync(
            async context =>
            {
                var question = new MemoryStream();
                await context.Request.Body.CopyToAsync(question);
                var isGood = Encoding.Latin1.GetString(question.ToArray()).Contains("open-sesame", StringComparison.Ordinal);
                context.Response.ContentType = "application/grpc";
                await context.Response.Body.WriteAsync(Message(isGood ? Allow("x-user", "alice") : Deny));
                context.Response.AppendTrailer("grpc-status", "0");
            },
            HttpProtocols.Http2);
        await using var services = await EchoServices.StartAsync("app");
        using var folder = new ConfigurationFolder();
        folder.Write("services.yaml", services.Manifests + "---\n" + auth.Service("auth", "kubernetes.io/h2c"));
        folder.Write("route.yaml", Manifests("GRPC", "grpc: {}"));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);

        using var good = await gateway.GetAsync("http://shop.localhost:9080/", ("X-Word", "open-sesame"), ("X-User", "forged"));
        Assert.Contains("x-user: alice\n", await good.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var bad = await gateway.GetAsync("http://shop.localhost:9080/", ("X-Word", "please"));
        Assert.Equal(HttpStatusCode.Forbidden, bad.StatusCode);
    }

    private static string Manifests(string protocol, string settings) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: gw }
        spec:
          gatewayClassName: any
          listeners: [{ name: http, port: 9080, protocol: HTTP }]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: shop }
        spec:
          parentRefs: [{ name: gw }]
          rules:
            - filters:
                - type: ExternalAuth
                  externalAuth: { protocol: {{protocol}}, backendRef: { name: auth, port: 80 }, {{settings}} }
              backendRefs: [{ name: app, port: 80 }]
        """;

    /// <summary>CheckResponse with <c>status { code: PERMISSION_DENIED }</c>.</summary>
    private static byte[] Deny => [0x0A, 2, 0x08, 7];

    /// <summary>CheckResponse with <c>status {} ok_response { headers { header { key value } } }</c>.</summary>
    private static byte[] Allow(string name, string value)
    {
        byte[] header = [0x0A, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), 0x12, (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
        byte[] option = [0x0A, (byte)header.Length, .. header];
        byte[] ok = [0x12, (byte)option.Length, .. option];
        return [0x0A, 0, 0x1A, (byte)ok.Length, .. ok];
    }

    /// <summary>A gRPC message: not compressed, its length, itself.</summary>
    private static byte[] Message(byte[] content) => [0, 0, 0, 0, (byte)content.Length, .. content];
}
