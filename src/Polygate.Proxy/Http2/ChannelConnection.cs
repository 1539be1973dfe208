using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Http2;

/// <summary>
/// A channel as Kestrel sees a connection: two pipes, of which one end each belongs to the loop and the other to the
/// thread pool. Neither side ever runs on the other's threads.
/// </summary>
internal sealed class ChannelConnection : DefaultConnectionContext
{
    private const int PauseThreshold = 64 * 1024;
    private const int ResumeThreshold = 32 * 1024;
    private const int ReceiveSize = 4 * 1024;
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(2);
    private static long lastId;

    private readonly Channel channel;
    private readonly ReadOnlyMemory<byte> received;
    private readonly Pipe input;
    private readonly Pipe output;
    private readonly CancellationTokenSource closed = new();

    internal ChannelConnection(Channel channel, ClientConnection client, Http2LoopServer server, ReadOnlyMemory<byte> received)
        : base($"h2-{Interlocked.Increment(ref lastId)}")
    {
        this.channel = channel;
        this.received = received;
        Client = client;
        Server = server;
        var loop = new LoopPipeScheduler(channel.Loop);
        input = new Pipe(Options(readerScheduler: PipeScheduler.ThreadPool, writerScheduler: loop));
        output = new Pipe(Options(readerScheduler: loop, writerScheduler: PipeScheduler.ThreadPool));
        Transport = new DuplexPipe(input.Reader, output.Writer);
        ConnectionClosed = closed.Token;
        LocalEndPoint = channel.LocalEndPoint;
        RemoteEndPoint = channel.RemoteEndPoint;
        Features.Set(this);
    }

    internal ClientConnection Client { get; }

    internal Http2LoopServer Server { get; }

    /// <summary>Asked by Kestrel, on any thread.</summary>
    public override void Abort(ConnectionAbortedException abortReason) =>
        channel.Loop.Post(static channel => ((Channel)channel!).Abort(), channel);

    /// <summary>Kestrel is done with it: what it wrote last is still sent.</summary>
    public override async ValueTask DisposeAsync()
    {
        await input.Reader.CompleteAsync().ConfigureAwait(false);
        await output.Writer.CompleteAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Has the connection end (GOAWAY) with the requests under way.</summary>
    internal void RequestClose() => Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();

    /// <summary>Moves bytes both ways until the connection is over. On the loop; never fails.</summary>
    internal async Task RunAsync()
    {
        var receiving = ReceiveAsync();
        await SendAsync().ConfigureAwait(false);

        // What was sent last is to arrive: the client closes, or time runs out.
        var limit = channel.Loop.StartTimer(LingerTime, static channel => ((Channel)channel!).Abort(), channel);
        await receiving.ConfigureAwait(false);
        limit.Cancel();
        channel.Dispose();
        ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), closed, preferLocal: false);
    }

    private static PipeOptions Options(PipeScheduler readerScheduler, PipeScheduler writerScheduler) => new(
        MemoryPool<byte>.Shared, readerScheduler, writerScheduler, PauseThreshold, ResumeThreshold, ReceiveSize, useSynchronizationContext: false);

    private async Task ReceiveAsync()
    {
        var writer = input.Writer;
        Exception? failure = null;
        try
        {
            if (received.Length > 0)
            {
                await writer.WriteAsync(received).ConfigureAwait(false);
            }

            while (true)
            {
                await channel.WaitToReceiveAsync().ConfigureAwait(false);
                var count = await channel.ReceiveAsync(writer.GetMemory(ReceiveSize)).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                writer.Advance(count);
                if ((await writer.FlushAsync().ConfigureAwait(false)).IsCompleted)
                {
                    break;
                }
            }
        }
        catch (ChannelException exception)
        {
            failure = new ConnectionResetException(exception.Message, exception);
        }

        await writer.CompleteAsync(failure).ConfigureAwait(false);
    }

    private async Task SendAsync()
    {
        var reader = output.Reader;
        Exception? failure = null;
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync().ConfigureAwait(false);
                await SendAsync(result.Buffer).ConfigureAwait(false);
                reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    await channel.ShutdownSendAsync().ConfigureAwait(false);
                    break;
                }
            }
        }
        catch (ChannelException exception)
        {
            failure = new ConnectionResetException(exception.Message, exception);
            channel.Abort();
        }

        await reader.CompleteAsync(failure).ConfigureAwait(false);
    }

    /// <summary>Two segments a system call.</summary>
    private async ValueTask SendAsync(ReadOnlySequence<byte> bytes)
    {
        var position = bytes.Start;
        while (bytes.TryGet(ref position, out var first))
        {
            var hasSecond = bytes.TryGet(ref position, out var second);
            await channel.SendAsync(first, second).ConfigureAwait(false);
            if (!hasSecond)
            {
                break;
            }
        }
    }

    private sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
