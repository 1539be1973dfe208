using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Sources;
using Polygate.Kubernetes.Store;
using Polygate.Logging;

namespace Polygate.Running;

/// <summary>A folder of manifests, with the echo backends that it asks for.</summary>
internal sealed class FolderFeed : IGatewayFeed
{
    private static readonly ResourceBatch Nothing = new([], [], [], [], []);

    private readonly FolderSource source;
    private readonly EchoBackends echo;

    public FolderFeed(string folder, IReadOnlyList<IDialect> dialects, ProgramLog log)
    {
        source = new FolderSource(folder, Composition.Reader(dialects));
        echo = new EchoBackends(log);
    }

    public IReadOnlySet<Type> OnDemand { get; } = new HashSet<Type>();

    public bool TellsInfos => true;

    public bool WritesStatuses => false;

    public IAsyncEnumerable<ResourceBatch> WatchAsync(CancellationToken cancellation) => source.WatchAsync(cancellation);

    public Task<ResourceBatch> SatisfyAsync(IReadOnlyDictionary<Dependency, bool> demands, CancellationToken cancellation) => Task.FromResult(Nothing);

    public void Translated(Translator translator)
    {
    }

    public Task PrepareAsync(Translator translator) => echo.UpdateAsync(translator.Resources);

    public void Served(Translator translator)
    {
    }

    public ValueTask DisposeAsync() => echo.DisposeAsync();
}
