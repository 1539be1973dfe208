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
    private static Stack<byte[]>? small;

    [ThreadStatic]
    private static Stack<byte[]>? standard;

    [ThreadStatic]
    private static Stack<byte[]>? large;

    /// <summary>A buffer of at least this size.</summary>
    public static byte[] Rent(int size) => size switch
    {
        <= Small => (small ??= new Stack<byte[]>()).TryPop(out var buffer) ? buffer : Allocate(Small),
        <= Standard => (standard ??= new Stack<byte[]>()).TryPop(out var buffer) ? buffer : Allocate(Standard),
        <= Large => (large ??= new Stack<byte[]>()).TryPop(out var buffer) ? buffer : Allocate(Large),
        _ => Allocate(size),
    };

    public static void Return(byte[] buffer)
    {
        if (buffer.Length == Small)
            Keep(small ??= new Stack<byte[]>(), buffer, SmallKept);
        else if (buffer.Length == Standard)
            Keep(standard ??= new Stack<byte[]>(), buffer, StandardKept);
        else if (buffer.Length == Large)
            Keep(large ??= new Stack<byte[]>(), buffer, LargeKept);
    }

    private static void Keep(Stack<byte[]> stack, byte[] buffer, int limit)
    {
        if (stack.Count < limit)
            stack.Push(buffer);
    }

    private static byte[] Allocate(int size) => GC.AllocateUninitializedArray<byte>(size, pinned: true);
}
