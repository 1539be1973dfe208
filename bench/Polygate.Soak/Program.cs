using System.Globalization;
using Polygate.Soak;

// Polygate.Soak EXECUTABLE FOLDER [SECONDS [REQUESTS A SECOND | SHARE%]]
if (args.Length is < 2 or > 4)
{
    Console.Error.WriteLine("usage: Polygate.Soak EXECUTABLE FOLDER [SECONDS [REQUESTS_A_SECOND | SHARE%]]");
    return 64;
}

var load = args.Length > 3 ? args[3] : "70%";
var isShare = load.EndsWith('%');
var amount = int.Parse(load.TrimEnd('%'), NumberStyles.None, CultureInfo.InvariantCulture);
var options = new SoakOptions
{
    Polygate = args[0],
    Folder = Path.GetFullPath(args[1]),
    Duration = TimeSpan.FromSeconds(args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1800),
    Rate = isShare ? 0 : amount,
    Share = isShare ? amount / 100.0 : 1,
};
var report = await SoakRun.RunAsync(options);
if (report.Capacity > 0)
    Console.WriteLine($"this machine does {report.Capacity} requests a second when nothing else happens, clients and backends included");

Console.WriteLine($"{report.Requests} requests at {report.Rate} a second, {report.Failures.Values.Sum()} failed");
foreach (var (what, count) in report.Failures)
    Console.WriteLine($"  {count} x {what}");

Console.WriteLine($"{report.Edits} edits, {report.BackendsReplaced} backends replaced, {report.CertificatesSeen} certificates seen, {report.SlowClients} slow clients, {report.Resets} resets");
for (var part = 0; part < 6; part++)
{
    var (from, to) = (part / 6.0, (part + 1) / 6.0);
    Console.WriteLine($"part {part + 1} of 6: {report.ResidentBetween(from, to)} KiB resident, {report.HeapBetween(from, to)} KiB managed (medians)");
}

Console.WriteLine($"slowest answer {report.Samples.Max(sample => sample.SlowestMilliseconds)} ms");

// Flat: the last sixth is where the second was, give or take a tenth and what one large buffer more makes. In its first minutes a process still
// grows into what it needs (garbage is collected for the first time, connections find their number), which says nothing.
var isLong = options.Duration >= TimeSpan.FromMinutes(5);
var isFlat = !isLong || report.ResidentBetween(5 / 6.0, 1) <= (report.ResidentBetween(1 / 6.0, 2 / 6.0) * 1.1) + 4096;
Console.WriteLine(!isLong ? "too short to judge memory by" : isFlat ? "memory is flat" : "memory grows");
return report.Failures.Count == 0 && isFlat ? 0 : 1;
