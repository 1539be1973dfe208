using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Filters;

/// <summary>The body of a gRPC answer for gRPC-Web: the messages as they are, then the trailers as a frame; for text in base64, piece by piece.</summary>
internal sealed class GrpcWebBody(HttpExchange exchange, bool isText) : BodyEncoder
{
    private const byte TrailerFrame = 0x80;

    private readonly ArrayBufferWriter<byte> buffer = new();

    public override ReadOnlyMemory<byte> Encode(ReadOnlySpan<byte> slice)
    {
        buffer.ResetWrittenCount();
        Write(slice);
        return buffer.WrittenMemory;
    }

    public override ReadOnlyMemory<byte> Flush() => default;

    public override ReadOnlyMemory<byte> End(ReadOnlySpan<byte> last)
    {
        buffer.ResetWrittenCount();
        Write(last);
        var trailers = exchange.ResponseTrailers;
        var frame = new ArrayBufferWriter<byte>();
        frame.GetSpan(5)[0] = TrailerFrame;
        frame.Advance(5);
        for (var i = 0; i < trailers.Count; i++)
        {
            foreach (var letter in trailers.Name(i))
                frame.Write([(byte)char.ToLowerInvariant((char)letter)]);

            frame.Write(": "u8);
            frame.Write(trailers.Value(i));
            frame.Write("\r\n"u8);
        }

        var bytes = frame.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), bytes.Length - 5);
        Write(bytes);
        trailers.Clear();
        return buffer.WrittenMemory;
    }

    public override void Dispose()
    {
        // Nothing is held.
    }

    private void Write(ReadOnlySpan<byte> data)
    {
        if (!isText)
        {
            buffer.Write(data);
            return;
        }

        var target = buffer.GetSpan(Base64.GetMaxEncodedToUtf8Length(data.Length));
        Base64.EncodeToUtf8(data, target, out _, out var written);
        buffer.Advance(written);
    }
}
