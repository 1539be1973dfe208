using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Cluster.Api;

/// <summary>A kind as the API server has it.</summary>
/// <param name="Version">The version of those understood that it is best asked for.</param>
/// <param name="Plural">The resource's name in URLs.</param>
/// <param name="HasStatus">Whether the status is a resource of its own (the <c>status</c> subresource).</param>
public sealed record ServedKind(string Version, string Plural, bool HasStatus);

/// <summary>
/// Finds out which kinds the API server has: with one conditional request where it offers aggregated discovery (Kubernetes 1.30 and
/// later), otherwise by group and version. One thread at a time.
/// </summary>
internal sealed class ApiDiscovery
{
    private readonly ApiClient api;
    private readonly IReadOnlyList<ResourceType> types;
    private EntityTagHeaderValue? known;
    private IReadOnlyDictionary<ResourceType, ServedKind> last = new Dictionary<ResourceType, ServedKind>();

    public ApiDiscovery(ApiClient api, IReadOnlyList<ResourceType> types)
    {
        this.api = api;
        this.types = types;
    }

    /// <summary>The kinds that there are now.</summary>
    /// <exception cref="ApiException">The server answered with an error.</exception>
    /// <exception cref="JsonException">The answer cannot be read.</exception>
    public async Task<IReadOnlyDictionary<ResourceType, ServedKind>> FindAsync(CancellationToken cancellation)
    {
        using var response = await api.SendAsync(HttpMethod.Get, "apis", null, Prepare, cancellation).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotModified)
        {
            return last;
        }

        var body = new BodyBuffer();
        await body.FillAsync(response, api.Settings.BodyTimeout, cancellation).ConfigureAwait(false);
        using var document = JsonDocument.Parse(body.Memory);
        var served = Text(document.RootElement, "kind") == "APIGroupDiscoveryList"
            ? Aggregated(document.RootElement)
            : await ByVersionAsync(document.RootElement, cancellation).ConfigureAwait(false);
        last = Choose(served);
        known = response.Headers.ETag;
        return last;
    }

    private void Prepare(HttpRequestHeaders headers)
    {
        headers.Accept.Clear();
        headers.TryAddWithoutValidation("Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json");
        if (known is not null)
        {
            headers.IfNoneMatch.Add(known);
        }
    }

    /// <summary>The core group is always there.</summary>
    private Dictionary<ResourceType, ServedKind> Choose(Dictionary<(string Group, string Version, string Kind), ServedKind> served)
    {
        var chosen = new Dictionary<ResourceType, ServedKind>();
        foreach (var type in types)
        {
            var found = type.Group.Length == 0
                ? new ServedKind(type.Versions[0], type.Plural, HasStatus: true)
                : type.Versions.Select(version => served.GetValueOrDefault((type.Group, version, type.Kind))).FirstOrDefault(kind => kind is not null);
            if (found is not null)
            {
                chosen[type] = found;
            }
        }

        return chosen;
    }

    private static Dictionary<(string Group, string Version, string Kind), ServedKind> Aggregated(JsonElement root)
    {
        var served = new Dictionary<(string, string, string), ServedKind>();
        foreach (var group in Items(root, "items"))
        {
            var name = group.TryGetProperty("metadata", out var metadata) ? Text(metadata, "name") : "";
            foreach (var version in Items(group, "versions"))
            {
                foreach (var resource in Items(version, "resources"))
                {
                    var kind = resource.TryGetProperty("responseKind", out var response) ? Text(response, "kind") : "";
                    var hasStatus = Items(resource, "subresources").Any(item => Text(item, "subresource") == "status");
                    served[(name, Text(version, "version"), kind)] = new ServedKind(Text(version, "version"), Text(resource, "resource"), hasStatus);
                }
            }
        }

        return served;
    }

    private async Task<Dictionary<(string Group, string Version, string Kind), ServedKind>> ByVersionAsync(JsonElement root, CancellationToken cancellation)
    {
        var wanted = types.SelectMany(type => type.Versions.Select(version => (type.Group, Version: version))).ToHashSet();
        var served = new Dictionary<(string, string, string), ServedKind>();
        foreach (var group in Items(root, "groups"))
        {
            var name = Text(group, "name");
            foreach (var version in Items(group, "versions").Select(item => Text(item, "version")).Where(version => wanted.Contains((name, version))))
            {
                using var document = JsonDocument.Parse(
                    await api.ReadAsync(HttpMethod.Get, $"apis/{name}/{version}", null, cancellation).ConfigureAwait(false));
                Add(served, name, version, document.RootElement);
            }
        }

        return served;
    }

    private static void Add(Dictionary<(string Group, string Version, string Kind), ServedKind> served, string group, string version, JsonElement list)
    {
        var names = Items(list, "resources").Select(item => Text(item, "name")).ToHashSet();
        foreach (var resource in Items(list, "resources"))
        {
            var plural = Text(resource, "name");
            if (!plural.Contains('/', StringComparison.Ordinal))
            {
                served[(group, version, Text(resource, "kind"))] = new ServedKind(version, plural, names.Contains(plural + "/status"));
            }
        }
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray()
            : default;

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";
}
