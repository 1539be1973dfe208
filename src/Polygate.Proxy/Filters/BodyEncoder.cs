using System.Buffers;
using System.IO.Compression;
using Polygate.Model;

namespace Polygate.Proxy.Filters;

/// <summary>Changes the body of one answer as it passes, a slice at a time.</summary>
internal abstract class BodyEncoder : IDisposable
{
    /// <summary>Takes a slice; what is ready of the encoded body, often nothing. Valid until the next call.</summary>
    public abstract ReadOnlyMemory<byte> Encode(ReadOnlySpan<byte> slice);

    /// <summary>Everything taken so far, so that the client need not wait for more.</summary>
    public abstract ReadOnlyMemory<byte> Flush();

    /// <summary>The end of the encoded body.</summary>
    public abstract ReadOnlyMemory<byte> End(ReadOnlySpan<byte> last);

    public abstract void Dispose();
}

/// <summary>Compresses.</summary>
internal sealed class CompressedBody : BodyEncoder
{
    private readonly Sink sink = new();
    private readonly Stream encoder;

    public CompressedBody(ContentCoding coding) => encoder = coding == ContentCoding.Brotli
        ? new BrotliStream(sink, CompressionLevel.Fastest, leaveOpen: true)
        : new GZipStream(sink, CompressionLevel.Fastest, leaveOpen: true);

    public override ReadOnlyMemory<byte> Encode(ReadOnlySpan<byte> slice)
    {
        sink.Clear();
        encoder.Write(slice);
        return sink.Written;
    }

    public override ReadOnlyMemory<byte> Flush()
    {
        sink.Clear();
        encoder.Flush();
        return sink.Written;
    }

    public override ReadOnlyMemory<byte> End(ReadOnlySpan<byte> last)
    {
        sink.Clear();
        encoder.Write(last);
        encoder.Dispose();
        return sink.Written;
    }

    public override void Dispose() => encoder.Dispose();

    private sealed class Sink : Stream
    {
        private readonly ArrayBufferWriter<byte> buffer = new();

        public ReadOnlyMemory<byte> Written => buffer.WrittenMemory;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void Clear() => buffer.ResetWrittenCount();

        public override void Write(ReadOnlySpan<byte> data) => buffer.Write(data);

        public override void Write(byte[] data, int offset, int count) => buffer.Write(data.AsSpan(offset, count));

        public override void Flush()
        {
            // What is written is there.
        }

        public override int Read(byte[] data, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
