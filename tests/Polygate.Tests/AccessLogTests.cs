using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Polygate.Logging;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;

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
        var request = new RequestHead { ClientAddress = IPAddress.Parse("192.0.2.1"), HasQuery = true };
        request.SetMethod("GET"u8);
        request.SetAuthority("shop.example.com"u8);
        request.SetQuery(Encoding.UTF8.GetBytes(query));
        log.Log(new AccessLogEntry
        {
            Request = request,
            Path = Encoding.UTF8.GetBytes(path),
            Status = 200,
            Version = Proxy.Http.HttpVersion.Http11,
            Duration = 5,
            RequestBodyBytes = 0,
            ResponseBodyBytes = 7,
            Reason = "no route",
        });
    }
}
