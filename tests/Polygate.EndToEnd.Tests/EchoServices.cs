using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Polygate.EndToEnd.Tests;

/// <summary>
/// Backends with names on one address, each on a port of its own. An answer's body is text: a first line
/// <c>service target</c>, then the request's header fields.
/// </summary>
internal sealed class EchoServices : IAsyncDisposable
{
    private const int FirstPort = 7001;
    private readonly WebApplication app;
    private readonly string[] names;

    private EchoServices(WebApplication app, string address, string[] names)
    {
        this.app = app;
        Address = address;
        this.names = names;
    }

    public string Address { get; }

    /// <summary>The names with their ports.</summary>
    public IEnumerable<(string Name, int Port)> Ports => names.Select((name, i) => (name, FirstPort + i));

    /// <summary>Manifests of a Service (port 80, named http) with an endpoint for each name.</summary>
    public string Manifests => string.Join("---\n", Ports.Select(service => string.Create(CultureInfo.InvariantCulture, $$"""
        apiVersion: v1
        kind: Service
        metadata: { name: {{service.Name}} }
        spec: { ports: [{ name: http, port: 80 }] }
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: {{service.Name}}, labels: { kubernetes.io/service-name: {{service.Name}} } }
        addressType: IPv4
        ports: [{ name: http, port: {{service.Port}} }]
        endpoints: [{ addresses: ["{{Address}}"] }]

        """)));

    /// <param name="names">The names of the backends.</param>
    public static Task<EchoServices> StartAsync(params string[] names) => StartAsync((_, _) => Task.FromResult(false), names);

    /// <param name="behaviour">Answers the request to the named service, or says false for the echo.</param>
    /// <param name="names">The names of the backends.</param>
    public static async Task<EchoServices> StartAsync(Func<string, HttpContext, Task<bool>> behaviour, params string[] names)
    {
        var address = Loopback.NextAddress();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            for (var i = 0; i < names.Length; i++)
            {
                options.Listen(System.Net.IPAddress.Parse(address), FirstPort + i);
            }
        });
        var app = builder.Build();
        app.Run(async context =>
        {
            var name = names[context.Connection.LocalPort - FirstPort];
            if (!await behaviour(name, context))
            {
                await EchoAsync(name, context);
            }
        });
        await app.StartAsync();
        return new EchoServices(app, address, names);
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }

    private static Task EchoAsync(string name, HttpContext context)
    {
        var text = new StringBuilder($"{name} {context.Features.Get<IHttpRequestFeature>()!.RawTarget}\n");
        foreach (var (field, values) in context.Request.Headers.OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            text.Append(CultureInfo.InvariantCulture, $"{field.ToLowerInvariant()}: {string.Join(", ", values.ToArray())}\n");
        }

        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(text.ToString());
    }
}
