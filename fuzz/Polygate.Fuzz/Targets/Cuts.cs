namespace Polygate.Fuzz.Targets;

/// <summary>Cuts bytes into the pieces that reads bring.</summary>
internal static class Cuts
{
    /// <summary>Pieces of all sizes, small ones more often.</summary>
    public static List<ReadOnlyMemory<byte>> Of(byte[] bytes, Random random)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        for (var start = 0; start < bytes.Length;)
        {
            var length = Math.Min(bytes.Length - start, 1 + random.Next(1 << random.Next(10)));
            pieces.Add(bytes.AsMemory(start, length));
            start += length;
        }

        return pieces;
    }
}
