using Yarp.ReverseProxy.Configuration;

// YARP as its documentation sets it up, for comparison: http://127.0.0.1:<port>, one backend, the routes asked for.
var port = int.Parse(args[0]);
var backend = args[1];
var routes = int.Parse(args[2]);

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
builder.Services.AddReverseProxy().LoadFromMemory(
    [.. Enumerable.Range(0, routes).Select(index => new RouteConfig
    {
        RouteId = $"route-{index}",
        ClusterId = "backend",
        Match = new RouteMatch { Path = $"/service-{index}/{{**rest}}" },
    })],
    [
        new ClusterConfig
        {
            ClusterId = "backend",
            Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = $"http://{backend}/" } },
        },
    ]);
var app = builder.Build();
app.MapReverseProxy();
await app.RunAsync();
