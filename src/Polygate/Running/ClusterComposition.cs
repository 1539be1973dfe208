using Polygate.Dialects;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Cluster;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Cluster.Events;
using Polygate.Kubernetes.Cluster.Leadership;
using Polygate.Kubernetes.Cluster.Objects;
using Polygate.Kubernetes.Cluster.Snapshots;
using Polygate.Kubernetes.Cluster.Statuses;
using Polygate.Kubernetes.Resources;
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
        var source = new ClusterSource(api, KindsOf(dialects, settings), settings.Scope, journal, Report);
        status.WaitingBySource = () => source.WaitingFor;
        StatusWriter? writer = null;
        ObjectWriter? objects = null;
        EventFeed? events = null;
        var leader = LeaderOf(settings, api);
        var elector = new LeaderElector(api, leader, OnLeadership, Report);
        var recorder = new EventRecorder(api, elector, settings.ControllerName, leader.Identity);
        events = new EventFeed(recorder, source, dialects.SelectMany(dialect => dialect.ResourceTypes).Distinct());
        writer = new StatusWriter(
            api, source, ClusterAccess.StatusesOf(dialects), new StatusIdentity(settings.ControllerName), elector, Report);
        objects = settings.GatewayServices ? new ObjectWriter(api, elector, Report) : null;
        status.Cluster = () => new ClusterCounts(source.IsAvailable, elector.IsLeader, api.Requests, api.Failures, writer.Writes);
        return new ClusterFeed(new ClusterParts(api, source, elector, writer, recorder, events, new PublishedAddresses(settings.Addresses), settings.KnownClasses) { Objects = objects, ControllerName = settings.ControllerName });

        void OnLeadership(bool isLeader)
        {
            if (isLeader)
            {
                writer!.LookAtAll();
                objects?.LookAtAll();
                events!.TellAll();
            }
        }

        void Report(DiagnosticSeverity severity, string message) => log.Write(LevelOf(severity), message);
    }

    private static LeaderSettings LeaderOf(ClusterRunSettings settings, ApiClient api) => new(
        settings.LeaderElectionNamespace ?? Variable("POD_NAMESPACE") ?? api.Namespace,
        settings.LeaderElectionName,
        $"{Variable("POD_NAME") ?? Environment.MachineName}_{Guid.NewGuid():N}");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static List<WatchedKind> KindsOf(IReadOnlyList<IDialect> dialects, ClusterRunSettings settings)
    {
        var statuses = ClusterAccess.StatusesOf(dialects).Select(written => written.Type).ToHashSet();
        var own = new List<ResourceType>();
        if (settings.Addresses.Service is not null)
        {
            own.Add(CoreTypes.Service);
        }

        if (settings.Addresses.Nodes)
        {
            own.Add(CoreTypes.Node);
        }

        return [.. dialects.SelectMany(dialect => ClusterAccess.Of(dialect).Reads).Concat(own).Distinct()
            .Where(type => type.Namespaced || !settings.NamespacedOnly)
            .Select(type => WatchedKind.Of(type) with
            {
                KeepsStatus = statuses.Contains(type),
                OwnObject = type == CoreTypes.Service ? settings.Addresses.Service : null,
            })];
    }

    private static LogLevel LevelOf(DiagnosticSeverity severity) => severity switch
    {
        DiagnosticSeverity.Error => LogLevel.Error,
        DiagnosticSeverity.Warning => LogLevel.Warning,
        _ => LogLevel.Info,
    };
}
