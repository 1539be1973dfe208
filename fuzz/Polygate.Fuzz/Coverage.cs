using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Polygate.Fuzz;

/// <summary>
/// Which branches of the instrumented code an input took, and how often (in powers of two), as afl-fuzz keeps it: a byte for each hashed pair of
/// places in the code.
/// </summary>
internal sealed unsafe class Coverage
{
    private const int Size = 1 << 16;

    private readonly byte* hits;
    private readonly byte[] known = new byte[Size];

    public Coverage()
    {
        hits = (byte*)NativeMemory.AllocZeroed(Size);
        Trace.SharedMem = hits;
    }

    /// <summary>Pairs of places seen so far.</summary>
    public int Edges { get; private set; }

    /// <summary>Whether the code is instrumented at all: without it inputs are only mutated blindly.</summary>
    public bool IsGuided => Edges > 0;

    public void Begin()
    {
        new Span<byte>(hits, Size).Clear();
        Trace.SharedMem = hits;
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether the input did something that none before did.</summary>
    public bool End()
    {
        var isNew = false;
        var words = new ReadOnlySpan<ulong>(hits, Size / sizeof(ulong));
        for (var word = 0; word < words.Length; word++)
        {
            if (words[word] == 0)
                continue;

            for (var i = word * sizeof(ulong); i < (word + 1) * sizeof(ulong); i++)
                isNew |= Note(i);
        }

        return isNew;
    }

    private bool Note(int index)
    {
        var bucket = Bucket(hits[index]);
        if ((bucket & ~known[index]) == 0)
            return false;

        Edges += known[index] == 0 ? 1 : 0;
        known[index] |= bucket;
        return true;
    }

    private static byte Bucket(byte count) => count switch
    {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}
