using System.Net;
using System.Text;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Simulation;

/// <summary>Runs the engine's HTTP/1.1 server side over the bytes of a connection, with nothing behind it: every request is answered 200.</summary>
public sealed class OwnServer(HttpLimits limits)
{
    private static readonly ClientConnection Client = new(IPAddress.Loopback, 8080, false, "");

    /// <summary>A client sends these pieces, and then nothing more.</summary>
    /// <param name="pieces">What each receive brings.</param>
    /// <param name="inline">See <see cref="SimulatedChannel"/>.</param>
    /// <exception cref="InvalidOperationException">The connection failed in a way that is no client's doing, or hangs.</exception>
    public Transcript Read(IEnumerable<ReadOnlyMemory<byte>> pieces, bool inline)
    {
        var loop = new SimulatedLoop();
        var channel = new SimulatedChannel(loop, inline);
        var recorder = new Recorder();
        Exception? failure = null;
        var server = new HttpServerLoop(limits, recorder, null, (_, exception) => failure = exception);
        foreach (var piece in pieces)
            channel.Deliver(piece);

        channel.Finish();
        var running = Task.CompletedTask;
        loop.Post(_ => running = new Http1ServerConnection(channel, Client, server).RunAsync(), null);
        loop.Run();
        if (failure is not null)
            throw new InvalidOperationException("The connection failed.", failure);

        if (!running.IsCompletedSuccessfully || !channel.IsClosed)
            throw new InvalidOperationException("The connection was not served to its end.", running.Exception);

        return Transcript.Of(recorder.Requests, channel.Sent.Span);
    }

    /// <summary>Reads whatever comes, and writes it down.</summary>
    private sealed class Recorder : IExchangeHandler
    {
        public List<ReadRequest> Requests { get; } = [];

        public async ValueTask HandleAsync(HttpExchange exchange)
        {
            var head = exchange.Request;
            var request = new ReadRequest(
                Text(head.Method),
                head.HasQuery ? $"{Text(head.Path)}?{Text(head.Query)}" : Text(head.Path),
                Text(head.Authority),
                exchange.Version == Polygate.Proxy.Http.HttpVersion.Http11 ? "HTTP/1.1" : "HTTP/1.0",
                Fields(head.Headers));
            Requests.Add(request);
            try
            {
                await ReadBodyAsync(exchange, request);
                await AnswerAsync(exchange, 200);
            }
            catch (BadMessageException exception)
            {
                request.BodyStatus = exception.Status;
                await AnswerAsync(exchange, exception.Status);
            }
            catch (ChannelException)
            {
                request.BodyStatus = ReadRequest.Cut;
                exchange.Abort();
            }
        }

        public ValueTask RefuseAsync(HttpExchange exchange, int status, string reason) => AnswerAsync(exchange, status);

        private static async ValueTask ReadBodyAsync(HttpExchange exchange, ReadRequest request)
        {
            var body = new StringBuilder();
            while (await exchange.ReadRequestAsync() is { IsEmpty: false } slice)
                body.Append(Encoding.Latin1.GetString(slice.Span));

            request.Body = body.ToString();
            request.Trailers = Fields(exchange.RequestTrailers);
        }

        private static ValueTask AnswerAsync(HttpExchange exchange, int status)
        {
            exchange.Response.Clear();
            exchange.Response.Status = status;
            exchange.StartResponse(0);
            return exchange.CompleteResponseAsync(default);
        }

        private static List<(string Name, string Value)> Fields(HeaderTable table) =>
            [.. Enumerable.Range(0, table.Count).Select(i => (Text(table.Name(i)), Text(table.Value(i))))];

        private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
    }
}
