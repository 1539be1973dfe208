using System.IO.Pipelines;

namespace Polygate.Testing.ApiServer.Faults;

/// <summary>A connection's bytes through a gate in both directions: while it is closed, the connection is half open.</summary>
internal sealed class GatedTransport : IDuplexPipe
{
    public GatedTransport(IDuplexPipe inner, Gate gate)
    {
        Input = new Reader(inner.Input, gate);
        Output = new Writer(inner.Output, gate);
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    private sealed class Reader(PipeReader inner, Gate gate) : PipeReader
    {
        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            var result = await inner.ReadAsync(cancellationToken);
            await gate.PassAsync(cancellationToken);
            return result;
        }

        public override bool TryRead(out ReadResult result)
        {
            result = default;
            return !gate.IsClosed && inner.TryRead(out result);
        }

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }

    private sealed class Writer(PipeWriter inner, Gate gate) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            await gate.PassAsync(cancellationToken);
            return await inner.FlushAsync(cancellationToken);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
