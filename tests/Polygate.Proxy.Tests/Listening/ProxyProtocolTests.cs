using System.Net;
using System.Text;
using Polygate.Proxy.Listening;
using Polygate.Proxy.Tests.Transport;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Tests.Listening;

public sealed class ProxyProtocolTests
{
    private const string Signature = "\r\n\r\n\0\r\nQUIT\n";

    [Theory]
    [InlineData("PROXY TCP4 127.1.2.3 127.0.0.1 56324 443\r\n", "127.1.2.3:56324")]
    [InlineData("PROXY TCP6 ::1 ::2 1 65535\r\n", "[::1]:1")]
    [InlineData("PROXY UNKNOWN\r\n", "")]
    [InlineData("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", "")]
    [InlineData(Signature + "\x21\x11\x00\x0C\x7F\x01\x02\x03\x7F\x00\x00\x01\x00\x50\x01\xBB", "127.1.2.3:80")]
    [InlineData(Signature + "\x21\x11\x00\x0F\x7F\x01\x02\x03\x7F\x00\x00\x01\x00\x50\x01\xBB\x04\x00\x00", "127.1.2.3:80")]
    [InlineData(
        Signature + "\x21\x21\x00\x24\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\x00\x50\x01\xBB", "[::1]:80")]
    [InlineData(Signature + "\x20\x00\x00\x00", "")]
    [InlineData(Signature + "\x20\x11\x00\x0C\x7F\x01\x02\x03\x7F\x00\x00\x01\x00\x50\x01\xBB", "")]
    [InlineData(Signature + "\x21\x00\x00\x00", "")]
    public async Task A_header_tells_the_client_and_takes_not_a_byte_more(string header, string expected)
    {
        var (client, following) = await ReadAsync(header + "GET /");

        Assert.Equal(expected, client?.ToString() ?? "");
        Assert.Equal("GET /", following);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("PROXY TCP4 127.1.2.3 127.0.0.1 56324 443\n")]
    [InlineData("PROXY TCP4 127.1.2.3 127.0.0.1 56324\r\n")]
    [InlineData("PROXY TCP4 127.1.2.3 127.0.0.1 56324 443 1\r\n")]
    [InlineData("PROXY TCP4 127.1.2.3  127.0.0.1 56324 443\r\n")]
    [InlineData("PROXY TCP4 ::1 ::2 56324 443\r\n")]
    [InlineData("PROXY TCP6 127.1.2.3 127.0.0.1 56324 443\r\n")]
    [InlineData("PROXY TCP4 127.1.3 127.0.0.1 56324 443\r\n")]
    [InlineData("PROXY TCP4 127.01.2.3 127.0.0.1 56324 443\r\n")]
    [InlineData("PROXY TCP4 127.1.2.3 127.0.0.1 65536 443\r\n")]
    [InlineData("PROXY TCP4 127.1.2.3 127.0.0.1 0080 443\r\n")]
    [InlineData("PROXY TCP4 127.1.2.3 127.0.0.1 -1 443\r\n")]
    [InlineData("PROXY UDP4 127.1.2.3 127.0.0.1 80 443\r\n")]
    [InlineData("proxy TCP4 127.1.2.3 127.0.0.1 80 443\r\n")]
    [InlineData("PROXY UNKNOWN aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")]
    [InlineData(Signature + "\x31\x11\x00\x0C\x7F\x01\x02\x03\x7F\x00\x00\x01\x00\x50\x01\xBB")]
    [InlineData(Signature + "\x22\x11\x00\x0C\x7F\x01\x02\x03\x7F\x00\x00\x01\x00\x50\x01\xBB")]
    [InlineData(Signature + "\x21\x12\x00\x0C\x7F\x01\x02\x03\x7F\x00\x00\x01\x00\x50\x01\xBB")]
    [InlineData(Signature + "\x21\x11\x00\x0B\x7F\x01\x02\x03\x7F\x00\x00\x01\x00\x50\x01")]
    [InlineData(Signature + "\x21\x11\xFF\xFF")]
    [InlineData("PROXY TCP4 1")]
    public async Task Anything_else_is_refused(string text) =>
        await Assert.ThrowsAsync<ChannelException>(() => ReadAsync(text));

    private static async Task<(IPEndPoint? Client, string Following)> ReadAsync(string sent)
    {
        await using var host = new TransportHost(TransportKind.Sockets, loops: 1);
        var (listener, accepted) = host.ListenForOne();
        using var _ = listener;
        using var socket = await TransportHost.DialAsync(listener.EndPoint);
        var channel = await accepted;
        await socket.SendAsync(Encoding.Latin1.GetBytes(sent));
        socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        return await host.On(channel, async () =>
        {
            var client = await ProxyProtocol.ReadAsync(channel);
            var rest = new StringBuilder();
            var buffer = new byte[100];
            for (int count; (count = await channel.ReceiveAsync(buffer)) > 0;)
            {
                rest.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }

            return (client, rest.ToString());
        });
    }
}
