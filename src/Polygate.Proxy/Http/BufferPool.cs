namespace Polygate.Proxy.Http;

/// <summary>
/// The buffers of one loop's thread: taken while data is in flight, given back before anything is waited for that may be long in coming.
/// Pinned, so that the system can be handed their addresses.
/// </summary>
internal static class BufferPool
{
    /// <summary>
    /// For heads and small answers. Not a power of two, nor are the others: a turn of the loop fills many of them, and neighbours whose beginnings lie a
    /// power of two apart would fight for the same few lines of the processor's caches.
    /// </summary>
    public const int Small = (4 * 1024) + Skew;

    /// <summary>The usual buffer.</summary>
    public const int Standard = (16 * 1024) + Skew;

    /// <summary>For long heads and bodies that come faster than the usual buffer holds.</summary>
    public const int Large = (64 * 1024) + Skew;

    private const int Skew = 5 * 64;
    private const int SmallKept = 512;
    private const int StandardKept = 512;
    private const int LargeKept = 64;

    [ThreadStatic]
    private static Shelves? ofThread;

    private static Shelves OfThread => ofThread ??= new Shelves();

    /// <summary>A buffer of at least this size.</summary>
    public static byte[] Rent(int size) => size switch
    {
        <= Small => OfThread.Small.Take() ?? Allocate(Small),
        <= Standard => OfThread.Standard.Take() ?? Allocate(Standard),
        <= Large => OfThread.Large.Take() ?? Allocate(Large),
        _ => Allocate(size),
    };

    public static void Return(byte[] buffer)
    {
        switch (buffer.Length)
        {
            case Small:
                OfThread.Small.Put(buffer);
                break;
            case Standard:
                OfThread.Standard.Put(buffer);
                break;
            case Large:
                OfThread.Large.Put(buffer);
                break;
        }
    }

    private static byte[] Allocate(int size) => GC.AllocateUninitializedArray<byte>(size, pinned: true);

    private sealed class Shelves
    {
        public Shelf Small = new(SmallKept);
        public Shelf Standard = new(StandardKept);
        public Shelf Large = new(LargeKept);
    }

    /// <summary>Buffers of one size, the last returned on top; a plain array, since every request comes by here four times.</summary>
    private struct Shelf(int limit)
    {
        private Slot[] slots = new Slot[16];
        private int count;

        public byte[]? Take() => count == 0 ? null : slots[--count].Buffer;

        public void Put(byte[] buffer)
        {
            if (count == slots.Length)
            {
                if (count == limit)
                    return;

                Array.Resize(ref slots, Math.Min(limit, count * 2));
            }

            slots[count++].Buffer = buffer;
        }
    }

    /// <summary>Of a struct's field an array needs not ask whether the type is right.</summary>
    private struct Slot
    {
        public byte[] Buffer;
    }
}
