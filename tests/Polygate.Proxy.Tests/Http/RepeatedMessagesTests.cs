using System.Text;
using CsCheck;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Tests.Http;

/// <summary>What is remembered of the message before spares reading the next one, and never changes what is read.</summary>
public sealed class RepeatedMessagesTests
{
    private static readonly string[] Lines =
    [
        "Accept: */*\r\n", "Accept:*/*\r\n", "Accept: */* \r\n", "Cookie: a=1\r\n", "Cookie: a=2\r\n", "Empty: \r\n", "Empty:\r\n",
        "Connection: keep-alive\r\n", "Connection: close, cookie\r\n", "Content-Length: 3\r\n", "Content-Length: 12\r\n", "Te: trailers\r\n",
        "X-Forwarded-For: 1.2.3.4\r\n", "bad line\r\n", "Bad : 1\r\n", "Bad: \u0001\r\n", "Cut: 1\r",
    ];

    private static readonly string[] Hosts = ["a.example", "A.Example:80", "a.example:18400", "[::1]:80", "b.example.", "b.example", "bad host", "..", ""];

    private static readonly Gen<string> Section = Gen.Int[0, Lines.Length - 1].List[0, 6].Select(picked => string.Concat(picked.Select(i => Lines[i])));

    /// <summary>Sections, often the same or nearly, one after the other in one table whose lines are changed in between.</summary>
    [Fact]
    public void A_section_is_read_as_if_it_were_the_first() =>
        Gen.Select(Section.List[1, 3], Gen.Select(Gen.Int[0, 2], Gen.Int[0, 5]).List[1, 12]).Sample((sections, turns) =>
        {
            var table = new HeaderTable();
            foreach (var (section, change) in turns)
            {
                var bytes = Encoding.Latin1.GetBytes(sections[section % sections.Count] + "\r\nrest");
                Assert.Equal(Read(bytes, new HeaderTable()), Read(bytes, table));
                Change(table, change);
            }
        });

    [Fact]
    public void A_host_is_read_as_if_it_were_the_first() =>
        Gen.Select(Gen.Int[0, Hosts.Length - 1], Gen.Int[0, 2]).List[1, 12].Sample(turns =>
        {
            var parser = new RequestParser(new HttpLimits());
            var request = new RequestHead();
            foreach (var (host, change) in turns)
            {
                var head = Encoding.ASCII.GetBytes($"GET /a HTTP/1.1\r\nAccept: */*\r\nHost: {Hosts[host]}\r\n\r\n");
                Assert.Equal(Read(head, new RequestParser(new HttpLimits()), new RequestHead()), Read(head, parser, request));
                if (change == 1)
                    request.SetHost("changed.example"u8);
                else if (change == 2)
                    request.SetAuthority(request.Host);
            }
        });

    private static string Read(byte[] received, HeaderTable table)
    {
        var framing = new MessageFraming();
        var problem = HeaderSection.Parse(received, table, 5, ref framing, out var length);
        var written = new byte[table.WireSize];
        return $"{problem} {(problem is null ? length : 0)} {framing.ContentLength} {framing.Close} {framing.KeepAlive} {framing.Trailers}\n"
            + string.Concat(Enumerable.Range(0, table.Count).Select(i => $"{table.Known(i)} {Text(table.Name(i))}={Text(table.Value(i))}\n"))
            + Text(written.AsSpan(0, table.WriteTo(written, KnownHeaders.HopByHop))) + table.Contains(KnownHeader.Te);
    }

    private static string Read(byte[] received, RequestParser parser, RequestHead request)
    {
        parser.Reset();
        request.Clear();
        var status = parser.TryParse(received, request, out var consumed);
        return status == ParseStatus.Complete
            ? $"{consumed} {Text(request.Host)} {Text(request.Authority)} {Text(request.Path)} {request.Headers.Count}"
            : $"{status} {parser.Refusal}";
    }

    private static void Change(HeaderTable table, int change)
    {
        switch (change)
        {
            case 1:
                table.Add("X-Added"u8, "1"u8);
                break;
            case 2:
                table.Set("Cookie"u8, "changed"u8);
                break;
            case 3:
                table.Remove("Accept"u8);
                break;
            case 4:
                // As an answer of the gateway's own begins.
                table.Clear();
                table.Add("Accept"u8, "*/+"u8);
                break;
            case 5:
                table.RemoveAll(KnownHeaders.HopByHop);
                break;
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
