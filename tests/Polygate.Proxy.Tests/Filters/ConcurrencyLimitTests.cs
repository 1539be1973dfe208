using Polygate.Model;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Tests.Forwarding;
using Polygate.Proxy.Tests.Routing;

namespace Polygate.Proxy.Tests.Filters;

/// <summary>Limits on what is under way at one time.</summary>
public sealed class ConcurrencyLimitTests() : ProxyTests(TransportKind.Native)
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task As_many_as_allowed_are_served_and_a_place_is_free_again_with_the_answer()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new TestBackend(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await release.Task;
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
        });
        await using var proxy = To(backend, filters: new ConcurrencyLimitFilter(2) { RejectStatus = 429 });
        var clients = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => proxy.ConnectAsync()));
        foreach (var client in clients)
            await client.SendAsync(Get);

        // The refused ones are answered while the others still wait.
        var answers = clients.Select(client => client.ReadResponseAsync()).ToList();
        while (answers.Where(answer => !answer.IsCompleted).ToList() is { Count: > 2 } missing)
            await Task.WhenAny(missing);

        release.SetResult();
        var statuses = (await Task.WhenAll(answers)).Select(answer => answer.Status).Order();
        Assert.Equal([200, 200, 429, 429, 429, 429], statuses);
        await clients[0].SendAsync(Get);
        Assert.Equal(200, (await clients[0].ReadResponseAsync()).Status);
        foreach (var client in clients)
            client.Dispose();
    }

    [Fact]
    public async Task Keys_are_counted_apart_and_requests_without_a_key_not_at_all()
    {
        var runtime = new RuntimeState();
        var filter = new ConcurrencyLimitFilter(1) { Key = TextTemplate.Of(TextSource.Header, "X-Key") };

        Assert.Null(await StatusOf("a"));
        Assert.Equal(503, await StatusOf("a"));
        Assert.Null(await StatusOf("b"));
        Assert.Null(await StatusOf(null));
        Assert.Null(await StatusOf(null));

        async Task<int?> StatusOf(string? key)
        {
            (string, string)[] headers = key is null ? [] : [("X-Key", key)];
            return (await FilterRun.Run(RoutingSamples.Request("a.test/", "GET", headers), runtime, filter)).Reply?.Status;
        }
    }

    [Fact]
    public async Task Any_of_several_demands_is_enough()
    {
        var networks = new AddressAccessFilter { Allow = ["10.0.0.0/8"] };
        var password = new BasicAuthenticationFilter([new PasswordHash("u", "{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=")]);
        var any = new AnyOfFilter([password, networks]);

        var refused = await FilterRun.Run(RoutingSamples.Request("a.test/"), any);
        var known = await FilterRun.Run(RoutingSamples.Request("a.test/", "GET", ("Authorization", "Basic dTp0ZXN0")), any);
        var near = await FilterRun.Run(RoutingSamples.Request("a.test/"), new AnyOfFilter([password, networks with { Allow = ["0.0.0.0/0"] }]));

        Assert.Equal(401, refused.Reply!.Status);
        Assert.Null(known.Reply);
        Assert.Null(near.Reply);
    }
}
