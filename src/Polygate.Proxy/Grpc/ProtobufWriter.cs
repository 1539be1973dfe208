using System.Buffers;
using System.Text;

namespace Polygate.Proxy.Grpc;

/// <summary>Writes messages in the protocol buffers wire format (protobuf.dev, "Encoding"). Fields at their defaults are left out.</summary>
internal sealed class ProtobufWriter
{
    private const int Varint = 0;
    private const int LengthDelimited = 2;

    private readonly ArrayBufferWriter<byte> buffer = new();

    public ReadOnlySpan<byte> Written => buffer.WrittenSpan;

    public void Number(int field, long value)
    {
        if (value != 0)
        {
            Tag(field, Varint);
            WriteVarint((ulong)value);
        }
    }

    public void Text(int field, string value)
    {
        if (value.Length > 0)
            Bytes(field, Encoding.UTF8.GetBytes(value));
    }

    /// <summary>A string field must be UTF-8: what is not becomes a replacement character.</summary>
    public void Text(int field, ReadOnlySpan<byte> value) => Text(field, Encoding.UTF8.GetString(value));

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return;

        Tag(field, LengthDelimited);
        WriteVarint((ulong)value.Length);
        buffer.Write(value);
    }

    /// <summary>A message within this one, also when it is empty.</summary>
    public void Message(int field, Action<ProtobufWriter> write)
    {
        var inner = new ProtobufWriter();
        write(inner);
        Tag(field, LengthDelimited);
        WriteVarint((ulong)inner.Written.Length);
        buffer.Write(inner.Written);
    }

    /// <summary>An entry of a map from text to text.</summary>
    public void Entry(int field, string key, string value) => Message(field, entry =>
    {
        entry.Text(1, key);
        entry.Text(2, value);
    });

    private void Tag(int field, int type) => WriteVarint((ulong)((field << 3) | type));

    private void WriteVarint(ulong value)
    {
        while (value >= 0x80)
        {
            buffer.Write([(byte)(value | 0x80)]);
            value >>= 7;
        }

        buffer.Write([(byte)value]);
    }
}
