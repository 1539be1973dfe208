using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Polygate.Scale;

/// <summary>Two backends that say their name, so that an answer tells which configuration it was made by.</summary>
internal sealed class Backends : IAsyncDisposable
{
    private readonly WebApplication application;

    private Backends(WebApplication application, IReadOnlyList<int> ports)
    {
        this.application = application;
        Ports = ports;
    }

    public static string Address => "127.0.0.1";

    /// <summary>The port of backend 0 and of backend 1.</summary>
    public IReadOnlyList<int> Ports { get; }

    public static async Task<Backends> StartAsync()
    {
        // Without configuration files, each of which would be watched: a machine has few watchers.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Parse(Address), 0);
            options.Listen(IPAddress.Parse(Address), 0);
        });
        var application = builder.Build();
        var ports = new List<int>();
        application.Run(context => context.Response.WriteAsync(ports.IndexOf(context.Connection.LocalPort) == 0 ? "0" : "1"));
        await application.StartAsync();
        ports.AddRange(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address).Port));
        return new Backends(application, ports);
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();
}
