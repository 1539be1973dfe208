using System.Globalization;
using System.Text;

namespace Polygate.Fuzz;

/// <summary>Makes an input into another one: by bytes, by lines, by the words of the protocol, by pieces of other inputs.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> words)
{
    private const int LongestInput = 8 * 1024;

    public byte[] Mutate(byte[] input, IReadOnlyList<byte[]> others)
    {
        var bytes = new List<byte>(input);
        for (var steps = 1 << random.Next(4); steps > 0; steps--)
            Step(bytes, others);

        if (bytes.Count > LongestInput)
            bytes.RemoveRange(LongestInput, bytes.Count - LongestInput);

        return [.. bytes];
    }

    private void Step(List<byte> bytes, IReadOnlyList<byte[]> others)
    {
        var place = random.Next(bytes.Count + 1);
        var length = Math.Min(bytes.Count - place, 1 << random.Next(7));
        switch (random.Next(11))
        {
            case 0 when place < bytes.Count:
                bytes[place] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when place < bytes.Count:
                bytes[place] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(place, length);
                break;
            case 3:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(place, length));
                break;
            case 4 or 5:
                bytes.InsertRange(place, words[random.Next(words.Count)]);
                break;
            case 6:
                bytes.RemoveRange(place, length);
                bytes.InsertRange(place, words[random.Next(words.Count)]);
                break;
            case 7:
                MoveLine(bytes, place);
                break;
            case 8 when others.Count > 0:
                Splice(bytes, place, others[random.Next(others.Count)]);
                break;
            case 9:
                ChangeNumber(bytes, place);
                break;
            case 10:
                bytes.InsertRange(place, Enumerable.Repeat(place < bytes.Count ? bytes[place] : (byte)'a', 1 << random.Next(10)));
                break;
        }
    }

    /// <summary>Copies or moves the line that begins behind a place to another line's beginning.</summary>
    private void MoveLine(List<byte> bytes, int place)
    {
        var start = bytes.IndexOf((byte)'\n', place) + 1;
        var end = start > 0 ? bytes.IndexOf((byte)'\n', start) + 1 : 0;
        if (end <= start)
            return;

        var line = bytes.GetRange(start, end - start);
        if (random.Next(2) == 0)
            bytes.RemoveRange(start, line.Count);

        var other = bytes.Count == 0 ? 0 : bytes.IndexOf((byte)'\n', random.Next(bytes.Count)) + 1;
        bytes.InsertRange(other, line);
    }

    private void Splice(List<byte> bytes, int place, byte[] other)
    {
        var from = random.Next(other.Length + 1);
        var piece = other[from..Math.Min(other.Length, from + (1 << random.Next(9)))];
        if (random.Next(2) == 0)
            bytes.RemoveRange(place, bytes.Count - place);

        bytes.InsertRange(place, piece);
    }

    private void ChangeNumber(List<byte> bytes, int place)
    {
        var start = bytes.FindIndex(place, static value => char.IsAsciiHexDigit((char)value));
        if (start < 0)
            return;

        var end = bytes.FindIndex(start, static value => !char.IsAsciiHexDigit((char)value));
        bytes.RemoveRange(start, (end < 0 ? bytes.Count : end) - start);
        var number = random.Next(4) switch
        {
            0 => random.Next(16).ToString("x", CultureInfo.InvariantCulture),
            1 => random.Next(100).ToString(CultureInfo.InvariantCulture),
            2 => random.NextInt64(1L << random.Next(1, 63)).ToString("X", CultureInfo.InvariantCulture),
            _ => (1L << random.Next(63)).ToString(CultureInfo.InvariantCulture),
        };
        bytes.InsertRange(start, Encoding.ASCII.GetBytes(number));
    }
}
