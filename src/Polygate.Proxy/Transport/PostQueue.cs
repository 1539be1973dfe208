namespace Polygate.Proxy.Transport;

/// <summary>Work that any thread gives to a loop, and the loop's agreement with them about who wakes it.</summary>
internal sealed class PostQueue
{
    private readonly Lock gate = new();
    private List<(Action<object?> Action, object? State)> incoming = [];
    private List<(Action<object?> Action, object? State)> running = [];
    private bool waiting;

    /// <summary>Adds work; true when the loop sleeps and this caller is to wake it.</summary>
    internal bool Add(Action<object?> action, object? state)
    {
        lock (gate)
        {
            incoming.Add((action, state));
            var wake = waiting;
            waiting = false;
            return wake;
        }
    }

    /// <summary>Says that the loop is about to sleep; false when there is work and it must not.</summary>
    internal bool PrepareToWait()
    {
        lock (gate)
        {
            waiting = incoming.Count == 0;
            return waiting;
        }
    }

    /// <summary>Runs what has been added so far.</summary>
    internal void Run(ThreadLoop loop)
    {
        lock (gate)
        {
            waiting = false;
            if (incoming.Count == 0)
            {
                return;
            }

            (incoming, running) = (running, incoming);
        }

        foreach (var (action, state) in running)
        {
            loop.Guard(action, state);
        }

        running.Clear();
    }
}
