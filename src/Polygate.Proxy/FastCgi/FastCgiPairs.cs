using System.Buffers;
using System.Buffers.Binary;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.FastCgi;

/// <summary>Writes pairs of names and values (FastCGI 1.0 section 3.4), on a page of its thread's own.</summary>
internal readonly ref struct FastCgiPairs
{
    private const int LongestShortLength = 127;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? shared;

    private readonly ArrayBufferWriter<byte> writer;

    private FastCgiPairs(ArrayBufferWriter<byte> writer) => this.writer = writer;

    /// <summary>What was written. Valid until <see cref="Begin"/> is called again on this thread.</summary>
    public ReadOnlySpan<byte> Written => writer.WrittenSpan;

    /// <summary>Begins anew.</summary>
    public static FastCgiPairs Begin()
    {
        var writer = shared ??= new ArrayBufferWriter<byte>(2048);
        writer.ResetWrittenCount();
        return new FastCgiPairs(writer);
    }

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        WriteLength(name.Length);
        WriteLength(value.Length);
        writer.Write(name);
        writer.Write(value);
    }

    /// <summary>A header field as a CGI program knows it (RFC 3875 section 4.1.18): its lines are one value.</summary>
    /// <param name="headers">All fields.</param>
    /// <param name="first">The first line of the field.</param>
    public void AddHeader(HeaderTable headers, int first)
    {
        var name = headers.Name(first);
        var separator = name.Length == 6 && System.Text.Ascii.EqualsIgnoreCase(name, "Cookie"u8) ? "; "u8 : ", "u8;
        var length = 0;
        for (var i = first; i >= 0; i = headers.IndexOf(name, i + 1))
            length += headers.Value(i).Length + (i == first ? 0 : separator.Length);

        WriteLength("HTTP_".Length + name.Length);
        WriteLength(length);
        writer.Write("HTTP_"u8);
        var upper = writer.GetSpan(name.Length);
        for (var i = 0; i < name.Length; i++)
            upper[i] = name[i] == '-' ? (byte)'_' : name[i] is >= (byte)'a' and <= (byte)'z' ? (byte)(name[i] - 0x20) : name[i];

        writer.Advance(name.Length);
        for (var i = first; i >= 0; i = headers.IndexOf(name, i + 1))
        {
            if (i != first)
                writer.Write(separator);

            writer.Write(headers.Value(i));
        }
    }

    private void WriteLength(int length)
    {
        var size = length <= LongestShortLength ? 1 : 4;
        var bytes = writer.GetSpan(size);
        if (size == 1)
            bytes[0] = (byte)length;
        else
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)length | 0x8000_0000);

        writer.Advance(size);
    }
}
