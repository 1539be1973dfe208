using System.Diagnostics;
using Polygate.Admin;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Sources;
using Polygate.Logging;
using Polygate.Model;
using Polygate.Proxy;

namespace Polygate.Running;

/// <summary>A gateway fed from a folder: from the first configuration to the last request.</summary>
internal sealed class Gateway : IAsyncDisposable
{
    private static readonly TimeSpan ReadinessInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>What people are shown of a change at once; programs get everything.</summary>
    private const int ShownDiagnostics = 100;

    private readonly RunSettings settings;
    private readonly ProgramLog log;
    private readonly StartReport report;
    private readonly Translator translator;
    private readonly ProxyServer proxy;
    private readonly EchoBackends echo;
    private readonly AccessLog? accessLog;
    private readonly GatewayStatus status = new();
    private HashSet<Diagnostic> known = [];
    private IReadOnlyList<Diagnostic> problems = [];

    /// <param name="settings">What the command line says.</param>
    /// <param name="log">The program's log.</param>
    /// <param name="report">Tells the user what is served.</param>
    /// <param name="accessOutput">Where the access log goes.</param>
    public Gateway(RunSettings settings, ProgramLog log, StartReport report, Stream accessOutput)
    {
        this.settings = settings;
        this.log = log;
        this.report = report;
        translator = new Translator(settings.Dialects);
        echo = new EchoBackends(log);
        accessLog = settings.AccessLog is { } format ? new AccessLog(accessOutput, format, TimeProvider.System) : null;
        proxy = new ProxyServer(Composition.ProxyOptions(settings, accessLog, log));
    }

    /// <summary>Runs until asked to stop, then ends every request under way.</summary>
    /// <exception cref="IOException">The admin port cannot be bound.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        await using var admin = await AdminServer.StartAsync(settings.Admin, status, proxy);
        var source = new FolderSource(settings.Folder, Composition.Reader(settings.Dialects));
        var readiness = Task.CompletedTask;
        try
        {
            var isFirst = true;
            await foreach (var batch in source.WatchAsync(stop))
            {
                await TakeAsync(batch, isFirst);
                if (isFirst)
                {
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
        await echo.DisposeAsync();
        if (accessLog is not null)
        {
            accessLog.Dispose();
        }
    }

    private async Task TakeAsync(ResourceBatch batch, bool isFirst)
    {
        if (batch.IsEmpty && !isFirst)
        {
            return;
        }

        var started = Stopwatch.GetTimestamp();
        var configuration = translator.Apply(batch.Set, batch.Removed);
        await echo.UpdateAsync(translator.Resources);
        problems = proxy.Apply(configuration);
        var elapsed = Stopwatch.GetElapsedTime(started);
        if (batch.Moved.Count > 0)
        {
            // Only lines changed: where things are written follows once what they do is in effect.
            problems = proxy.Apply(translator.Apply(batch.Moved, []));
        }

        status.Objects += batch.Set.Count - batch.Removed.Count;
        status.Routes = configuration.Pieces.Values.Sum(piece => piece.Routes.Count);
        status.Applied++;
        status.LastApplied = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        log.Write(
            LogLevel.Info, isFirst ? "Configuration loaded." : "Configuration changed.", ("set", batch.Set.Count), ("removed", batch.Removed.Count),
            ("routes", status.Routes), ("ms", (long)elapsed.TotalMilliseconds));
    }

    /// <summary>Logs what is newly wrong, and counts what was put right.</summary>
    private void Tell(ResourceBatch batch)
    {
        var all = Snapshot.InOrder(Snapshot.OfSource(batch).Concat(translator.Diagnostics).Concat(problems));
        var fresh = all.Where(diagnostic => !known.Contains(diagnostic)).ToList();
        var shown = log.IsJson ? fresh.Count : ShownDiagnostics;
        foreach (var diagnostic in fresh.Count > shown ? fresh.OrderByDescending(diagnostic => diagnostic.Severity).Take(shown) : fresh)
        {
            log.Write(diagnostic);
        }

        if (fresh.Count > shown)
        {
            log.Write(LogLevel.Warning, $"… and {fresh.Count - shown} more diagnostics; polygate check lists them all.");
        }

        var now = all.ToHashSet();
        var gone = known.Count(diagnostic => !now.Contains(diagnostic));
        if (gone > 0)
        {
            log.Write(LogLevel.Info, $"{gone} earlier diagnostics no longer hold; {now.Count} remain.");
        }

        known = now;
        status.Errors = now.Count(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        status.Warnings = now.Count(diagnostic => diagnostic.Severity == DiagnosticSeverity.Warning);
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
