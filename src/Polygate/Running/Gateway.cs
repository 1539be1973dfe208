using System.Diagnostics;
using Polygate.Admin;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;
using Polygate.Logging;
using Polygate.Model;
using Polygate.Proxy;

namespace Polygate.Running;

/// <summary>A gateway: from the first configuration to the last request.</summary>
internal sealed class Gateway : IAsyncDisposable
{
    private static readonly TimeSpan ReadinessInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>What people are shown of a change at once; programs get everything.</summary>
    private const int ShownDiagnostics = 100;

    /// <summary>How often objects that were given may ask for more (a Secret may name a ConfigMap) within one change.</summary>
    private const int LongestDemandChain = 8;

    private readonly RunSettings settings;
    private readonly IGatewayFeed feed;
    private readonly ProgramLog log;
    private readonly StartReport report;
    private readonly Translator translator;
    private readonly ProxyServer proxy;
    private readonly AccessLog? accessLog;
    private readonly GatewayStatus status;
    private readonly DiagnosticBook book = new();
    private IReadOnlyCollection<Diagnostic> problems = [];

    /// <param name="settings">What the command line says.</param>
    /// <param name="feed">Where objects come from; disposed of with the gateway.</param>
    /// <param name="status">What the admin port tells.</param>
    /// <param name="log">The program's log.</param>
    /// <param name="report">Tells the user what is served.</param>
    /// <param name="accessOutput">Where the access log goes.</param>
    public Gateway(RunSettings settings, IGatewayFeed feed, GatewayStatus status, ProgramLog log, StartReport report, Stream accessOutput)
    {
        this.settings = settings;
        this.feed = feed;
        this.status = status;
        this.log = log;
        this.report = report;
        translator = new Translator(settings.Dialects, feed.OnDemand, settings.RefusesLocalBackends) { KeepsStatuses = feed.WritesStatuses };
        accessLog = settings.AccessLog is { } format ? new AccessLog(accessOutput, format, TimeProvider.System) : null;
        proxy = new ProxyServer(Composition.ProxyOptions(settings, accessLog, log));
    }

    /// <summary>Runs until asked to stop, then ends every request under way.</summary>
    /// <exception cref="IOException">The admin port cannot be bound.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        await using var admin = await AdminServer.StartAsync(settings.Admin, status, proxy, settings.TellsNginxMetrics);
        await using var probes = settings.Probes is { } endPoint ? await AdminServer.StartAsync(endPoint, status, proxy, settings.TellsNginxMetrics) : null;
        var readiness = Task.CompletedTask;
        try
        {
            var isFirst = true;
            await foreach (var batch in feed.WatchAsync(stop))
            {
                await TakeAsync(batch, isFirst, stop);
                if (isFirst)
                {
                    GiveBackMemory();
                    readiness = BecomeReadyAsync(stop);
                    report.Write(proxy.Listeners, admin.EndPoint, translator.Configuration);
                }

                Tell(batch);
                isFirst = false;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }

        await readiness;
        status.Draining();
        log.Write(LogLevel.Info, "Draining: requests under way are being finished, new connections are refused.");
        await proxy.DrainAsync(settings.DrainTimeout);
        log.Write(LogLevel.Info, "Stopped.");
    }

    public async ValueTask DisposeAsync()
    {
        await proxy.DisposeAsync();
        await feed.DisposeAsync();
        accessLog?.Dispose();
    }

    private async Task TakeAsync(ResourceBatch batch, bool isFirst, CancellationToken stop)
    {
        if (batch.IsEmpty && !isFirst)
        {
            return;
        }

        var started = Stopwatch.GetTimestamp();
        var isRouteChange = Translate(batch.Set, batch.Removed);
        for (var i = 0; i < LongestDemandChain && translator.Demands.HasChanges; i++)
        {
            var asked = Stopwatch.GetTimestamp();
            var more = await feed.SatisfyAsync(translator.Demands.TakeChanges(), stop);
            status.Times.Add(lookups: Stopwatch.GetElapsedTime(asked));
            isRouteChange |= !more.IsEmpty && Translate(more.Set, more.Removed);
        }

        await feed.PrepareAsync(translator);
        Apply();
        var elapsed = Stopwatch.GetElapsedTime(started);
        if (batch.Moved.Count > 0)
        {
            // Only lines changed: where things are written follows once what they do is in effect.
            feed.Served(translator);
            Translate(batch.Moved, []);
            Apply();
        }

        var reporting = Stopwatch.GetTimestamp();
        feed.Served(translator);
        status.Configuration = translator.Configuration;
        status.Objects = translator.ObjectCount;
        status.Applied++;
        status.LastApplied = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        if (isRouteChange || isFirst)
        {
            // Pods come and go all the time; that is not worth a line.
            log.Write(
                LogLevel.Info, isFirst ? "Configuration loaded." : "Configuration changed.", ("set", batch.Set.Count), ("removed", batch.Removed.Count),
                ("routes", status.Routes), ("ms", (long)elapsed.TotalMilliseconds));
        }

        status.Times.Add(report: Stopwatch.GetElapsedTime(reporting));
    }

    private void Apply()
    {
        var started = Stopwatch.GetTimestamp();
        problems = proxy.Apply(translator.Configuration);
        status.Times.Add(application: Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Loading leaves several times as much garbage as it leaves objects, and what follows makes little: nothing else would collect it.</summary>
    private static void GiveBackMemory() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    /// <summary>Whether more than endpoints changed.</summary>
    private bool Translate(IReadOnlyList<Resource> set, IReadOnlyList<Resource> removed)
    {
        var started = Stopwatch.GetTimestamp();
        translator.Apply(set, removed);
        foreach (var change in translator.Changes)
        {
            status.Routes += (change.After?.Piece.Routes.Count ?? 0) - change.Before.Piece.Routes.Count;
        }

        book.Take(translator.Changes);
        feed.Translated(translator);
        var isRouteChange = translator.Changes.Count > 0;
        translator.ForgetChanges();
        status.Times.Add(translation: Stopwatch.GetElapsedTime(started));
        return isRouteChange;
    }

    /// <summary>Logs what is newly wrong, and counts what was put right.</summary>
    private void Tell(ResourceBatch batch)
    {
        book.Take([.. Snapshot.OfSource(batch)], problems);
        var (all, gone) = book.TakeNews();
        var fresh = feed.TellsInfos ? all : [.. all.Where(diagnostic => diagnostic.Severity != DiagnosticSeverity.Info)];
        var shown = log.IsJson ? fresh.Count : ShownDiagnostics;
        foreach (var diagnostic in fresh.Count > shown ? fresh.OrderByDescending(diagnostic => diagnostic.Severity).Take(shown) : fresh)
        {
            log.Write(diagnostic);
        }

        if (fresh.Count > shown)
        {
            log.Write(LogLevel.Warning, $"… and {fresh.Count - shown} more diagnostics; polygate check lists them all.");
        }

        if (gone > 0)
        {
            log.Write(LogLevel.Info, $"{gone} earlier diagnostics no longer hold; {book.Count} remain.");
        }

        status.Errors = book.Errors;
        status.Warnings = book.Warnings;
    }

    /// <summary>Ready when every socket that the first configuration wants is bound.</summary>
    private async Task BecomeReadyAsync(CancellationToken stop)
    {
        try
        {
            while (proxy.Listeners.FirstOrDefault(listener => listener.EndPoint is null) is { } missing)
            {
                status.Waiting($"{missing.Address}: {missing.Failure}");
                await Task.Delay(ReadinessInterval, stop);
            }

            status.Ready();
        }
        catch (OperationCanceledException)
        {
        }
    }
}
