using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Cluster.Watching;
using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Cluster;

/// <summary>Reads objects once, without watching them; writes nothing.</summary>
public sealed class ClusterReader
{
    /// <summary>How often a list is begun anew whose pages the server no longer has.</summary>
    private const int MostLists = 3;

    private readonly ApiClient api;

    public ClusterReader(ApiClient api) => this.api = api;

    /// <summary>All objects of a kind, in pages.</summary>
    /// <param name="type">The kind, in its preferred version.</param>
    /// <param name="ns">The namespace; empty for all, and for kinds without one.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ApiException">The answer is an error, such as that the list is forbidden.</exception>
    /// <exception cref="HttpRequestException">There is no answer.</exception>
    /// <exception cref="TimeoutException">There is no answer in time.</exception>
    /// <exception cref="System.Text.Json.JsonException">The answer does not fit the kind.</exception>
    public async Task<IReadOnlyList<Resource>> ListAsync(ResourceType type, string ns, CancellationToken cancellation)
    {
        var version = type.Versions[0];
        for (var i = 1; ; i++)
        {
            var found = new List<Resource>();
            try
            {
                await ListPages.ReadAsync(
                    api, ApiPath.Collection(type.Group, version, type.Plural, ns), "", null, new BodyBuffer(), json => found.Add(Read(type, json.Span)), cancellation).ConfigureAwait(false);
                return found;
            }
            catch (ApiException exception) when (exception.IsExpired && i < MostLists)
            {
                // The pages are of a state that the server has dropped meanwhile.
            }
        }
    }

    /// <summary>One object; null where there is none.</summary>
    /// <inheritdoc cref="ListAsync"/>
    public async Task<Resource?> GetAsync(ResourceType type, string ns, string name, CancellationToken cancellation)
    {
        try
        {
            return Read(type, (await api.ReadAsync(HttpMethod.Get, ApiPath.Object(type, ns, name), null, cancellation).ConfigureAwait(false)).Span);
        }
        catch (ApiException exception) when (exception.IsNotFound)
        {
            return null;
        }
    }

    private static Resource Read(ResourceType type, ReadOnlySpan<byte> json)
    {
        var resource = type.Read(json, type.Versions[0]);
        WatchedKind.Trim(resource);
        return resource;
    }
}
