using System.Text;
using CsCheck;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Tests.Http;

public sealed class HeaderTableTests
{
    private static readonly string[] Names = ["Host", "host", "X-A", "x-a", "Content-Length", "Accept", "Connection", "X-Request-ID"];

    private static readonly Gen<string> Name = Gen.Int[0, 7].Select(i => Names[i]);

    /// <summary>Any sequence of changes leaves what the same changes leave of a plain list, also as it is written out.</summary>
    [Fact]
    public void It_behaves_like_a_list_of_fields() =>
        Gen.Select(Gen.Int[0, 4], Name, Gen.String[Gen.Char['a', 'z'], 0, 30]).List[0, 60].Sample(changes =>
        {
            var table = new HeaderTable();
            var framing = new MessageFraming();
            Assert.Null(HeaderSection.Parse("X-A: 1\r\nAccept:\t2 \r\nHost:3\r\n"u8, table, 3, ref framing));
            List<(string Name, string Value)> list = [("X-A", "1"), ("Accept", "2"), ("Host", "3")];
            foreach (var (kind, name, value) in changes)
                Change(table, list, kind, name, value);

            Assert.Equal(list, Enumerable.Range(0, table.Count).Select(i => (Text(table.Name(i)), Text(table.Value(i)))));

            var buffer = new byte[table.WireSize];
            var written = table.WriteTo(buffer, KnownHeaders.HopByHop);
            var expected = string.Concat(list
                .Where(field => !field.Name.Equals("Connection", StringComparison.OrdinalIgnoreCase) && field.Name != "Content-Length")
                .Select(field => $"{field.Name}: {field.Value}\r\n"));
            Assert.Equal(expected, Text(buffer.AsSpan(0, written)));
        });

    [Fact]
    public void Another_table_can_be_appended()
    {
        var table = new HeaderTable();
        var other = new HeaderTable();
        table.Add("A"u8, "1"u8);
        other.Add("B"u8, "2"u8);
        other.Add("Date"u8, "3"u8);

        table.Append(other);

        Assert.Equal(3, table.Count);
        Assert.Equal("3", Text(table.Value(table.IndexOf(KnownHeader.Date))));
    }

    private static void Change(HeaderTable table, List<(string Name, string Value)> list, int kind, string name, string value)
    {
        var bytes = Encoding.ASCII.GetBytes(name);
        bool Same((string Name, string Value) field) => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
        switch (kind)
        {
            case 0 or 1:
                table.Add(bytes, Encoding.ASCII.GetBytes(value));
                list.Add((name, value));
                break;
            case 2:
                table.Set(bytes, Encoding.ASCII.GetBytes(value));
                var first = list.FindIndex(Same);
                if (first < 0)
                {
                    list.Add((name, value));
                }
                else
                {
                    list[first] = (name, value);
                    for (var i = list.Count - 1; i > first; i--)
                    {
                        if (Same(list[i]))
                            list.RemoveAt(i);
                    }
                }

                break;
            case 3:
                Assert.Equal(list.RemoveAll(Same), table.Remove(bytes));
                break;
            case 4 when list.Count > 0:
                table.RemoveAt(value.Length % list.Count);
                list.RemoveAt(value.Length % list.Count);
                break;
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes);
}
