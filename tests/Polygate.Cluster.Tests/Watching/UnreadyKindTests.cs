using System.Net;
using Polygate.Kubernetes.Cluster;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Cluster.Watching;
using Polygate.Kubernetes.Resources;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Watching;

/// <summary>A kind that the API server does not serve yet is no server that is away.</summary>
public sealed class UnreadyKindTests : IDisposable
{
    private const string Initializing = "storage is (re)initializing";

    private readonly List<string> log = [];
    private readonly ManualClock clock = new();
    private readonly ConnectionReport report;
    private readonly Reflector reflector;

    public UnreadyKindTests()
    {
        report = new ConnectionReport((severity, message) => log.Add($"{severity}: {message}"), clock);
        reflector = new Reflector(null!, new ReflectorScope(WatchedKind.Of(CoreTypes.Service), "v1", "services", ""), null!, clock, report.Take);
    }

    public void Dispose() => reflector.Dispose();

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task It_is_told_of_the_kind_and_so_is_that_it_is_served_now(int code)
    {
        await using var server = await TestApiServer.StartAsync();
        await using var cluster = await TestCluster.StartAsync(server);
        TestCluster.PutService(server, "before");
        await cluster.UntilAsync(() => cluster.Names.Contains("before"));

        server.Faults.Only = (_, path) => path.EndsWith("/services", StringComparison.Ordinal);
        server.Faults.Answer(code, TimeSpan.FromSeconds(1), Initializing);
        server.DropWatches();
        await cluster.UntilAsync(() => server.Calls.Count(call => call.Status == code) > 1);
        server.Faults.Clear();
        TestCluster.PutService(server, "after");
        await cluster.UntilAsync(() => cluster.Names.Contains("after"));

        Assert.Equal(["Info: Service is not served yet by the API server, which prepares its storage; what is known of it stays.", "Info: Service is served now."], cluster.Log);
    }

    [Fact]
    public void It_is_a_warning_when_it_lasts()
    {
        Unready();
        clock.Advance(TimeSpan.FromSeconds(50));
        Unready();
        Assert.Single(log);

        clock.Advance(TimeSpan.FromSeconds(20));
        Unready();
        Unready();

        Assert.True(report.IsAvailable);
        Assert.Equal("Warning: Service is still not served by the API server after 70 s; what is known of it stays.", log[1]);
        Assert.Equal(2, log.Count);
    }

    [Fact]
    public void A_kind_that_went_and_came_again_begins_anew()
    {
        Unready();
        report.Take(new ReflectorEvent(reflector, "The API server answered 404.") { Status = HttpStatusCode.NotFound });
        clock.Advance(TimeSpan.FromMinutes(5));
        Unready();
        report.Take(new ReflectorEvent(reflector, null));

        Assert.Equal(["Info", "Warning", "Info", "Info"], log.Select(line => line.Split(':')[0]));
        Assert.Equal("Info: Service is served now.", log[^1]);
    }

    [Fact]
    public void While_the_whole_server_is_away_it_is_not_told_of_each_kind()
    {
        report.Failed("Connection refused");
        Unready();
        report.Succeeded();

        Assert.Equal(2, log.Count);
        Assert.DoesNotContain(log, line => line.Contains("Service", StringComparison.Ordinal));
    }

    [Fact]
    public void A_server_that_is_overloaded_does_not_answer_as_it_should()
    {
        Assert.False(new ApiException(HttpStatusCode.TooManyRequests, "TooManyRequests", "Too many requests, please try again later.").IsUnready);
        report.Take(new ReflectorEvent(reflector, "Too many requests") { Status = HttpStatusCode.TooManyRequests });

        Assert.False(report.IsAvailable);
    }

    private void Unready() => report.Take(new ReflectorEvent(reflector, Initializing) { Status = HttpStatusCode.TooManyRequests, IsUnready = true });
}
