using System.Buffers.Binary;
using System.Net.Security;
using System.Security.Authentication;
using Polygate.Proxy.Transport.Tls;

namespace Polygate.Proxy.Tests.Transport.Tls;

public sealed class ClientHelloReaderTests
{
    [Fact]
    public async Task What_a_real_client_says_is_understood()
    {
        var bytes = await RealHelloAsync("Shop.Example.com", SslProtocols.Tls12 | SslProtocols.Tls13, "h2", "http/1.1");

        Assert.Equal(ClientHelloStatus.Complete, ClientHelloReader.TryRead(bytes, out var hello));
        Assert.Equal("shop.example.com", hello!.ServerName);
        Assert.Equal(["h2", "http/1.1"], hello.Protocols);
        Assert.Equal(SslProtocols.Tls12 | SslProtocols.Tls13, hello.Versions);
        Assert.True(hello.AcceptsEcdsa);
    }

    [Fact]
    public async Task A_client_of_tls_1_2_without_names_is_understood()
    {
        var bytes = await RealHelloAsync("", SslProtocols.Tls12);

        Assert.Equal(ClientHelloStatus.Complete, ClientHelloReader.TryRead(bytes, out var hello));
        Assert.Equal("", hello!.ServerName);
        Assert.Empty(hello.Protocols);
        Assert.Equal(SslProtocols.Tls12, hello.Versions);
    }

    [Fact]
    public async Task Every_beginning_is_incomplete()
    {
        var bytes = await RealHelloAsync("example.com", SslProtocols.Tls13, "h2");

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(ClientHelloStatus.Incomplete, ClientHelloReader.TryRead(bytes.AsSpan(0, length), out _));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task Records_may_split_it_anywhere(int fragment)
    {
        var bytes = Split(await RealHelloAsync("example.com", SslProtocols.Tls13, "h2"), fragment);

        Assert.Equal(ClientHelloStatus.Complete, ClientHelloReader.TryRead(bytes, out var hello));
        Assert.Equal("example.com", hello!.ServerName);
        Assert.Equal(["h2"], hello.Protocols);
        Assert.Equal(ClientHelloStatus.Incomplete, ClientHelloReader.TryRead(bytes.AsSpan(0, bytes.Length - 1), out _));
    }

    /// <summary>A server behind this one stops where the message says: so does the look into it, whatever else the record holds.</summary>
    [Fact]
    public async Task What_follows_the_message_is_no_part_of_it()
    {
        var bytes = await RealHelloAsync("example.com", SslProtocols.Tls13, "h2");
        var longer = new byte[bytes.Length + 9];
        bytes.CopyTo(longer, 0);
        BinaryPrimitives.WriteUInt16BigEndian(longer.AsSpan(3), (ushort)(longer.Length - 5));
        var shorter = bytes.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(shorter.AsSpan(7), (ushort)(bytes.Length - 9 - 20));

        Assert.Equal(ClientHelloStatus.Complete, ClientHelloReader.TryRead(longer, out var hello));
        Assert.Equal("example.com", hello!.ServerName);
        Assert.Equal(ClientHelloStatus.Invalid, ClientHelloReader.TryRead(shorter, out _));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\u0016\u0002\u0001\u0000\u0005")]
    [InlineData("\u0016\u0003\u0001\u0000\u0000")]
    [InlineData("\u0015\u0003\u0001\u0000\u0002\u0001\u0000")]
    [InlineData("\u0016\u0003\u0001\u0000\u0004\u0002\u0000\u0000\u0000")]
    [InlineData("\u0016\u0003\u0001\u0000\u0004\u0001\u0002\u0000\u0000")]
    public void Anything_else_is_refused_at_once(string text) =>
        Assert.Equal(ClientHelloStatus.Invalid, ClientHelloReader.TryRead(System.Text.Encoding.Latin1.GetBytes(text), out _));

    [Fact]
    public async Task Changed_bytes_never_do_more_than_refuse()
    {
        var original = await RealHelloAsync("example.com", SslProtocols.Tls12 | SslProtocols.Tls13, "h2", "http/1.1");
        var refused = 0;
        for (var position = 0; position < original.Length; position++)
        {
            foreach (var value in (byte[])[0, 1, 0x7F, 0xFF])
            {
                var bytes = original.ToArray();
                bytes[position] = value;
                refused += ClientHelloReader.TryRead(bytes, out _) == ClientHelloStatus.Invalid ? 1 : 0;
            }
        }

        Assert.True(refused > 50);
    }

    [Theory]
    [InlineData("a b.example")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("\u00e9.example")]
    public void A_malformed_server_name_is_refused(string name) =>
        Assert.Equal(ClientHelloStatus.Invalid, ClientHelloReader.TryRead(HelloWith(ServerName(name)), out _));

    [Fact]
    public void A_server_name_loses_its_trailing_dot()
    {
        Assert.Equal(ClientHelloStatus.Complete, ClientHelloReader.TryRead(HelloWith(ServerName("EXAMPLE.com.")), out var hello));
        Assert.Equal("example.com", hello!.ServerName);
    }

    [Fact]
    public void The_same_extension_twice_is_refused() =>
        Assert.Equal(
            ClientHelloStatus.Invalid,
            ClientHelloReader.TryRead(HelloWith([.. ServerName("a.example"), .. ServerName("b.example")]), out _));

    /// <summary>The smallest ClientHello, with these extensions.</summary>
    private static byte[] HelloWith(byte[] extensions)
    {
        byte[] body =
        [
            3, 3, .. new byte[32], 0, 0, 2, 0x13, 1, 1, 0,
            (byte)(extensions.Length >> 8), (byte)extensions.Length, .. extensions,
        ];
        byte[] message = [1, 0, (byte)(body.Length >> 8), (byte)body.Length, .. body];
        return [22, 3, 1, (byte)(message.Length >> 8), (byte)message.Length, .. message];
    }

    private static byte[] ServerName(string name)
    {
        var text = System.Text.Encoding.Latin1.GetBytes(name);
        var length = (byte)text.Length;
        return [0, 0, 0, (byte)(length + 5), 0, (byte)(length + 3), 0, 0, length, .. text];
    }

    private static byte[] Split(byte[] record, int fragment)
    {
        var message = record.AsSpan(5);
        var result = new List<byte>();
        for (; message.Length > 0; message = message[Math.Min(fragment, message.Length)..])
        {
            var length = Math.Min(fragment, message.Length);
            var header = new byte[] { 22, 3, 1, 0, 0 };
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(3), (ushort)length);
            result.AddRange(header);
            result.AddRange(message[..length]);
        }

        return [.. result];
    }

    private static async Task<byte[]> RealHelloAsync(string name, SslProtocols versions, params string[] protocols)
    {
        var sent = new CapturingStream();
        await using var stream = new SslStream(sent);
        await Assert.ThrowsAnyAsync<Exception>(() => stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = name,
            EnabledSslProtocols = versions,
            ApplicationProtocols = [.. protocols.Select(protocol => new SslApplicationProtocol(protocol))],
        }));
        return sent.ToArray();
    }

    /// <summary>Takes what is written and has nothing to read.</summary>
    private sealed class CapturingStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(0);
    }
}
