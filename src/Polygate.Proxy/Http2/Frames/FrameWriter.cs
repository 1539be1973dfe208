using System.Buffers.Binary;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Http2.Frames;

/// <summary>Writes frames; they go out together at the end of the loop's turn.</summary>
/// <param name="output">Where to.</param>
internal sealed class FrameWriter(ChannelOutput output)
{
    private const int SettingSize = 6;

    /// <summary>Whether nothing more is to be said: what is written is dropped.</summary>
    public bool IsClosed { get; set; }

    /// <summary>What a client begins with (RFC 9113 section 3.4).</summary>
    public void WritePreface(params ReadOnlySpan<(Setting Setting, int Value)> settings)
    {
        output.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        Span<byte> payload = stackalloc byte[SettingSize * settings.Length];
        for (var i = 0; i < settings.Length; i++)
        {
            BinaryPrimitives.WriteInt16BigEndian(payload[(SettingSize * i)..], (short)settings[i].Setting);
            BinaryPrimitives.WriteInt32BigEndian(payload[((SettingSize * i) + 2)..], settings[i].Value);
        }

        Write(FrameType.Settings, FrameFlags.None, 0, payload);
    }

    /// <summary>A frame whose payload is a number.</summary>
    public void WriteNumber(FrameType type, int id, int value)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, value);
        Write(type, FrameFlags.None, id, payload);
    }

    /// <summary>Goodbye of a client, which has no streams of the server's to name.</summary>
    public void WriteGoAway(ErrorCode code)
    {
        Span<byte> payload = stackalloc byte[8];
        payload.Clear();
        BinaryPrimitives.WriteInt32BigEndian(payload[4..], (int)code);
        Write(FrameType.GoAway, FrameFlags.None, 0, payload);
    }

    /// <summary>A field block, in as many frames as it takes.</summary>
    public void WriteBlock(int id, ReadOnlySpan<byte> block, bool endsStream)
    {
        var type = FrameType.Headers;
        var flags = endsStream ? FrameFlags.EndStream : FrameFlags.None;
        while (block.Length > FrameHeader.MaximumLength)
        {
            Write(type, flags, id, block[..FrameHeader.MaximumLength]);
            block = block[FrameHeader.MaximumLength..];
            (type, flags) = (FrameType.Continuation, FrameFlags.None);
        }

        Write(type, flags | FrameFlags.EndHeaders, id, block);
    }

    /// <param name="type">What it is.</param>
    /// <param name="flags">By type.</param>
    /// <param name="id">0 for the connection.</param>
    /// <param name="payload">No longer than <see cref="FrameHeader.MaximumLength"/>.</param>
    public void Write(FrameType type, FrameFlags flags, int id, ReadOnlySpan<byte> payload)
    {
        if (IsClosed)
            return;

        var span = output.GetSpan(FrameHeader.Size + payload.Length);
        new FrameHeader(payload.Length, type, flags, id).Write(span);
        payload.CopyTo(span[FrameHeader.Size..]);
        output.Advance(FrameHeader.Size + payload.Length);
        output.Schedule();
    }
}
