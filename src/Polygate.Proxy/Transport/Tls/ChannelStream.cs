using System.Runtime.CompilerServices;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>
/// A channel as the stream that <see cref="System.Net.Security.SslStream"/> works on, beginning with bytes that were
/// received before. Asynchronous members only; the channel stays its owner's.
/// </summary>
internal sealed class ChannelStream(Channel channel, ReadOnlyMemory<byte> received) : Stream
{
    private ReadOnlyMemory<byte> received = received;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>An empty buffer waits until there is something to read.</summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (received.Length > 0)
        {
            var count = Math.Min(received.Length, buffer.Length);
            received[..count].CopyTo(buffer);
            received = count == received.Length ? default : received[count..];
            return new ValueTask<int>(count);
        }

        return buffer.Length > 0 ? channel.ReceiveAsync(buffer) : WaitAsync();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        channel.SendAsync(buffer);

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private ValueTask<int> WaitAsync()
    {
        var waiting = channel.WaitToReceiveAsync();
        if (!waiting.IsCompletedSuccessfully)
        {
            return Finish(waiting);
        }

        waiting.GetAwaiter().GetResult();
        return new ValueTask<int>(0);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<int> Finish(ValueTask waiting)
    {
        await waiting.ConfigureAwait(false);
        return 0;
    }
}
