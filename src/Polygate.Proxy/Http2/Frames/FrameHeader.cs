using System.Buffers.Binary;

namespace Polygate.Proxy.Http2.Frames;

/// <summary>Types of frames (RFC 9113 section 6); others are ignored.</summary>
internal enum FrameType : byte
{
    Data = 0,
    Headers = 1,
    Priority = 2,
    ResetStream = 3,
    Settings = 4,
    PushPromise = 5,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
}

/// <summary>Flags of frames; what a bit means depends on the type.</summary>
[Flags]
internal enum FrameFlags : byte
{
    None = 0,
    EndStream = 1,
    Acknowledgement = EndStream,
    EndHeaders = 4,
    Padded = 8,
    Priority = 0x20,
}

/// <summary>Why a stream or connection ends (RFC 9113 section 7).</summary>
internal enum ErrorCode
{
    NoError = 0,
    ProtocolError = 1,
    InternalError = 2,
    FlowControlError = 3,
    SettingsTimeout = 4,
    StreamClosed = 5,
    FrameSizeError = 6,
    RefusedStream = 7,
    Cancel = 8,
    CompressionError = 9,
    ConnectError = 10,
    EnhanceYourCalm = 11,
    InadequateSecurity = 12,
    Http11Required = 13,
}

/// <summary>What an endpoint tells of itself (RFC 9113 section 6.5.2).</summary>
internal enum Setting
{
    HeaderTableSize = 1,
    EnablePush = 2,
    MaximumConcurrentStreams = 3,
    InitialWindowSize = 4,
    MaximumFrameSize = 5,
    MaximumHeaderListSize = 6,
}

/// <summary>The nine bytes in front of every frame (RFC 9113 section 4.1).</summary>
/// <param name="Length">Of the payload.</param>
/// <param name="Type">What it is.</param>
/// <param name="Flags">By type.</param>
/// <param name="StreamId">0 for the connection.</param>
internal readonly record struct FrameHeader(int Length, FrameType Type, FrameFlags Flags, int StreamId)
{
    public const int Size = 9;

    /// <summary>The largest payload while nobody has allowed larger ones: nobody has to.</summary>
    public const int MaximumLength = 16 * 1024;

    public static FrameHeader Read(ReadOnlySpan<byte> bytes) => new(
        (bytes[0] << 16) | (bytes[1] << 8) | bytes[2],
        (FrameType)bytes[3],
        (FrameFlags)bytes[4],
        BinaryPrimitives.ReadInt32BigEndian(bytes[5..]) & int.MaxValue);

    public bool Has(FrameFlags flag) => (Flags & flag) != 0;

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32BigEndian(bytes, (Length << 8) | (int)Type);
        bytes[4] = (byte)Flags;
        BinaryPrimitives.WriteInt32BigEndian(bytes[5..], StreamId);
    }
}

/// <summary>The other side broke the rules of the connection, which cannot go on (RFC 9113 section 5.4.1).</summary>
/// <param name="code">What it is told.</param>
/// <param name="message">What it did, for people.</param>
internal sealed class ConnectionException(ErrorCode code, string message) : IOException(message)
{
    public ErrorCode Code => code;
}
