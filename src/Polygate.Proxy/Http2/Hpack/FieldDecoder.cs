using Polygate.Proxy.Http2.Frames;

namespace Polygate.Proxy.Http2.Hpack;

/// <summary>Takes the fields of a block as they are decoded.</summary>
internal interface IFieldSink
{
    /// <summary>Takes a field. All of a block has to be decoded, whatever becomes of it: what is thrown ends the connection.</summary>
    void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);
}

/// <summary>
/// Decodes the field blocks of one connection in their order (RFC 7541). Work and memory are bounded by the size of the block and of the
/// table; what the fields add up to is the sink's to limit.
/// </summary>
internal sealed class FieldDecoder
{
    /// <summary>What SETTINGS_HEADER_TABLE_SIZE says while nothing else is said.</summary>
    public const int TableSize = 4096;

    private readonly DynamicTable table = new(TableSize);
    private byte[] name = new byte[256];
    private byte[] value = new byte[1024];

    /// <summary>Decodes a whole block.</summary>
    /// <exception cref="ConnectionException">It is none (COMPRESSION_ERROR): nothing can be decoded any more.</exception>
    public void Decode(ReadOnlySpan<byte> block, IFieldSink sink)
    {
        var mayResize = true;
        while (!block.IsEmpty)
        {
            var first = block[0];
            if ((first & 0x80) != 0)
            {
                var index = ReadInteger(ref block, 7);
                sink.Add(NameAt(index), ValueAt(index));
            }
            else if ((first & 0xE0) == 0x20)
            {
                var size = ReadInteger(ref block, 5);
                if (!mayResize || size > TableSize)
                    throw Malformed("a change of the table's size that is not allowed");

                table.Resize(size);
                continue;
            }
            else
            {
                ReadLiteral(ref block, (first & 0x40) != 0, sink);
            }

            mayResize = false;
        }
    }

    /// <summary>An integer with a prefix of some bits (section 5.1); 2^28 and more occur in attacks only.</summary>
    private static int ReadInteger(ref ReadOnlySpan<byte> block, int prefix)
    {
        if (block.IsEmpty)
            throw Malformed("a block that breaks off");

        var mask = (1 << prefix) - 1;
        var result = block[0] & mask;
        block = block[1..];
        if (result < mask)
            return result;

        for (var shift = 0; shift <= 21; shift += 7)
        {
            if (block.IsEmpty)
                throw Malformed("a block that breaks off");

            var next = block[0];
            block = block[1..];
            result += (next & 0x7F) << shift;
            if ((next & 0x80) == 0)
                return result;
        }

        throw Malformed("an integer that is too large");
    }

    private static ReadOnlySpan<byte> ReadString(ref ReadOnlySpan<byte> block, ref byte[] buffer)
    {
        var isHuffman = !block.IsEmpty && (block[0] & 0x80) != 0;
        var length = ReadInteger(ref block, 7);
        if (length > block.Length)
            throw Malformed("a block that breaks off");

        var text = block[..length];
        block = block[length..];
        if (!isHuffman)
            return text;

        var maximum = HuffmanCode.MaximumDecoded(length);
        if (buffer.Length < maximum)
            buffer = new byte[Math.Max(maximum, buffer.Length * 2)];

        var decoded = HuffmanCode.Decode(text, buffer);
        return decoded >= 0 ? buffer.AsSpan(0, decoded) : throw Malformed("a string that is not of the Huffman code");
    }

    private static ConnectionException Malformed(string what) => new(ErrorCode.CompressionError, "HPACK: " + what);

    private void ReadLiteral(ref ReadOnlySpan<byte> block, bool isIndexed, IFieldSink sink)
    {
        var index = ReadInteger(ref block, isIndexed ? 6 : 4);
        var readName = index == 0 ? ReadString(ref block, ref name) : NameAt(index);
        var readValue = ReadString(ref block, ref value);
        sink.Add(readName, readValue);
        if (!isIndexed)
            return;

        // A name out of the table may have to leave it for the new entry.
        if (index > StaticTable.Count)
        {
            if (name.Length < readName.Length)
                name = new byte[readName.Length];

            readName.CopyTo(name);
            readName = name.AsSpan(0, readName.Length);
        }

        table.Add(readName, readValue);
    }

    private ReadOnlySpan<byte> NameAt(int index) => IsStatic(index) ? StaticTable.Name(index) : table.Name(index - StaticTable.Count - 1);

    private ReadOnlySpan<byte> ValueAt(int index) => IsStatic(index) ? StaticTable.Value(index) : table.Value(index - StaticTable.Count - 1);

    private bool IsStatic(int index) =>
        index > 0 && index <= StaticTable.Count + table.Count ? index <= StaticTable.Count : throw Malformed("an index that names nothing");
}
