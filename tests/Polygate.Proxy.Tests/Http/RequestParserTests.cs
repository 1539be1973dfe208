using System.Text;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Tests.Http;

public sealed class RequestParserTests
{
    private static readonly HttpLimits Limits = new() { RequestLine = 200, HeaderBytes = 400, HeaderCount = 5 };

    public static TheoryData<string, int> Refused => new()
    {
        // request line
        { "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET /\r\nHost: a\r\n\r\n", 400 },
        { "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400 },
        { "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET / http/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400 },
        { "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505 },
        { "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505 },
        { "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505 },
        { "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501 },
        { "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET HTTP://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a..b\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: [::12345]\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: [127.0.0.1]\r\n\r\n", 400 },
        { "GET http://../ HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET http://a../ HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "POST / HTTP/1.0\r\nHost: a\r\n\r\n", 400 },
        { "PUT / HTTP/1.0\r\n\r\n", 400 },

        // paths
        { "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET /%2 HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET /\u007f HTTP/1.1\r\nHost: a\r\n\r\n", 400 },

        // line ends
        { "GET / HTTP/1.1\nHost: a\n\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", 400 },
        { "GET / HTTP/1.1\rHost: a\r\n\r\n", 400 },

        // refused for the first thing that is wrong, which may be all that has arrived
        { "GET / HTTP/2.0\r\nHost: a\nX: y\r\n\r\n", 400 },
        { "CONNECT b:443 HTTP/1.1\r\nHost: b\rX: y\r\n\r\n", 400 },
        { "GET /" + new string('a', 250) + "\n HTTP/1.1\r\nHost: a\r\n\r\n", 414 },
        { "GET / HTTP/2.0\r\nX: " + new string('a', 700) + "\n\r\n\r\n", 431 },

        // fields
        { "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\n X: y\r\nHost: a\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: a\u0001b\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a\r\nX\u00e9: b\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a\r\nX{}: b\r\n\r\n", 400 },

        // host
        { "GET / HTTP/1.1\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: .\r\n\r\n", 400 },
        { "GET http://a/ HTTP/1.1\r\n\r\n", 400 },
        { "GET http://a/ HTTP/1.1\r\nHost: b c\r\n\r\n", 400 },
        { "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400 },

        // framing
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1 1\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501 },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501 },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u000bchunked\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", 400 },
        { "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a\r\nConnection: a b\r\n\r\n", 400 },
        { "GET / HTTP/1.0\r\nHost: a b\r\nConnection: host\r\n\r\n", 400 },

        // limits
        { "GET /" + new string('a', 200) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414 },
        { "GET /" + new string('a', 1000), 414 },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: " + new string('a', 400) + "\r\n\r\n", 431 },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: " + new string('a', 1000), 431 },
        { "GET / HTTP/1.1\r\nHost: a\r\n1: a\r\n2: a\r\n3: a\r\n4: a\r\n5: a\r\n\r\n", 431 },
    };

    public static TheoryData<string, string, string, string> Accepted => new()
    {
        // head, method and path and query, host, authority
        { "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /", "a", "a" },
        { "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /", "a", "a" },
        { "GET / HTTP/1.1\r\nhOST:A.Example.:080\r\n\r\n", "GET /", "a.example", "A.Example.:080" },
        { "GET / HTTP/1.1\r\nHost: [2001:DB8::1]:443\r\n\r\n", "GET /", "[2001:db8::1]", "[2001:DB8::1]:443" },
        { "GET / HTTP/1.0\r\n\r\n", "GET /", "", "" },
        { "GET /a?b?c=%zz&d HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a ?b?c=%zz&d", "a", "a" },
        { "GET /? HTTP/1.1\r\nHost: a\r\n\r\n", "GET / ?", "a", "a" },
        { "get /{x}|\"<>^` HTTP/1.1\r\nHost: a\r\n\r\n", "get /{x}|\"<>^`", "a", "a" },
        { "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS *", "a", "a" },
        { "OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS *", "a", "a" },
        { "GET http://b:1/c?d HTTP/1.1\r\nHost: a\r\n\r\n", "GET /c ?d", "b", "b:1" },
        { "GET https://b?d HTTP/1.1\r\nHost: a\r\n\r\n", "GET / ?d", "b", "b" },

        // normalisation
        { "GET /%7eu/%41%2fb%2F%c3%a9 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /~u/A%2Fb%2F%C3%A9", "a", "a" },
        { "GET /a/./b/../c HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a/c", "a", "a" },
        { "GET /a/%2e%2e/%2E/b HTTP/1.1\r\nHost: a\r\n\r\n", "GET /b", "a", "a" },
        { "GET /../../a HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a", "a", "a" },
        { "GET /a/.. HTTP/1.1\r\nHost: a\r\n\r\n", "GET /", "a", "a" },
        { "GET /a/b/. HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a/b/", "a", "a" },
        { "GET /.. HTTP/1.1\r\nHost: a\r\n\r\n", "GET /", "a", "a" },
        { "GET /a//../b HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a/b", "a", "a" },
        { "GET //a/..b/.c HTTP/1.1\r\nHost: a\r\n\r\n", "GET //a/..b/.c", "a", "a" },
        { "GET /%252e%25 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /%252e%25", "a", "a" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_no_clean_request_is_refused_however_it_arrives(string head, int status)
    {
        for (var split = 0; split <= head.Length; split++)
            Assert.Equal(status, Parse(head, split).Parser.RefusalStatus);
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void A_request_reads_the_same_however_it_arrives(string head, string line, string host, string authority)
    {
        for (var split = 0; split <= head.Length; split++)
        {
            var (parser, request, status) = Parse(head, split);
            Assert.Equal((ParseStatus.Complete, ""), (status, parser.Refusal));
            Assert.Equal(line, Text(request.Method) + " " + Text(request.Path) + (request.HasQuery ? " ?" + Text(request.Query) : ""));
            Assert.Equal(host, Text(request.Host));
            Assert.Equal(authority, Text(request.Authority));
        }
    }

    [Fact]
    public void Requests_read_the_same_byte_by_byte()
    {
        foreach (var row in Accepted)
        {
            var (head, line, _, _) = row.Data;
            var parser = New();
            var request = new RequestHead();
            var bytes = Encoding.Latin1.GetBytes(head);
            for (var length = 1; length < bytes.Length; length++)
                Assert.Equal(ParseStatus.Incomplete, parser.TryParse(bytes.AsSpan(0, length), request, out _));

            Assert.Equal(ParseStatus.Complete, parser.TryParse(bytes, request, out var consumed));
            Assert.Equal(bytes.Length, consumed);
            Assert.StartsWith(Text(request.Method) + " " + Text(request.Path), line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_follows_the_head_is_left_alone()
    {
        var (_, _, status) = Parse("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\n", 0, out var consumed);

        Assert.Equal(ParseStatus.Complete, status);
        Assert.Equal("GET / HTTP/1.1\r\nHost: a\r\n\r\n".Length, consumed);
    }

    [Fact]
    public void Fields_keep_their_order_and_lose_surrounding_white_space()
    {
        var (_, request, _) = Parse("GET / HTTP/1.1\r\nA: 1\r\nHost: a\r\nB:\t 2 3 \t\r\na:4\r\nC:\r\n\r\n", 0);

        Assert.Equal(["A=1", "B=2 3", "a=4", "C="], Fields(request.Headers));
    }

    /// <summary>It is for everybody on the way (RFC 9110 section 7.6.1), and who routes without it may route elsewhere.</summary>
    [Fact]
    public void Host_stays_when_Connection_lists_it()
    {
        var (_, request, _) = Parse("GET / HTTP/1.0\r\nConnection: Host\r\nHost: a\r\n\r\n", 0);

        Assert.Equal("a", Encoding.ASCII.GetString(request.Host));
    }

    [Fact]
    public void Fields_listed_in_Connection_go_no_further()
    {
        var (parser, request, _) = Parse("GET / HTTP/1.1\r\nX-One: 1\r\nConnection: x-one, close\r\nX-Two: 2\r\nHost: a\r\nConnection: X-TWO\r\n\r\n", 0);

        Assert.Equal(["Connection=x-one, close", "Connection=X-TWO"], Fields(request.Headers));
        Assert.True(parser.Framing.Close);
    }

    [Theory]
    [InlineData("Content-Length: 5", 5, false)]
    [InlineData("Content-Length: 005", 5, false)]
    [InlineData("Transfer-Encoding: Chunked", -1, true)]
    [InlineData("X: y", -1, false)]
    public void The_framing_is_told(string field, long length, bool chunked)
    {
        var (parser, _, status) = Parse($"POST / HTTP/1.1\r\nHost: a\r\n{field}\r\n\r\n", 0);

        Assert.Equal(ParseStatus.Complete, status);
        Assert.Equal((length, chunked), (parser.Framing.ContentLength, parser.Framing.Chunked));
    }

    private static RequestParser New()
    {
        var parser = new RequestParser(Limits);
        parser.Reset();
        return parser;
    }

    private static (RequestParser Parser, RequestHead Request, ParseStatus Status) Parse(string head, int split) => Parse(head, split, out _);

    /// <summary>In two pieces; a verdict on the first is final.</summary>
    private static (RequestParser Parser, RequestHead Request, ParseStatus Status) Parse(string head, int split, out int consumed)
    {
        var bytes = Encoding.Latin1.GetBytes(head);
        var parser = New();
        var request = new RequestHead();
        var status = parser.TryParse(bytes.AsSpan(0, split), request, out consumed);
        if (status == ParseStatus.Incomplete)
            status = parser.TryParse(bytes, request, out consumed);

        return (parser, request, status);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private static List<string> Fields(HeaderTable headers)
    {
        var fields = new List<string>();
        for (var i = 0; i < headers.Count; i++)
            fields.Add(Text(headers.Name(i)) + "=" + Text(headers.Value(i)));

        return fields;
    }
}
