using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Polygate.Proxy.Http;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Polygate.Proxy.Simulation;

/// <summary>
/// Runs Kestrel's HTTP/1.1 over the bytes of a connection, in memory, with the same limits as the engine and an application that
/// answers every request with 200: what the engine's own codec is held against.
/// </summary>
public sealed class KestrelServerReference : IAsyncDisposable
{
    private readonly ConnectionQueue queue = new();
    private readonly KestrelServer server;

    private KestrelServerReference(HttpLimits limits)
    {
        var options = new KestrelServerOptions
        {
            AddServerHeader = false,
            RequestHeaderEncodingSelector = static _ => Encoding.Latin1,

            // RFC 9112 section 3.2.2: an absolute target goes before Host.
            AllowHostHeaderOverride = true,
        };
        options.Limits.MaxRequestLineSize = limits.RequestLine + 2;
        options.Limits.MaxRequestHeadersTotalSize = limits.HeaderBytes;
        options.Limits.MaxRequestHeaderCount = limits.HeaderCount;
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Listen(new IPEndPoint(IPAddress.Loopback, 0), static listen => listen.Protocols = HttpProtocols.Http1);
        server = new KestrelServer(Options.Create(options), queue, NullLoggerFactory.Instance);
    }

    public static async Task<KestrelServerReference> StartAsync(HttpLimits limits)
    {
        var reference = new KestrelServerReference(limits);
        await reference.server.StartAsync(new Application(), CancellationToken.None);
        return reference;
    }

    /// <summary>A client sends these pieces, and then nothing more.</summary>
    public async Task<Transcript> ReadAsync(IEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        var connection = new Connection(pieces);
        await queue.Connections.Writer.WriteAsync(connection);
        await connection.Closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        return Transcript.Of(connection.Requests, connection.ReadOutput());
    }

    public async ValueTask DisposeAsync()
    {
        await server.StopAsync(CancellationToken.None);
        server.Dispose();
    }

    private sealed class Application : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
        }

        public async Task ProcessRequestAsync(IFeatureCollection context)
        {
            var head = context.GetRequiredFeature<IHttpRequestFeature>();
            var request = new ReadRequest(
                head.Method,
                TargetForm.Normalise(head.RawTarget, head.Method),
                TargetForm.AuthorityOf(head.RawTarget) ?? head.Headers.Host.ToString(),
                head.Protocol,
                Fields(head.Headers));
            context.GetRequiredFeature<Connection>().Requests.Add(request);
            var response = context.GetRequiredFeature<IHttpResponseFeature>();
            try
            {
                await ReadBodyAsync(context, request);
            }
            catch (BadHttpRequestException exception)
            {
                request.BodyStatus = exception.Message.StartsWith("Unexpected end", StringComparison.Ordinal) ? ReadRequest.Cut : exception.StatusCode;
                response.StatusCode = exception.StatusCode;
            }
            catch (Exception) when (request.BodyStatus == 0)
            {
                request.BodyStatus = response.StatusCode = StatusCodes.Status500InternalServerError;
            }

            response.Headers.ContentLength = 0;
        }

        private static async Task ReadBodyAsync(IFeatureCollection context, ReadRequest request)
        {
            var reader = context.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
            var body = new StringBuilder();
            ReadResult result;
            do
            {
                result = await reader.ReadAsync();
                body.Append(Encoding.Latin1.GetString(result.Buffer.ToArray()));
                reader.AdvanceTo(result.Buffer.End);
            }
            while (!result.IsCompleted);

            request.Body = body.ToString();
            if (context.Get<IHttpRequestTrailersFeature>() is { Available: true } trailers)
                request.Trailers = Fields(trailers.Trailers);
        }

        private static List<(string Name, string Value)> Fields(IHeaderDictionary headers) =>
        [
            .. headers.Where(field => !field.Key.Equals("Host", StringComparison.OrdinalIgnoreCase))
                .SelectMany(field => field.Value.Select(value => (field.Key, value ?? ""))),
        ];
    }

    private sealed class Connection : DefaultConnectionContext
    {
        private readonly PieceReader input;
        private readonly Pipe output = new(new PipeOptions(pauseWriterThreshold: 0));

        public Connection(IEnumerable<ReadOnlyMemory<byte>> pieces)
            : base("reference")
        {
            input = new PieceReader(pieces);
            Transport = new DuplexPipe(input, output.Writer);
            LocalEndPoint = RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 8080);
            Features.Set(this);
        }

        public List<ReadRequest> Requests { get; } = [];

        public TaskCompletionSource Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ReadOnlySpan<byte> ReadOutput()
        {
            output.Writer.Complete();
            return output.Reader.TryRead(out var result) ? result.Buffer.ToArray() : default;
        }

        public override void Abort(ConnectionAbortedException abortReason) => input.CancelPendingRead();

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            Closed.TrySetResult();
        }
    }

    /// <summary>Brings the next piece, or the end, when somebody waits for it: so every piece is seen by itself.</summary>
    private sealed class PieceReader(IEnumerable<ReadOnlyMemory<byte>> pieces) : PipeReader
    {
        private readonly Queue<ReadOnlyMemory<byte>> pending = new(pieces.Where(piece => piece.Length > 0));
        private readonly Pipe pipe = new(new PipeOptions(
            readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));

        public override void AdvanceTo(SequencePosition consumed) => pipe.Reader.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => pipe.Reader.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => pipe.Reader.CancelPendingRead();

        public override void Complete(Exception? exception = null) => pipe.Reader.Complete(exception);

        public override bool TryRead(out ReadResult result) => pipe.Reader.TryRead(out result);

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            var reading = pipe.Reader.ReadAsync(cancellationToken);
            if (reading.IsCompleted)
                return await reading;

            if (pending.TryDequeue(out var piece))
                await pipe.Writer.WriteAsync(piece, cancellationToken);
            else
                await pipe.Writer.CompleteAsync();

            return await reading;
        }
    }

    private sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }

    private sealed class ConnectionQueue : IConnectionListenerFactory, IConnectionListener
    {
        public Channel<ConnectionContext> Connections { get; } = System.Threading.Channels.Channel.CreateUnbounded<ConnectionContext>();

        public EndPoint EndPoint { get; private set; } = new IPEndPoint(IPAddress.None, 0);

        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        {
            EndPoint = endpoint;
            return new ValueTask<IConnectionListener>(this);
        }

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await Connections.Reader.WaitToReadAsync(cancellationToken) && Connections.Reader.TryRead(out var connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            Connections.Writer.TryComplete();
            return default;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
