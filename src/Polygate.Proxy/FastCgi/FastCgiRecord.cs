using System.Buffers.Binary;

namespace Polygate.Proxy.FastCgi;

/// <summary>The types of records of an application that is asked for answers (FastCGI 1.0 section 8, <c>FCGI_…</c>).</summary>
internal enum FastCgiRecordType : byte
{
    BeginRequest = 1,
    EndRequest = 3,
    Parameters = 4,
    StandardInput = 5,
    StandardOutput = 6,
    StandardError = 7,
}

/// <summary>The head of a record (FastCGI 1.0 section 3.3).</summary>
internal static class FastCgiRecord
{
    public const int HeadLength = 8;

    public const int LongestContent = ushort.MaxValue;

    /// <summary>What the body of a record has that begins or ends a request.</summary>
    public const int RequestBodyLength = 8;

    /// <summary>A connection has one request, so that the number is always the same.</summary>
    public const ushort RequestId = 1;

    private const byte Version = 1;
    private const byte Responder = 1;

    /// <summary>Writes the head of a record without padding.</summary>
    public static void WriteHead(Span<byte> head, FastCgiRecordType type, int contentLength)
    {
        head[0] = Version;
        head[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], RequestId);
        BinaryPrimitives.WriteUInt16BigEndian(head[4..], checked((ushort)contentLength));
        head[6] = head[7] = 0;
    }

    /// <summary>Begins a request to a responder, after which the application closes the connection; says how many bytes.</summary>
    public static int WriteBegin(Span<byte> record)
    {
        WriteHead(record, FastCgiRecordType.BeginRequest, RequestBodyLength);
        record[HeadLength..(HeadLength + RequestBodyLength)].Clear();
        record[HeadLength + 1] = Responder;
        return HeadLength + RequestBodyLength;
    }

    /// <summary>Reads the head of a record; false when it is none that belongs to the request.</summary>
    public static bool TryReadHead(ReadOnlySpan<byte> head, out FastCgiRecordType type, out int contentLength, out int paddingLength)
    {
        type = (FastCgiRecordType)head[1];
        contentLength = BinaryPrimitives.ReadUInt16BigEndian(head[4..]);
        paddingLength = head[6];
        return head[0] == Version && BinaryPrimitives.ReadUInt16BigEndian(head[2..]) == RequestId;
    }
}
