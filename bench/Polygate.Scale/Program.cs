using System.Diagnostics;
using System.Globalization;
using Polygate.Scale;
using Polygate.Testing.ApiServer;

// A large cluster on the in-process API server, a gateway on it, and how long a change takes to be traffic.
// Usage: Polygate.Scale PATH-OF-POLYGATE [SCALE] [listener-sets] ; SCALE 1 is 10,000 Ingresses, 10,000 HTTPRoutes, 20,000 Services, 5,000 Secrets,
// with listener-sets it is 40,000 HTTPRoutes over 2,500 ListenerSets.
var program = args[0];
var scale = args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 1;

await using var server = await TestApiServer.StartAsync(allowsLoopbackEndpoints: true);
await using var backends = await Backends.StartAsync();
ICluster cluster = args.Contains("listener-sets") ? new ListenerSetCluster(server, backends, scale) : new LargeCluster(server, backends, scale);
var filling = Stopwatch.StartNew();
cluster.Fill();
Console.WriteLine($"{cluster.Description}, made in {filling.Elapsed.TotalSeconds:F1} s");

await using var gateway = await GatewayUnderMeasure.StartAsync(program, server);
Console.WriteLine($"start to ready: {gateway.StartToReady.TotalSeconds:F1} s");
Console.WriteLine($"CPU until ready: {gateway.CpuSeconds:F1} s");
Console.WriteLine($"memory when ready: {gateway.Memory("VmRSS")} MiB, at most {gateway.Memory("VmHWM")} MiB");

var written = await StatusWrites.SettleAsync(server);
Console.WriteLine($"statuses written at first: {written.Count}, after {written.Time.TotalSeconds:F1} s; CPU until then {gateway.CpuSeconds:F1} s, memory {gateway.Memory("VmRSS")} MiB");

foreach (var (name, change) in cluster.Changes)
{
    await Churn.MeasureAsync(name, change, gateway, server);
}

Console.WriteLine($"memory at the end: {gateway.Memory("VmRSS")} MiB, at most {gateway.Memory("VmHWM")} MiB");
