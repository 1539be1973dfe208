using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Sources;
using Polygate.Kubernetes.Store;

namespace Polygate.Running;

/// <summary>Where a running gateway's objects come from, and who hears what became of them. Called by one thread.</summary>
internal interface IGatewayFeed : IAsyncDisposable
{
    /// <summary>Types of which only what translations look up is given.</summary>
    IReadOnlySet<Type> OnDemand { get; }

    /// <summary>Whether people are told of diagnostics that ask for nothing: beside their own files they want to know, of a cluster with thousands of objects not.</summary>
    bool TellsInfos { get; }

    /// <summary>Whether statuses are written to where objects come from.</summary>
    bool WritesStatuses { get; }

    /// <summary>Everything as the first batch, then changes, until cancelled.</summary>
    IAsyncEnumerable<ResourceBatch> WatchAsync(CancellationToken cancellation);

    /// <summary>Objects of the types on demand that are looked up now, or no longer are.</summary>
    Task<ResourceBatch> SatisfyAsync(IReadOnlyDictionary<Dependency, bool> demands, CancellationToken cancellation);

    /// <summary>A translation was done; its changes are those of the translator.</summary>
    void Translated(Translator translator);

    /// <summary>All of a batch was translated, and is to be served next.</summary>
    Task PrepareAsync(Translator translator);

    /// <summary>All of a batch is served.</summary>
    void Served(Translator translator);
}
