using System.Collections.Concurrent;
using Polygate.Kubernetes.Cluster;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Watching;

/// <summary>A <see cref="ClusterSource"/> on a test's API server, without the gateway around it.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly string kubeconfig;
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<ResourceBatch> batches = new();
    private readonly ClusterSource source;
    private readonly Task running;

    private TestCluster(string kubeconfig, ApiClient api, IReadOnlyList<WatchedKind> kinds)
    {
        this.kubeconfig = kubeconfig;
        Api = api;
        source = new ClusterSource(api, kinds, WatchScope.All, null, (severity, message) => Log.Enqueue($"{severity}: {message}"));
        running = Task.Run(async () =>
        {
            await foreach (var batch in source.WatchAsync(stop.Token))
            {
                batches.Enqueue(batch);
            }
        });
    }

    public ApiClient Api { get; }

    /// <summary>What was worth a log line.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    /// <summary>The names of everything that came, in order.</summary>
    public IEnumerable<string> Names => batches.SelectMany(batch => batch.Set).Select(resource => resource.Name);

    /// <summary>The names of everything that went, in order.</summary>
    public IEnumerable<string> Gone => batches.SelectMany(batch => batch.Removed).Select(resource => resource.Name);

    public static async Task<TestCluster> StartAsync(TestApiServer server, Func<ClusterSettings, ClusterSettings>? settings = null)
    {
        var kubeconfig = Path.GetTempFileName();
        await File.WriteAllTextAsync(kubeconfig, server.Kubeconfig());
        var asked = new ClusterSettings(kubeconfig);
        return new TestCluster(kubeconfig, await ApiClient.CreateAsync(settings?.Invoke(asked) ?? asked), [WatchedKind.Of(CoreTypes.Service)]);
    }

    public static void PutService(TestApiServer server, string name) =>
        server.Write(Manifests.Parse($"{{ apiVersion: v1, kind: Service, metadata: {{ name: {name} }}, spec: {{ ports: [{{ port: 80 }}] }} }}").Single());

    /// <summary>Waits until something holds; fails after half a minute.</summary>
    public async Task UntilAsync(Func<bool> holds)
    {
        for (var i = 0; !holds(); i++)
        {
            Assert.True(i < 1500, $"It did not come true within 30 s.\n{string.Join('\n', Log)}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await source.DisposeAsync();
        Api.Dispose();
        stop.Dispose();
        File.Delete(kubeconfig);
    }
}
