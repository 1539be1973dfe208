using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Cluster;
using Polygate.Kubernetes.Cluster.Events;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Running;

/// <summary>Has users told, on their objects, what is newly wrong with them. Safe to use from several threads.</summary>
internal sealed class EventFeed
{
    private readonly EventRecorder recorder;
    private readonly ClusterSource source;
    private readonly ILookup<string, ResourceType> types;
    private readonly Lock gate = new();

    /// <summary>What a new leader has to tell: what is wrong now, by dialect and root.</summary>
    private readonly Dictionary<(string Dialect, ResourceKey Root), IReadOnlyList<Diagnostic>> current = [];

    public EventFeed(EventRecorder recorder, ClusterSource source, IEnumerable<ResourceType> types)
    {
        this.recorder = recorder;
        this.source = source;
        this.types = types.ToLookup(type => type.Kind);
    }

    /// <summary>Takes in what was translated again.</summary>
    public void Take(IEnumerable<TranslationChange> changes)
    {
        lock (gate)
        {
            foreach (var change in changes)
            {
                if (change.After is { Diagnostics.Count: > 0 } after && after.Diagnostics.Where(diagnostic => diagnostic.Severity != DiagnosticSeverity.Info).ToList() is { Count: > 0 } matters)
                {
                    current[(change.Dialect, change.Root)] = matters;
                    Tell(change.Root, matters.Except(change.Before.Diagnostics));
                }
                else
                {
                    current.Remove((change.Dialect, change.Root));
                }
            }
        }
    }

    /// <summary>Tells everything that is wrong; to be called when this replica becomes the leader.</summary>
    public void TellAll()
    {
        lock (gate)
        {
            foreach (var ((_, root), diagnostics) in current)
            {
                Tell(root, diagnostics);
            }
        }
    }

    private void Tell(ResourceKey root, IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
        {
            Tell(root, diagnostic);
        }
    }

    /// <summary>A diagnostic names the kind without its group; the root's is tried first.</summary>
    private void Tell(ResourceKey root, Diagnostic diagnostic)
    {
        var origin = diagnostic.Origin;
        foreach (var type in types[origin.Kind].OrderByDescending(type => type.Group == root.Group))
        {
            if (source.Served(type) is { } served && source.Find(type, origin.Namespace, origin.Name) is { } live)
            {
                recorder.Add(live.Resource, type.Group.Length == 0 ? served.Version : $"{type.Group}/{served.Version}", diagnostic);
                return;
            }
        }
    }
}
