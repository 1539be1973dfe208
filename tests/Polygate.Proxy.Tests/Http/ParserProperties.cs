using System.Text;
using CsCheck;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Tests.Http;

/// <summary>Whatever arrives, parsers answer, and answer the same whether it comes at once or in pieces.</summary>
public sealed class ParserProperties
{
    private const string Request =
        "POST http://b.example:80/a/%2e%2e/b?c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: x, close\r\nX: y\r\nExpect: 100-continue\r\n\r\n";

    private const string Response =
        "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: keep-alive\r\nSet-Cookie: a=b\r\nDate: x\r\n\r\n";

    private static readonly Gen<List<(int Place, int Kind, byte Value)>> Mutations =
        Gen.Select(Gen.Int[0, 200], Gen.Int[0, 2], Gen.Byte).List[0, 4];

    [Fact]
    public void Requests_are_judged_the_same_at_once_and_byte_by_byte() => Mutations.Sample(mutations =>
    {
        var bytes = Mutate(Request, mutations);
        var whole = new RequestParser(HttpLimits.Default);
        whole.Reset();
        var expected = new RequestHead();
        var status = whole.TryParse(bytes, expected, out var length);

        var parser = new RequestParser(HttpLimits.Default);
        parser.Reset();
        var request = new RequestHead();
        var last = ParseStatus.Incomplete;
        var consumed = 0;
        for (var end = 0; end <= bytes.Length && last == ParseStatus.Incomplete; end++)
            last = parser.TryParse(bytes.AsSpan(0, end), request, out consumed);

        Assert.Equal(status, last);
        if (status == ParseStatus.Complete)
        {
            Assert.Equal(length, consumed);
            Assert.True(request.Path.SequenceEqual(expected.Path) && request.Host.SequenceEqual(expected.Host));
            Assert.Equal(expected.Headers.Count, request.Headers.Count);
        }
    });

    [Fact]
    public void Answers_are_judged_the_same_at_once_and_byte_by_byte() => Mutations.Sample(mutations =>
    {
        var bytes = Mutate(Response, mutations);
        var whole = new ResponseParser(HttpLimits.Default);
        whole.Reset();
        var expected = new ResponseHead();
        var status = whole.TryParse(bytes, expected, out _);

        var parser = new ResponseParser(HttpLimits.Default);
        parser.Reset();
        var response = new ResponseHead();
        var last = ParseStatus.Incomplete;
        for (var end = 0; end <= bytes.Length && last == ParseStatus.Incomplete; end++)
            last = parser.TryParse(bytes.AsSpan(0, end), response, out _);

        Assert.Equal(status, last);
        if (status == ParseStatus.Complete)
            Assert.Equal((expected.Status, expected.Headers.Count), (response.Status, response.Headers.Count));
    });

    [Fact]
    public void A_request_that_was_written_out_again_reads_the_same() => Mutations.Sample(mutations =>
    {
        var parser = new RequestParser(HttpLimits.Default);
        parser.Reset();
        var request = new RequestHead();
        if (parser.TryParse(Mutate(Request, mutations), request, out _) != ParseStatus.Complete)
            return;

        var buffer = new byte[request.Headers.WireSize + 4096];
        var start = Encoding.Latin1.GetBytes($"GET {Encoding.Latin1.GetString(request.Path)} HTTP/1.1\r\nHost: a\r\n", buffer);
        var length = start + request.Headers.WriteTo(buffer.AsSpan(start), KnownHeaders.NotForwarded);
        "\r\n"u8.CopyTo(buffer.AsSpan(length));

        var again = new RequestParser(HttpLimits.Default);
        again.Reset();
        var reread = new RequestHead();
        Assert.Equal(ParseStatus.Complete, again.TryParse(buffer.AsSpan(0, length + 2), reread, out var consumed));
        Assert.Equal(length + 2, consumed);
        Assert.True(reread.Path.SequenceEqual(request.Path));
    });

    /// <summary>Replaces, inserts and removes bytes; what breaks parsers is put in more often than chance would.</summary>
    private static byte[] Mutate(string text, List<(int Place, int Kind, byte Value)> mutations)
    {
        var bytes = new List<byte>(Encoding.Latin1.GetBytes(text));
        foreach (var (place, kind, value) in mutations)
        {
            var index = place % bytes.Count;
            var odd = " \t\r\n\0:,;%/.#?*"u8;
            var with = value < 200 ? odd[value % odd.Length] : value;
            if (kind == 0)
                bytes[index] = with;
            else if (kind == 1)
                bytes.Insert(index, with);
            else
                bytes.RemoveAt(index);
        }

        return [.. bytes];
    }
}
