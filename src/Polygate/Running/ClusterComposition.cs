using Polygate.Dialects;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Cluster;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Cluster.Snapshots;
using Polygate.Logging;
using Polygate.Model;

namespace Polygate.Running;

/// <summary>Puts together what a run against an API server needs.</summary>
internal static class ClusterComposition
{
    /// <exception cref="IOException">The API server is not configured.</exception>
    public static async Task<IGatewayFeed> FeedAsync(ClusterRunSettings settings, IReadOnlyList<IDialect> dialects, GatewayStatus status, ProgramLog log)
    {
        var api = await ApiClient.CreateAsync(settings.Server);
        log.Write(LogLevel.Info, $"Reading from the API server {api.Server}");
        if (api.SkipsVerification)
        {
            log.Write(LogLevel.Warning, "The kubeconfig turns off the verification of the API server's certificate: anyone in between can read and change everything.");
        }

        var journal = settings.Snapshot is { } file ? new ObjectJournal(file, message => log.Write(LogLevel.Warning, message)) : null;
        var source = new ClusterSource(api, KindsOf(dialects), settings.Scope, journal, (severity, message) => log.Write(LevelOf(severity), message));
        status.WaitingBySource = () => source.WaitingFor;
        return new ClusterFeed(source);
    }

    private static List<WatchedKind> KindsOf(IReadOnlyList<IDialect> dialects)
    {
        var statuses = ClusterAccess.StatusesOf(dialects).Select(written => written.Type).ToHashSet();
        return [.. dialects.SelectMany(dialect => ClusterAccess.Of(dialect).Reads).Distinct()
            .Select(type => WatchedKind.Of(type) with { KeepsStatus = statuses.Contains(type) })];
    }

    private static LogLevel LevelOf(DiagnosticSeverity severity) => severity switch
    {
        DiagnosticSeverity.Error => LogLevel.Error,
        DiagnosticSeverity.Warning => LogLevel.Warning,
        _ => LogLevel.Info,
    };
}
