using System.Runtime.CompilerServices;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Http;

/// <summary>Writes chunked bodies (RFC 9112 section 7.1) to an output.</summary>
internal static class ChunkWriter
{
    /// <summary>Chunks up to this size are copied, so that size, data and line end leave in one piece.</summary>
    private const int CopyLimit = BufferPool.Standard;

    private const int FramingSize = 20;

    private static ReadOnlySpan<byte> LineEnd => "\r\n"u8;

    public static ValueTask WriteAsync(ChannelOutput output, ReadOnlyMemory<byte> data) => data.Length switch
    {
        0 => default,
        > CopyLimit => WriteLargeAsync(output, data),
        _ when output.Length + data.Length + FramingSize <= BufferPool.Large => Copy(output, data.Span),
        _ => FlushAndCopyAsync(output, data),
    };

    /// <summary>Writes the last chunk, which ends the body, and the trailer section.</summary>
    public static void WriteEnd(ChannelOutput output, HeaderTable trailers)
    {
        output.Write("0\r\n"u8);
        output.Advance(trailers.WriteTo(output.GetSpan(trailers.WireSize), 0));
        output.Write(LineEnd);
    }

    private static ValueTask Copy(ChannelOutput output, ReadOnlySpan<byte> data)
    {
        var span = output.GetSpan(data.Length + FramingSize);
        var size = ResponseWriter.WriteChunkSize(span, data.Length);
        data.CopyTo(span[size..]);
        LineEnd.CopyTo(span[(size + data.Length)..]);
        output.Advance(size + data.Length + 2);
        return default;
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private static async ValueTask FlushAndCopyAsync(ChannelOutput output, ReadOnlyMemory<byte> data)
    {
        await output.SendAllAsync();
        await Copy(output, data.Span);
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private static async ValueTask WriteLargeAsync(ChannelOutput output, ReadOnlyMemory<byte> data)
    {
        output.Advance(ResponseWriter.WriteChunkSize(output.GetSpan(FramingSize), data.Length));
        await output.WriteAsync(data);
        output.Write(LineEnd);
    }
}
