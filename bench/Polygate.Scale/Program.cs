using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Polygate.Scale;
using Polygate.Testing.ApiServer;

// A large cluster on the in-process API server, a gateway on it, and how long a change takes to be traffic.
// Usage: Polygate.Scale PATH-OF-POLYGATE [SCALE] [listener-sets|fresh] ; SCALE 1 is 10,000 Ingresses, 10,000 HTTPRoutes, 20,000 Services, 5,000 Secrets,
// with listener-sets it is 40,000 HTTPRoutes over 2,500 ListenerSets. The routes have their statuses already, as after a restart of the gateway; with "fresh"
// (and listener-sets) they are written first.
var program = args[0];
var scale = args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 1;
await using var backends = await Backends.StartAsync();
var status = args.Length > 2 ? null : await LearnStatusAsync();

await using var server = await TestApiServer.StartAsync(bookmarkInterval: TimeSpan.FromMinutes(1), allowsLoopbackEndpoints: true);
ICluster cluster = args.Contains("listener-sets") ? new ListenerSetCluster(server, backends, scale) : new LargeCluster(server, backends, scale);
var filling = Stopwatch.StartNew();
cluster.Fill();
if (status is not null)
{
    ((LargeCluster)cluster).FillStatuses(status);
}

Console.WriteLine(Machine.Describe());
Console.WriteLine($"{cluster.Description}{(status is null ? ", without statuses" : "")}; made in {filling.Elapsed.TotalSeconds:F1} s");
await using var gateway = await GatewayUnderMeasure.StartAsync(program, server);
Console.WriteLine($"start to ready: {gateway.StartToReady.TotalSeconds:F1} s, {(await gateway.CountersAsync()).Cpu:F1} s of CPU");
await ReportMemoryAsync("when ready");

// What follows the start (the election, a look at every status) is no part of a change.
var written = await StatusWrites.SettleAsync(server);
Console.WriteLine($"statuses written at first: {written.Count}, after {written.Time.TotalSeconds:F1} s; {(await gateway.CountersAsync()).Cpu:F1} s of CPU until then");
foreach (var (name, change) in cluster.Changes)
{
    await Churn.MeasureAsync(name, change, gateway, server, Console.WriteLine);
}

await ReportMemoryAsync("at the end");
Console.WriteLine(Machine.Describe());

async Task ReportMemoryAsync(string when)
{
    const double Mebi = 1024 * 1024;
    var counters = await gateway.CountersAsync();
    Console.WriteLine(
        $"memory {when}: {gateway.Memory("VmRSS")} MiB ({gateway.Memory("RssAnon")} of them its own), at most {gateway.Memory("VmHWM")} MiB; " +
        $"heap {counters.Heap / Mebi:F0} MiB with garbage, {counters.Live / Mebi:F0} of them alive when everything was collected last, {counters.Committed / Mebi:F0} MiB committed; " +
        $"collected so {counters.Collections:F0} times");
}

// The gateway's own words about a route, from a small cluster.
async Task<JsonNode> LearnStatusAsync()
{
    await using var small = await TestApiServer.StartAsync(allowsLoopbackEndpoints: true);
    var few = new LargeCluster(small, backends, 0.001);
    few.Fill();
    await using var teacher = await GatewayUnderMeasure.StartAsync(program, small);
    while (few.RouteStatus is null)
    {
        await Task.Delay(50);
    }

    return few.RouteStatus;
}
