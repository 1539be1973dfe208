using System.Text;
using CsCheck;
using Polygate.Proxy.Http2.Frames;
using Polygate.Proxy.Http2.Hpack;

namespace Polygate.Proxy.Tests.Http2;

/// <summary>RFC 7541: the examples of its appendix C, and what has to hold for everything else.</summary>
public sealed class HpackTests
{
    private static readonly Gen<string> Text = Gen.String[Gen.Char['\0', '\u00ff'], 0, 60];

    private static readonly Gen<string> Name = Gen.String[Gen.Char['a', 'd'], 1, 3];

    [Fact]
    public void Requests_with_Huffman_codes_are_those_of_the_specification() => AssertDecodes(
        ("828684418cf1e3c2e5f23a6ba0ab90f4ff", ":method: GET, :scheme: http, :path: /, :authority: www.example.com"),
        ("828684be5886a8eb10649cbf", ":method: GET, :scheme: http, :path: /, :authority: www.example.com, cache-control: no-cache"),
        ("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf", ":method: GET, :scheme: https, :path: /index.html, :authority: www.example.com, custom-key: custom-value"));

    [Fact]
    public void Answers_with_a_small_table_are_those_of_the_specification() => AssertDecodes(
        // The table of 256 bytes is announced first.
        (
            "3fe1014882640258"
            + "85aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
            ":status: 302, cache-control: private, date: Mon, 21 Oct 2013 20:13:21 GMT, location: https://www.example.com"),
        ("4883640effc1c0bf", ":status: 307, cache-control: private, date: Mon, 21 Oct 2013 20:13:21 GMT, location: https://www.example.com"),
        (
            "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
            ":status: 200, cache-control: private, date: Mon, 21 Oct 2013 20:13:22 GMT, location: https://www.example.com, content-encoding: gzip, "
            + "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"));

    [Theory]
    [InlineData("80")]
    [InlineData("be")]
    [InlineData("ff808080808080808000")]
    [InlineData("41")]
    [InlineData("4105616263")]
    [InlineData("418cf1e3c2e5f23a6ba0ab90f4")]
    [InlineData("418cf1e3c2e5f23a6ba0ab90f400")]
    [InlineData("4184ffffffff")]
    [InlineData("4181ff")]
    [InlineData("8220")]
    [InlineData("3fe23f")]
    [InlineData("c0")]
    public void What_is_no_block_is_an_error_of_the_connection(string block)
    {
        var exception = Assert.Throws<ConnectionException>(() => Decode(new FieldDecoder(), block));

        Assert.Equal(ErrorCode.CompressionError, exception.Code);
    }

    [Fact]
    public void Any_bytes_are_fields_or_an_error() => Gen.Byte.Array[0, 200].Array[1, 4].Sample(blocks =>
    {
        var decoder = new FieldDecoder();
        try
        {
            foreach (var block in blocks)
                decoder.Decode(block, new FieldList());
        }
        catch (ConnectionException)
        {
            // What it should say.
        }
    });

    [Fact]
    public void What_was_encoded_is_decoded() => Gen.Select(Name, Text).Array[0, 30].Sample(fields =>
    {
        var encoder = new FieldEncoder();
        encoder.Begin();
        foreach (var (name, value) in fields)
            encoder.Add(Encoding.Latin1.GetBytes(name.ToUpperInvariant()), Encoding.Latin1.GetBytes(value));

        Assert.Equal(fields, FieldList.Decode(new FieldDecoder(), Encoding.Latin1.GetString(encoder.Block)));
    });

    [Fact]
    public void Secrets_are_not_for_the_tables_of_others()
    {
        var encoder = new FieldEncoder();
        encoder.Begin();
        encoder.Add("Authorization"u8, "x"u8);

        Assert.Equal(0x10, encoder.Block[0]);
    }

    [Fact]
    public void The_table_keeps_the_newest_fields_that_fit() =>
        Gen.Select(Gen.Int[0, 9], Name, Text, Gen.Int[0, 300]).List[0, 200].Sample(changes =>
        {
            var table = new DynamicTable(300);
            var model = new List<(string Name, string Value)>();
            var maximum = 300;
            foreach (var (kind, name, value, size) in changes)
            {
                if (kind == 0)
                {
                    maximum = size;
                    table.Resize(size);
                }
                else
                {
                    table.Add(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value));
                    model.Insert(0, (name, value));
                }

                var sum = 0;
                model = [.. model.TakeWhile(field => (sum += field.Name.Length + field.Value.Length + 32) <= maximum)];
                Assert.Equal(model, Enumerable.Range(0, table.Count).Select(i => (Encoding.Latin1.GetString(table.Name(i)), Encoding.Latin1.GetString(table.Value(i)))));
            }
        });

    private static void AssertDecodes(params (string Block, string Fields)[] blocks)
    {
        var decoder = new FieldDecoder();
        foreach (var (block, fields) in blocks)
            Assert.Equal(fields, string.Join(", ", Decode(decoder, block).Select(field => $"{field.Name}: {field.Value}")));
    }

    private static List<(string Name, string Value)> Decode(FieldDecoder decoder, string block) =>
        FieldList.Decode(decoder, Encoding.Latin1.GetString(Convert.FromHexString(block)));
}
