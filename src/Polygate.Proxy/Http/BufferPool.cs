namespace Polygate.Proxy.Http;

/// <summary>
/// The buffers of one loop's thread: taken while data is in flight, given back before anything is waited for that may be long in coming.
/// Pinned, so that the system can be handed their addresses.
/// </summary>
internal static class BufferPool
{
    /// <summary>The usual buffer.</summary>
    public const int Standard = 16 * 1024;

    /// <summary>For long heads and bodies that come faster than the usual buffer holds.</summary>
    public const int Large = 64 * 1024;

    private const int StandardKept = 512;
    private const int LargeKept = 64;

    [ThreadStatic]
    private static Stack<byte[]>? standard;

    [ThreadStatic]
    private static Stack<byte[]>? large;

    /// <summary>A buffer of at least this size.</summary>
    public static byte[] Rent(int size) => size switch
    {
        <= Standard => (standard ??= new Stack<byte[]>()).TryPop(out var buffer) ? buffer : Allocate(Standard),
        <= Large => (large ??= new Stack<byte[]>()).TryPop(out var buffer) ? buffer : Allocate(Large),
        _ => Allocate(size),
    };

    public static void Return(byte[] buffer)
    {
        if (buffer.Length == Standard)
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
