using System.Text;

namespace Polygate.Proxy.Http2.Hpack;

/// <summary>
/// Encodes field blocks without a table of its own and without Huffman codes: on the way to backends that is cheaper than the bytes it saves. Used
/// for one block after the other.
/// </summary>
internal sealed class FieldEncoder
{
    private const byte NeverIndexed = 0x10;

    private byte[] block = new byte[2048];
    private int length;

    /// <summary>What was encoded since <see cref="Begin"/>.</summary>
    public ReadOnlySpan<byte> Block => block.AsSpan(0, length);

    public void Begin() => length = 0;

    /// <summary>A field of the static table, name and value.</summary>
    public void AddIndexed(int index)
    {
        Reserve(1);
        block[length++] = (byte)(0x80 | index);
    }

    /// <summary>A field whose name is in the static table.</summary>
    public void Add(int nameIndex, ReadOnlySpan<byte> value)
    {
        Reserve(16 + value.Length);
        WriteInteger(nameIndex, 4, IsSecret(nameIndex) ? NeverIndexed : (byte)0);
        WriteString(value);
    }

    /// <summary>A field whose name is in the static table, with a value of three parts.</summary>
    public void Add(int nameIndex, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        var valueLength = first.Length + second.Length + third.Length;
        Reserve(16 + valueLength);
        WriteInteger(nameIndex, 4, 0);
        WriteInteger(valueLength, 7, 0);
        Write(first);
        Write(second);
        Write(third);
    }

    /// <summary>A field; its name is written in lower case (RFC 9113 section 8.2).</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Reserve(16 + name.Length + value.Length);
        block[length++] = IsSecret(name) ? NeverIndexed : (byte)0;
        WriteInteger(name.Length, 7, 0);
        Ascii.ToLower(name, block.AsSpan(length), out var written);
        length += written;
        WriteString(value);
    }

    /// <summary>Fields that name a person are not to be put into a table by anybody on the way (RFC 7541 section 7.1.3).</summary>
    private static bool IsSecret(int nameIndex) => nameIndex is StaticTable.Authorization or StaticTable.Cookie or StaticTable.ProxyAuthorization;

    private static bool IsSecret(ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(name, "authorization"u8) || Ascii.EqualsIgnoreCase(name, "cookie"u8) || Ascii.EqualsIgnoreCase(name, "proxy-authorization"u8);

    private void WriteString(ReadOnlySpan<byte> text)
    {
        WriteInteger(text.Length, 7, 0);
        Write(text);
    }

    private void Write(ReadOnlySpan<byte> text)
    {
        text.CopyTo(block.AsSpan(length));
        length += text.Length;
    }

    private void WriteInteger(int value, int prefix, byte flags)
    {
        var mask = (1 << prefix) - 1;
        if (value < mask)
        {
            block[length++] = (byte)(flags | value);
            return;
        }

        block[length++] = (byte)(flags | mask);
        for (value -= mask; value >= 0x80; value >>= 7)
            block[length++] = (byte)(value | 0x80);

        block[length++] = (byte)value;
    }

    private void Reserve(int bytes)
    {
        if (block.Length - length < bytes)
            Array.Resize(ref block, Math.Max(block.Length * 2, length + bytes));
    }
}
