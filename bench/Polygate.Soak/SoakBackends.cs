using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Polygate.Soak;

/// <summary>
/// The backends, of which some are always about to go and others have just come. One that goes is taken out of the configuration first and
/// stopped when nothing can be under way to it any more, as Kubernetes does with pods.
/// </summary>
internal sealed class SoakBackends(string address) : IAsyncDisposable
{
    public const int LargeAnswer = 64 * 1024;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(8);
    private static readonly byte[] Small = "hello"u8.ToArray();
    private static readonly byte[] Large = new byte[LargeAnswer];

    private readonly List<(WebApplication App, int Port)> current = [];
    private readonly List<Task> leaving = [];

    public int Replaced { get; private set; }

    public IEnumerable<int> Ports => current.Select(backend => backend.Port);

    public async Task AddAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Parse(address), 0));
        var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        current.Add((app, new Uri(addresses.Addresses.Single()).Port));
    }

    /// <summary>A new one comes, and the oldest is no longer among <see cref="Ports"/>.</summary>
    public async Task ReplaceOldestAsync()
    {
        await AddAsync();
        leaving.Add(StopAsync(current[0].App));
        current.RemoveAt(0);
        Replaced++;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(leaving);
        foreach (var (app, _) in current)
            await app.DisposeAsync();
    }

    private static async Task StopAsync(WebApplication app)
    {
        await Task.Delay(Grace);
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        long received = 0;
        var buffer = new byte[16 * 1024];
        for (int count; (count = await context.Request.Body.ReadAsync(buffer)) > 0;)
            received += count;

        var body = context.Request.Path.StartsWithSegments("/large") ? Large : Small;
        context.Response.ContentLength = body.Length;
        context.Response.Headers["X-Received"] = received.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await context.Response.Body.WriteAsync(body);
    }
}
