using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace Polygate.Cluster.Tests.Conformance;

/// <summary>Lines about WebSockets: <c>websocket HOST/PATH -> SERVICE</c>, which sends a text and a binary message and wants both back.</summary>
internal static class WebSocketCase
{
    public static async Task RunAsync(IPEndPoint target, List<string> words)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(target, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var invoker = new HttpMessageInvoker(handler);
        using var client = new ClientWebSocket();
        client.Options.CollectHttpResponseDetails = true;
        await client.ConnectAsync(new Uri("ws://" + words[1]), invoker, patience.Token);

        Assert.Equal(words[^1], client.HttpResponseHeaders![EchoService.ServiceHeader].Single());
        await EchoesAsync(client, WebSocketMessageType.Text, Encoding.UTF8.GetBytes("grüß Gott"), patience.Token);
        await EchoesAsync(client, WebSocketMessageType.Binary, [0, 255, 1, 254], patience.Token);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
    }

    private static async Task EchoesAsync(ClientWebSocket client, WebSocketMessageType type, byte[] message, CancellationToken cancellation)
    {
        await client.SendAsync(message, type, endOfMessage: true, cancellation);
        var buffer = new byte[256];
        var got = await client.ReceiveAsync(buffer, cancellation);
        Assert.Equal((type, true), (got.MessageType, got.EndOfMessage));
        Assert.Equal(message, buffer[..got.Count]);
    }
}
