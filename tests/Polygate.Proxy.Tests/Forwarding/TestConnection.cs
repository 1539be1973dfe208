using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Polygate.Proxy.Tests.Forwarding;

/// <summary>A message as a test saw it.</summary>
internal sealed record TestMessage(string Head, string Body, string Trailers)
{
    public string StartLine => Head[..Head.IndexOf("\r\n", StringComparison.Ordinal)];

    public int Status => int.Parse(StartLine.AsSpan(9, 3), CultureInfo.InvariantCulture);

    /// <summary>The value of a field; null when it is absent.</summary>
    public string? this[string name] => Values(name).FirstOrDefault();

    public IEnumerable<string> Values(string name) =>
        Head.Split("\r\n").Skip(1).Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(line => line[(name.Length + 1)..].Trim());
}

/// <summary>A socket with just enough HTTP/1.1 to see every byte of it.</summary>
internal sealed class TestConnection(Socket socket) : IDisposable
{
    private readonly byte[] buffer = new byte[16 * 1024];
    private string received = "";

    public Socket Socket => socket;

    public static async Task<TestConnection> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new TestConnection(socket);
    }

    public async Task SendAsync(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        for (var sent = 0; sent < bytes.Length;)
            sent += await socket.SendAsync(bytes.AsMemory(sent), SocketFlags.None, Deadline());
    }

    /// <summary>A request with its body; null at the end of the connection.</summary>
    public Task<TestMessage?> ReadRequestAsync() => ReadMessageAsync(isResponse: false, hasNoBody: false);

    /// <summary>An answer with its body; fails at the end of the connection.</summary>
    public async Task<TestMessage> ReadResponseAsync(bool hasNoBody = false) =>
        await ReadMessageAsync(isResponse: true, hasNoBody) ?? throw new IOException("The connection ended instead of an answer.");

    public async Task<string> ReadHeadAsync()
    {
        int end;
        while ((end = received.IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            if (!await FillAsync())
                throw new IOException("The connection ended in a head: " + received);
        }

        return Take(end + 4);
    }

    /// <summary>Exactly so many characters.</summary>
    public async Task<string> ReadAsync(int count)
    {
        while (received.Length < count)
        {
            if (!await FillAsync())
                throw new IOException("The connection ended early: " + received);
        }

        return Take(count);
    }

    /// <summary>All that comes before the end of the connection, and whether that was a clean one.</summary>
    public async Task<(string Text, bool Clean)> ReadToEndAsync()
    {
        try
        {
            while (await FillAsync())
            {
                // Everything.
            }

            return (Take(received.Length), true);
        }
        catch (SocketException)
        {
            return (Take(received.Length), false);
        }
    }

    /// <summary>Closes with a reset.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    public void Dispose() => socket.Dispose();

    private static CancellationToken Deadline() => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    private async Task<TestMessage?> ReadMessageAsync(bool isResponse, bool hasNoBody)
    {
        while (received.Length == 0)
        {
            if (!await FillAsync())
                return null;
        }

        var head = await ReadHeadAsync();
        var message = new TestMessage(head, "", "");
        if (hasNoBody || (isResponse && message.Status is < 200 or 204 or 304))
            return message;

        if (message["Transfer-Encoding"] is not null)
            return await ReadChunkedAsync(message);

        if (message["Content-Length"] is { } length)
            return message with { Body = await ReadAsync(int.Parse(length, CultureInfo.InvariantCulture)) };

        return isResponse ? message with { Body = (await ReadToEndAsync()).Text } : message;
    }

    private async Task<TestMessage> ReadChunkedAsync(TestMessage message)
    {
        var body = new StringBuilder();
        while (true)
        {
            var size = int.Parse((await ReadLineAsync()).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0)
                break;

            body.Append(await ReadAsync(size));
            Assert.Equal("", await ReadLineAsync());
        }

        var trailers = new StringBuilder();
        for (var line = await ReadLineAsync(); line.Length > 0; line = await ReadLineAsync())
            trailers.Append(line).Append("\r\n");

        return message with { Body = body.ToString(), Trailers = trailers.ToString() };
    }

    private async Task<string> ReadLineAsync()
    {
        int end;
        while ((end = received.IndexOf("\r\n", StringComparison.Ordinal)) < 0)
        {
            if (!await FillAsync())
                throw new IOException("The connection ended in a line.");
        }

        return Take(end + 2)[..end];
    }

    private async Task<bool> FillAsync()
    {
        var count = await socket.ReceiveAsync(buffer, SocketFlags.None, Deadline());
        received += Encoding.Latin1.GetString(buffer, 0, count);
        return count > 0;
    }

    private string Take(int count)
    {
        var taken = received[..count];
        received = received[count..];
        return taken;
    }
}
