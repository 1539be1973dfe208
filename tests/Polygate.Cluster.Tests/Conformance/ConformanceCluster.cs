using System.Text.Json.Nodes;
using Polygate.Testing;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Conformance;

/// <summary>The API server of one conformance test: the Gateway API's own definitions (experimental channel), and the objects of the test.</summary>
internal sealed class ConformanceCluster : IAsyncDisposable
{
    /// <summary>Read once: they are large.</summary>
    private static readonly Lazy<IReadOnlyList<JsonObject>> Definitions = new(() =>
        [.. Directory.GetFiles(Path.Combine(ConformanceManifests.Definitions()!, "experimental"), "*.yaml").SelectMany(file => Manifests.Parse(File.ReadAllText(file)))]);

    private readonly HttpClient client;

    private ConformanceCluster(TestApiServer server, ClusterClock clock)
    {
        Server = server;
        Clock = clock;
        client = server.CreateClient();
        foreach (var definition in Definitions.Value)
        {
            server.Write(definition);
        }
    }

    public TestApiServer Server { get; }

    /// <summary>The clock of creation times, which count seconds.</summary>
    public ClusterClock Clock { get; }

    public static async Task<ConformanceCluster> StartAsync()
    {
        var clock = new ClusterClock();
        return new(await TestApiServer.StartAsync(clock, allowsLoopbackEndpoints: true), clock);
    }

    /// <summary>Objects that are new or changed.</summary>
    public void Write(JsonObject manifest) => Server.Write(manifest);

    /// <summary>An object that is to go.</summary>
    public void Delete(string kind, string ns, string name)
    {
        var (plural, group, _, isNamespaced) = ResourceOf(kind);
        Server.Delete(group.Length == 0 ? plural : $"{plural}.{group}", isNamespaced ? ns : "", name);
    }

    /// <summary>An object as it is now.</summary>
    public Task<JsonObject> GetAsync(string kind, string ns, string name) => ReadAsync($"{PathOf(kind, ns)}/{name}");

    /// <summary>The objects of a kind and namespace that a label selector selects.</summary>
    public async Task<IReadOnlyList<JsonObject>> LabelledAsync(string kind, string ns, string selector) =>
        [.. (await ReadAsync($"{PathOf(kind, ns)}?labelSelector={Uri.EscapeDataString(selector)}"))["items"]!.AsArray().Select(item => item!.AsObject())];

    /// <summary>All objects of the Gateway API's kinds.</summary>
    public async Task<IReadOnlyList<JsonObject>> AllAsync()
    {
        var all = new List<JsonObject>();
        foreach (var definition in Definitions.Value)
        {
            var (plural, group, version, _) = Of(definition);
            all.AddRange((await ReadAsync($"apis/{group}/{version}/{plural}"))["items"]!.AsArray().Select(item => item!.AsObject()));
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await Server.DisposeAsync();
    }

    private static string PathOf(string kind, string ns)
    {
        var (plural, group, version, isNamespaced) = ResourceOf(kind);
        return $"{(group.Length == 0 ? "api" : "apis/" + group)}/{version}/{(isNamespaced ? $"namespaces/{ns}/" : "")}{plural}";
    }

    private async Task<JsonObject> ReadAsync(string path) => JsonNode.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative)))!.AsObject();

    private static (string Plural, string Group, string Version, bool IsNamespaced) ResourceOf(string kind) =>
        Definitions.Value.FirstOrDefault(definition => (string?)definition["spec"]!["names"]!["kind"] == kind) is { } custom ? Of(custom) : (kind.ToLowerInvariant() + "s", "", "v1", true);

    private static (string Plural, string Group, string Version, bool IsNamespaced) Of(JsonObject definition)
    {
        var spec = definition["spec"]!;
        var stored = spec["versions"]!.AsArray().First(version => (bool?)version!["storage"] == true)!;
        return ((string)spec["names"]!["plural"]!, (string)spec["group"]!, (string)stored["name"]!, (string?)spec["scope"] == "Namespaced");
    }
}

/// <summary>The system's clock, ahead by as much as is said.</summary>
internal sealed class ClusterClock : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}
