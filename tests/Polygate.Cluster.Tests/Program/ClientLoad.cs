using System.Collections.Concurrent;
using Polygate.EndToEnd.Tests;

namespace Polygate.Cluster.Tests.Program;

/// <summary>Clients that ask one after the other for as long as it lives, and what went wrong for them.</summary>
internal sealed class ClientLoad : IAsyncDisposable
{
    private const int Clients = 4;

    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<string> failures = new();
    private readonly List<Task<int>> clients;

    private ClientLoad(GatewayProcess gateway, string url) => clients = [.. Enumerable.Range(0, Clients).Select(_ => RunAsync(gateway, url))];

    public static ClientLoad Start(GatewayProcess gateway, string url) => new(gateway, url);

    /// <summary>Ends it; returns how many requests were answered.</summary>
    public async Task<int> AssertNothingFailedAsync()
    {
        await stop.CancelAsync();
        var requests = (await Task.WhenAll(clients)).Sum();
        Assert.True(failures.IsEmpty, $"{failures.Count} of {requests} requests failed: {string.Join("; ", failures.Distinct().Take(3))}");
        Assert.True(requests > 0);
        return requests;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        stop.Dispose();
    }

    private async Task<int> RunAsync(GatewayProcess gateway, string url)
    {
        var count = 0;
        for (; !stop.IsCancellationRequested; count++)
        {
            try
            {
                using var answer = await gateway.GetAsync(url);
                if (!answer.IsSuccessStatusCode)
                {
                    failures.Enqueue($"{(int)answer.StatusCode}");
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                failures.Enqueue(exception.Message);
            }

            // Steady load, not as much as there can be: other tests run beside.
            await Task.Delay(2, CancellationToken.None);
        }

        return count;
    }
}
