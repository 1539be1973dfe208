using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Polygate.EndToEnd.Tests;

/// <summary>A backend with behaviour that a test gives it, on an address of its own.</summary>
internal sealed class TestBackend : IAsyncDisposable
{
    private readonly WebApplication app;

    private TestBackend(WebApplication app, string address, int port)
    {
        this.app = app;
        Address = address;
        Port = port;
    }

    public string Address { get; }

    public int Port { get; }

    public static async Task<TestBackend> StartAsync(RequestDelegate behaviour, HttpProtocols protocols = HttpProtocols.Http1, string? listenOn = null)
    {
        var address = listenOn ?? Loopback.NextAddress();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
            options.Listen(System.Net.IPAddress.Parse(address), 0, listen => listen.Protocols = protocols));
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(behaviour);
        await app.StartAsync();
        var features = app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features;
        var port = new Uri(features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        return new TestBackend(app, address, port);
    }

    /// <summary>A Service (port 80) whose endpoint this is.</summary>
    public string Service(string name, string appProtocol = "") => $$"""
        apiVersion: v1
        kind: Service
        metadata: { name: {{name}} }
        spec: { ports: [{ name: http, port: 80{{(appProtocol.Length == 0 ? "" : $", appProtocol: {appProtocol}")}} }] }
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: {{name}}, labels: { kubernetes.io/service-name: {{name}} } }
        addressType: IPv4
        ports: [{ name: http, port: {{Port}} }]
        endpoints: [{ addresses: ["{{Address}}"] }]
        """;

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }
}
