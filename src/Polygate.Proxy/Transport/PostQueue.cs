namespace Polygate.Proxy.Transport;

/// <summary>
/// Work that any thread gives to a loop, and the loop's agreement with them about who wakes it. A loop that was given nothing takes no lock: it says
/// that it is about to sleep and then looks, who gives says so and then looks whether it sleeps, so that one of them sees the other.
/// </summary>
internal sealed class PostQueue
{
    private readonly Lock gate = new();
    private List<(Action<object?> Action, object? State)> incoming = [];
    private List<(Action<object?> Action, object? State)> running = [];
    private int count;
    private bool waiting;

    /// <summary>Adds work; true when the loop sleeps and this caller is to wake it.</summary>
    internal bool Add(Action<object?> action, object? state)
    {
        lock (gate)
        {
            incoming.Add((action, state));
            Volatile.Write(ref count, incoming.Count);
        }

        Interlocked.MemoryBarrier();
        return Volatile.Read(ref waiting) && Interlocked.Exchange(ref waiting, false);
    }

    /// <summary>Says that the loop is about to sleep; false when there is work and it must not.</summary>
    internal bool PrepareToWait()
    {
        Volatile.Write(ref waiting, true);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref count) == 0)
            return true;

        Volatile.Write(ref waiting, false);
        return false;
    }

    /// <summary>Runs what has been added so far.</summary>
    internal void Run(ThreadLoop loop)
    {
        Volatile.Write(ref waiting, false);
        if (Volatile.Read(ref count) == 0)
            return;

        lock (gate)
        {
            (incoming, running) = (running, incoming);
            Volatile.Write(ref count, 0);
        }

        foreach (var (action, state) in running)
        {
            loop.Guard(action, state);
        }

        running.Clear();
    }
}
