using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Polygate.Logging;
using Polygate.Model;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Upstreams;

namespace Polygate.Tests;

public sealed class AccessLogTests
{
    [Fact]
    public void A_request_is_a_JSON_object()
    {
        var line = JsonNode.Parse(Line(AccessLogFormat.Json, "/a\"b\n", "x=1"))!;

        Assert.Equal(("192.0.2.1", "GET", "shop.example.com", "/a\"b\n", "x=1", "HTTP/1.1"),
            ((string?)line["client"], (string?)line["method"], (string?)line["host"], (string?)line["path"], (string?)line["query"], (string?)line["protocol"]));
        Assert.Equal((200, 5, 7, "no route"), ((int)line["status"]!, (int)line["durationMs"]!, (int)line["responseBytes"]!, (string?)line["reason"]));
    }

    [Theory]
    [InlineData(nameof(AccessLogFormat.Json), null, null, null)]
    [InlineData(nameof(AccessLogFormat.JsonTimes), 0, 3, 4)]
    public async Task Times_of_the_backend_are_told_where_they_are_wanted(string format, int? connect, int? head, int? end)
    {
        var line = await ForwardedAsync(format, new AttemptTimes(0, 3, 4));

        Assert.Equal((connect, head, end), ((int?)line["connectMs"], (int?)line["headMs"], (int?)line["backendMs"]));
    }

    [Fact]
    public async Task What_an_attempt_did_not_come_to_is_left_out()
    {
        var line = await ForwardedAsync(nameof(AccessLogFormat.JsonTimes), new AttemptTimes(end: 4));

        Assert.Equal((null, null, 4), ((int?)line["connectMs"], (int?)line["headMs"], (int?)line["backendMs"]));
    }

    [Fact]
    public void A_request_is_a_line_of_the_Common_Log_Format_that_nobody_can_forge() =>
        Assert.Matches(
            """^192\.0\.2\.1 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET /a\\x22b\\x0A\?x=1 HTTP/1\.1" 200 7\n$""",
            Line(AccessLogFormat.Common, "/a\"b\n", "x=1"));

    [Fact]
    public void Every_line_of_every_thread_is_written_whole()
    {
        using var output = new MemoryStream();
        using (var log = new AccessLog(output, AccessLogFormat.Common, TimeProvider.System))
        {
            Parallel.For(0, 4, thread =>
            {
                for (var i = 0; i < 500; i++)
                {
                    Write(log, $"/{thread}/{i}", "");
                }
            });
            Assert.Equal(0, log.Dropped);
        }

        var lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2000, lines.Distinct().Count());
        Assert.All(lines, line => Assert.Matches("""^192\.0\.2\.1 - - \[.{26}\] "GET /\d/\d+\? HTTP/1\.1" 200 7$""", line));
    }

    /// <summary>A batch may make the log's buffer grow, which ends; a line that allocates would do so in every batch.</summary>
    [Theory]
    [InlineData(nameof(AccessLogFormat.Json))]
    [InlineData(nameof(AccessLogFormat.JsonTimes))]
    [InlineData(nameof(AccessLogFormat.Common))]
    public async Task Lines_allocate_nothing(string format)
    {
        await using var state = new RuntimeState();
        var (route, endpoint) = RouteWithEndpoint(state);
        using var log = new AccessLog(Stream.Null, Enum.Parse<AccessLogFormat>(format), new StandingClock());
        var request = Request("x=1");
        var times = new AttemptTimes(0, 3, 4);
        var least = long.MaxValue;
        for (var batch = 0; batch < 50; batch++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var line = 0; line < 100; line++)
            {
                log.Log(Forwarded(request, route, endpoint, times));
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    private static async Task<JsonNode> ForwardedAsync(string format, AttemptTimes times)
    {
        await using var state = new RuntimeState();
        var (route, endpoint) = RouteWithEndpoint(state);
        using var output = new MemoryStream();
        using (var log = new AccessLog(output, Enum.Parse<AccessLogFormat>(format), TimeProvider.System))
        {
            log.Log(Forwarded(Request("x=1"), route, endpoint, times));
        }

        return JsonNode.Parse(output.ToArray())!;
    }

    private static AccessLogEntry Forwarded(RequestHead request, CompiledRoute route, UpstreamEndpoint endpoint, AttemptTimes times) => new()
    {
        Request = request,
        Path = "/checkout"u8,
        Status = 200,
        Version = Proxy.Http.HttpVersion.Http11,
        Duration = 5,
        RequestBodyBytes = 0,
        ResponseBodyBytes = 7,
        Route = route,
        Endpoint = endpoint,
        Attempts = 1,
        Times = times,
        Reason = "",
    };

    private static (CompiledRoute Route, UpstreamEndpoint Endpoint) RouteWithEndpoint(RuntimeState state)
    {
        var origin = new Origin("test", "Test", "default", "test");
        var match = new RouteMatch(HostPattern.Any, PathPattern.Any, [], new RoutePrecedence([]));
        var piece = new ConfigurationPiece("piece")
        {
            Routes =
            [
                new Route(
                    "route", origin, "test", 0, [new RouteBinding(new ListenerKey(80), HostPattern.Any, [match])], [],
                    new ForwardAction([new WeightedBackend("backend")])),
            ],
            Backends = [new Backend("backend", new StaticEndpoints([new Endpoint("127.0.0.1", 8080)]))],
        };
        var configuration = new GatewayConfiguration { Pieces = GatewayConfiguration.Empty.Pieces.Add(piece.Id, piece) };
        state.Clusters.Update(configuration);
        var routes = RoutingTable.Build(configuration, RoutingTable.Empty, state).ForListeners([new ListenerKey(80)]);
        return (routes.Match(Request(""))!, state.Clusters.Get("backend").Endpoints[0]);
    }

    private static RequestHead Request(string query)
    {
        var request = new RequestHead { ClientAddress = IPAddress.Parse("192.0.2.1"), HasQuery = true };
        request.SetMethod("GET"u8);
        request.SetAuthority("shop.example.com"u8);
        request.SetQuery(Encoding.UTF8.GetBytes(query));
        return request;
    }

    private static string Line(AccessLogFormat format, string path, string query)
    {
        using var output = new MemoryStream();
        using (var log = new AccessLog(output, format, TimeProvider.System))
        {
            Write(log, path, query);
        }

        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static void Write(AccessLog log, string path, string query)
    {
        log.Log(new AccessLogEntry
        {
            Request = Request(query),
            Path = Encoding.UTF8.GetBytes(path),
            Status = 200,
            Version = Proxy.Http.HttpVersion.Http11,
            Duration = 5,
            RequestBodyBytes = 0,
            ResponseBodyBytes = 7,
            Reason = "no route",
        });
    }

    /// <summary>The second never changes.</summary>
    private sealed class StandingClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
