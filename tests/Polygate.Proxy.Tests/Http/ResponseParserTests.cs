using System.Text;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Tests.Http;

public sealed class ResponseParserTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\r\n\r\n", 200)]
    [InlineData("HTTP/1.1 200\r\n\r\n", 200)]
    [InlineData("HTTP/1.1 299 \r\n\r\n", 299)]
    [InlineData("HTTP/1.0 404 Nicht da, \u00e4h\tja\r\n\r\n", 404)]
    [InlineData("HTTP/1.1 999 x\r\n\r\n", 999)]
    public void The_reason_phrase_may_be_anything(string head, int status)
    {
        for (var split = 0; split <= head.Length; split++)
            Assert.Equal((ParseStatus.Complete, status), Parse(head, split));
    }

    [Theory]
    [InlineData("HTTP/1.1 20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 099 OK\r\n\r\n")]
    [InlineData("HTTP/1.1  200 OK\r\n\r\n")]
    [InlineData("HTTP/2 200 OK\r\n\r\n")]
    [InlineData("ICY 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 O\0K\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\nA: b\n\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA : b\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")]
    [InlineData("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")]
    public void What_could_be_read_in_two_ways_is_refused(string head)
    {
        for (var split = 0; split <= head.Length; split++)
            Assert.Equal(ParseStatus.Refused, Parse(head, split).Status);
    }

    private static (ParseStatus Status, int Code) Parse(string head, int split)
    {
        var bytes = Encoding.Latin1.GetBytes(head);
        var parser = new ResponseParser(HttpLimits.Default);
        parser.Reset();
        var response = new ResponseHead();
        var status = parser.TryParse(bytes.AsSpan(0, split), response, out _);
        if (status == ParseStatus.Incomplete)
            status = parser.TryParse(bytes, response, out _);

        return (status, response.Status);
    }
}
