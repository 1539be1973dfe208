using System.Buffers.Binary;

namespace Polygate.Fuzz.Targets;

/// <summary>A ClientHello of a usual kind (RFC 8446 section 4.1.2).</summary>
internal static class Hello
{
    private static readonly byte[] Extensions =
    [
        .. Extension(0, [0, 12, 0, 0, 9, .. "a.example"u8]),
        .. Extension(16, [0, 12, 2, .. "h2"u8, 8, .. "http/1.1"u8]),
        .. Extension(43, [4, 3, 4, 3, 3]),
        .. Extension(13, [0, 4, 4, 3, 8, 4]),
    ];

    private static readonly byte[] Body =
        [3, 3, .. new byte[32], 0, 0, 4, 0x13, 1, 0x13, 2, 1, 0, (byte)(Extensions.Length >> 8), (byte)Extensions.Length, .. Extensions];

    private static readonly byte[] Message = [1, 0, (byte)(Body.Length >> 8), (byte)Body.Length, .. Body];

    public static byte[] Whole => InRecordsOf(Message.Length);

    public static byte[] InRecordsOf(int size) => [.. Message.Chunk(size).SelectMany(part => (byte[])[22, 3, 1, (byte)(part.Length >> 8), (byte)part.Length, .. part])];

    private static byte[] Extension(ushort type, byte[] data)
    {
        var header = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(header, type);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)data.Length);
        return [.. header, .. data];
    }
}
