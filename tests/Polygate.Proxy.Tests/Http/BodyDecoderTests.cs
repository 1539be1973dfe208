using System.Globalization;
using System.Text;
using CsCheck;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Tests.Http;

public sealed class BodyDecoderTests
{
    [Fact]
    public void A_chunked_body_reads_the_same_however_it_is_cut() =>
        Gen.Select(Gen.Byte.Array[1, 50].List[0, 8], Gen.Int[1, 30].List[1, 40], Gen.Bool).Sample((chunks, pieces, withTrailer) =>
        {
            var encoded = new List<byte>();
            foreach (var chunk in chunks)
            {
                encoded.AddRange(Encoding.ASCII.GetBytes(chunk.Length.ToString("X", CultureInfo.InvariantCulture) + ";x=\"y\"\r\n"));
                encoded.AddRange([.. chunk, (byte)'\r', (byte)'\n']);
            }

            encoded.AddRange("0\r\n"u8);
            if (withTrailer)
                encoded.AddRange("X-Sum: 1\r\n"u8);

            encoded.AddRange("\r\nNEXT"u8);
            var trailers = new HeaderTable();

            var (body, rest) = Decode(BodyDecoder.Chunked(trailers, HttpLimits.Default), [.. encoded], pieces);

            Assert.Equal(chunks.SelectMany(chunk => chunk), body);
            Assert.Equal("NEXT", Encoding.ASCII.GetString(rest));
            Assert.Equal(withTrailer, trailers.TryGet("x-sum"u8, out _));
        });

    [Fact]
    public void A_body_of_known_length_ends_there() =>
        Gen.Select(Gen.Int[0, 300], Gen.Int[1, 50].List[1, 20]).Sample((length, pieces) =>
        {
            var bytes = new byte[length + 4];

            var (body, rest) = Decode(BodyDecoder.OfLength(length), bytes, pieces);

            Assert.Equal((length, 4), (body.Length, rest.Length));
        });

    [Theory]
    [InlineData("x\r\n")]
    [InlineData("\r\n")]
    [InlineData(" 5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5 \r\nhello\r\n0\r\n\r\n")]
    [InlineData("+5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("0x5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5\nhello\n0\n\n")]
    [InlineData("5\rhello")]
    [InlineData("5\r\nhelloX\r\n")]
    [InlineData("5\r\nhello\n")]
    [InlineData("5\r\nhello\r\r")]
    [InlineData("5;a\nb\r\nhello\r\n")]
    [InlineData("5;a\0b\r\nhello\r\n")]
    [InlineData("1000000000000000\r\n")]
    [InlineData("000000001\r\n")]
    [InlineData("80000000\r\n")]
    [InlineData("FFFFFFFFFFFFFFFFF\r\n")]
    [InlineData("0\r\nX : y\r\n\r\n")]
    [InlineData("0\r\n folded: y\r\n\r\n")]
    [InlineData("0\r\nX: y\n\r\n")]
    public void A_malformed_chunk_is_an_error_however_it_arrives(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        for (var piece = 1; piece <= bytes.Length; piece++)
            Assert.Throws<BadMessageException>(() => Decode(BodyDecoder.Chunked(new HeaderTable(), HttpLimits.Default), bytes, [piece]));
    }

    [Fact]
    public void Extensions_are_bounded()
    {
        var bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("1;" + new string('x', 1000) + "\r\na\r\n", 20)));

        Assert.Throws<BadMessageException>(() => Decode(BodyDecoder.Chunked(new HeaderTable(), HttpLimits.Default), bytes, [64]));
    }

    [Fact]
    public void Trailers_are_bounded()
    {
        var bytes = Encoding.ASCII.GetBytes("0\r\nX: " + new string('x', 10_000) + "\r\n\r\n");

        Assert.Throws<BadMessageException>(() => Decode(BodyDecoder.Chunked(new HeaderTable(), HttpLimits.Default), bytes, [bytes.Length]));
        Assert.Throws<BadMessageException>(() => Decode(BodyDecoder.Chunked(new HeaderTable(), HttpLimits.Default), bytes, [512]));
    }

    [Fact]
    public void Trailers_cannot_frame_or_route()
    {
        var trailers = new HeaderTable();

        Decode(BodyDecoder.Chunked(trailers, HttpLimits.Default), "0\r\nContent-Length: 5\r\nHost: b\r\nX: y\r\n\r\n"u8.ToArray(), [100]);

        Assert.Equal(1, trailers.Count);
    }

    /// <summary>As a connection does it: what is not taken stays in front of the next piece.</summary>
    private static (byte[] Body, byte[] Following) Decode(BodyDecoder decoder, byte[] encoded, List<int> pieces)
    {
        var body = new List<byte>();
        var start = 0;
        var end = 0;
        for (var i = 0; !decoder.IsEnded; i++)
        {
            decoder.Decode(encoded.AsSpan(start, end - start), out var skip, out var length);
            start += skip;
            body.AddRange(encoded.AsSpan(start, length));
            start += length;
            if (length > 0 && decoder.TryEnd(encoded.AsSpan(start, end - start), out var tail))
                start += tail;

            if (length == 0 && !decoder.IsEnded)
            {
                if (end == encoded.Length)
                    throw new InvalidOperationException("All was read, and the body did not end.");

                end = Math.Min(encoded.Length, end + pieces[i % pieces.Count]);
            }
        }

        return ([.. body], encoded[start..]);
    }
}
