using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Http2.Frames;

/// <summary>Takes the frames of a connection, whose form was checked. May throw <see cref="ConnectionException"/>.</summary>
internal interface IFrameHandler
{
    /// <summary>A piece of a body, without its padding, which the window is charged for (<see cref="FrameHeader.Length"/>).</summary>
    void OnData(FrameHeader frame, ReadOnlySpan<byte> data);

    /// <summary>A whole field block, out of as many frames as it came in.</summary>
    void OnBlock(int id, bool endsStream, ReadOnlySpan<byte> block);

    void OnReset(int id, ErrorCode code);

    void OnSetting(Setting setting, uint value);

    /// <summary>All of a SETTINGS frame was taken: it is to be acknowledged.</summary>
    void OnSettingsEnd();

    /// <summary>To be answered.</summary>
    void OnPing(ReadOnlySpan<byte> data);

    void OnGoAway(int lastId, ErrorCode code);

    void OnWindowUpdate(int id, int increment);
}

/// <summary>
/// Reads the frames that a server sends (RFC 9113 sections 4 and 6) and puts field blocks together. What is in flight is bounded: a frame of the
/// smallest size that has to be taken, a block of a given size; and so is what costs work without moving anything.
/// </summary>
/// <param name="channel">Read by nobody else.</param>
/// <param name="handler">Takes the frames.</param>
/// <param name="blockLimit">Bytes of a field block as it is sent.</param>
internal sealed class FrameReader(Channel channel, IFrameHandler handler, int blockLimit) : IInputOwner
{
    /// <summary>CONTINUATION frames of a block, and DATA frames without data in a row: more have no honest purpose.</summary>
    private const int MaximumContinuations = 64;
    private const int MaximumEmptyData = 1000;

    private ChannelInput? input;
    private byte[] block = [];
    private int blockLength;
    private int continuations;
    private int emptyData;
    private int continued;
    private bool endsStream;
    private bool hasSettings;
    private bool isClosed;

    /// <summary>Receives, and hands on what is complete.</summary>
    /// <exception cref="ConnectionException">The server broke the protocol.</exception>
    /// <exception cref="ChannelException">The connection broke or ended.</exception>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    public async ValueTask ReadAsync()
    {
        input ??= new ChannelInput(channel, this) { PreferredSize = BufferPool.Large };
        if (await input.FillAsync(Timeout.InfiniteTimeSpan) == 0)
            throw new ChannelException(ChannelError.Reset, "The backend closed the connection.");

        while (!isClosed && TryTake(input.Span, out var size))
        {
            if (!isClosed)
                input.Advance(size);
        }
    }

    /// <summary>Nothing more is handed on.</summary>
    public void Close()
    {
        isClosed = true;
        input?.Close();
    }

    /// <summary>Somebody reads all the time.</summary>
    void IInputOwner.OnInput()
    {
    }

    private bool TryTake(ReadOnlySpan<byte> received, out int size)
    {
        size = 0;
        if (received.Length < FrameHeader.Size)
            return false;

        var frame = FrameHeader.Read(received);
        if (frame.Length > FrameHeader.MaximumLength)
            throw Broken(ErrorCode.FrameSizeError, "a frame that is too large");

        if (received.Length < FrameHeader.Size + frame.Length)
            return false;

        size = FrameHeader.Size + frame.Length;
        Take(frame, received[FrameHeader.Size..size]);
        return true;
    }

    private void Take(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (!hasSettings && (frame.Type != FrameType.Settings || frame.Has(FrameFlags.Acknowledgement)))
            throw Broken(ErrorCode.ProtocolError, "the backend does not begin as HTTP/2 does");

        if (continued != 0 && (frame.Type != FrameType.Continuation || frame.StreamId != continued))
            throw Broken(ErrorCode.ProtocolError, "a field block that is not continued");

        switch (frame.Type)
        {
            case FrameType.Data:
                OnStream(frame, true);
                TakeData(frame, payload);
                break;
            case FrameType.Headers:
                OnStream(frame, true);
                TakeHeaders(frame, payload);
                break;
            case FrameType.Continuation:
                TakeContinuation(frame, payload);
                break;
            case FrameType.Priority:
                OnStream(frame, true);
                Expect(payload.Length == 5);
                break;
            case FrameType.ResetStream:
                OnStream(frame, true);
                Expect(payload.Length == 4);
                handler.OnReset(frame.StreamId, (ErrorCode)BinaryPrimitives.ReadInt32BigEndian(payload));
                break;
            case FrameType.Settings:
                OnStream(frame, false);
                TakeSettings(frame, payload);
                break;
            case FrameType.PushPromise:
                throw Broken(ErrorCode.ProtocolError, "a promise that was forbidden");
            case FrameType.Ping:
                OnStream(frame, false);
                Expect(payload.Length == 8);
                if (!frame.Has(FrameFlags.Acknowledgement))
                    handler.OnPing(payload);

                break;
            case FrameType.GoAway:
                OnStream(frame, false);
                Expect(payload.Length >= 8);
                handler.OnGoAway(BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue, (ErrorCode)BinaryPrimitives.ReadInt32BigEndian(payload[4..]));
                break;
            case FrameType.WindowUpdate:
                Expect(payload.Length == 4);
                TakeWindowUpdate(frame, payload);
                break;
            default:
                // Frames of types that one does not know are ignored (section 5.5).
                break;
        }
    }

    private static void OnStream(FrameHeader frame, bool isOfStream)
    {
        if ((frame.StreamId != 0) != isOfStream)
            throw Broken(ErrorCode.ProtocolError, $"{frame.Type} on a stream where it may not be");
    }

    private static void Expect(bool isSize)
    {
        if (!isSize)
            throw Broken(ErrorCode.FrameSizeError, "a frame of a size that it cannot have");
    }

    private static ConnectionException Broken(ErrorCode code, string what) => new(code, what);

    private static ReadOnlySpan<byte> WithoutPadding(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (!frame.Has(FrameFlags.Padded))
            return payload;

        Expect(payload.Length > 0);
        return payload[0] < payload.Length ? payload[1..^payload[0]] : throw Broken(ErrorCode.ProtocolError, "padding that is too long");
    }

    private void TakeData(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        var data = WithoutPadding(frame, payload);
        emptyData = data.IsEmpty ? emptyData + 1 : 0;
        if (emptyData > MaximumEmptyData)
            throw Broken(ErrorCode.EnhanceYourCalm, "too many frames without data");

        handler.OnData(frame, data);
    }

    private void TakeHeaders(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        var fragment = WithoutPadding(frame, payload);
        if (frame.Has(FrameFlags.Priority))
        {
            Expect(fragment.Length >= 5);
            fragment = fragment[5..];
        }

        if (frame.Has(FrameFlags.EndHeaders))
        {
            handler.OnBlock(frame.StreamId, frame.Has(FrameFlags.EndStream), fragment);
            return;
        }

        continued = frame.StreamId;
        endsStream = frame.Has(FrameFlags.EndStream);
        continuations = blockLength = 0;
        Append(fragment);
    }

    private void TakeContinuation(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (continued == 0)
            throw Broken(ErrorCode.ProtocolError, "a continuation of nothing");

        if (++continuations > MaximumContinuations)
            throw Broken(ErrorCode.EnhanceYourCalm, "a field block in too many frames");

        Append(payload);
        if (!frame.Has(FrameFlags.EndHeaders))
            return;

        continued = 0;
        handler.OnBlock(frame.StreamId, endsStream, block.AsSpan(0, blockLength));
    }

    private void Append(ReadOnlySpan<byte> fragment)
    {
        if (blockLength + fragment.Length > blockLimit)
            throw Broken(ErrorCode.EnhanceYourCalm, "a field block that is too large");

        if (block.Length < blockLength + fragment.Length)
            Array.Resize(ref block, Math.Max(block.Length * 2, blockLength + fragment.Length));

        fragment.CopyTo(block.AsSpan(blockLength));
        blockLength += fragment.Length;
    }

    private void TakeSettings(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        if (frame.Has(FrameFlags.Acknowledgement))
        {
            Expect(payload.IsEmpty);
            return;
        }

        Expect(payload.Length % 6 == 0);
        hasSettings = true;
        for (; !payload.IsEmpty; payload = payload[6..])
            handler.OnSetting((Setting)BinaryPrimitives.ReadUInt16BigEndian(payload), BinaryPrimitives.ReadUInt32BigEndian(payload[2..]));

        handler.OnSettingsEnd();
    }

    private void TakeWindowUpdate(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        var increment = BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
        if (increment == 0)
            throw Broken(ErrorCode.ProtocolError, "a window update of nothing");

        handler.OnWindowUpdate(frame.StreamId, increment);
    }
}
