using System.Net.Http.Headers;
using Polygate.Kubernetes.Cluster.Api;

namespace Polygate.Kubernetes.Cluster.Watching;

/// <summary>Lists a collection page by page, so that neither side holds all of it at once.</summary>
internal static class ListPages
{
    private const int PageSize = 500;

    /// <summary>Reads every page.</summary>
    /// <param name="api">The server.</param>
    /// <param name="collection">The collection's path.</param>
    /// <param name="selectors">Selectors as they stand in a query, each with an ampersand before it.</param>
    /// <param name="prepare">Adds header fields; null for none.</param>
    /// <param name="buffer">Holds a page.</param>
    /// <param name="take">Gets each object's JSON.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The resource version of the list.</returns>
    public static async Task<string> ReadAsync(
        ApiClient api, string collection, string selectors, Action<HttpRequestHeaders>? prepare, BodyBuffer buffer, Action<ReadOnlyMemory<byte>> take, CancellationToken cancellation)
    {
        var next = "";
        string version;
        do
        {
            var path = $"{collection}?limit={PageSize}{selectors}{(next.Length == 0 ? "" : "&continue=" + Uri.EscapeDataString(next))}";
            using var response = await api.SendAsync(HttpMethod.Get, path, null, prepare, cancellation).ConfigureAwait(false);
            await buffer.FillAsync(response, api.Settings.BodyTimeout, cancellation).ConfigureAwait(false);
            var page = ListPage.Read(buffer.Memory.Span);
            foreach (var item in page.Items)
            {
                take(buffer.Memory[item]);
            }

            (version, next) = (page.Version, page.Continue);
        }
        while (next.Length > 0);
        return version;
    }
}
