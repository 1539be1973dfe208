using System.Net;
using System.Runtime.CompilerServices;

namespace Polygate.Proxy.Transport;

/// <summary>
/// A thread that waits for events of its sockets and runs what awaits them. All state of a connection, its upstream
/// connections and their pool is touched on its loop only, so none of it is locked.
/// </summary>
public abstract class EventLoop
{
    /// <summary>The loop that the calling thread is, or null.</summary>
    [field: ThreadStatic]
    public static EventLoop? Current
    {
        get;
        protected set;
    }

    /// <summary>From 0 to the number of loops less one.</summary>
    public abstract int Index { get; }

    /// <summary>For whom the loop works at the moment (a route), as far as that is known: who is to blame when it takes long. On the loop.</summary>
    internal string? Holder { get; set; }

    /// <summary>Milliseconds since the process started, taken once a batch of events.</summary>
    public abstract long Now { get; }

    /// <summary>Runs an action on the loop, soon. From any thread.</summary>
    public abstract void Post(Action<object?> action, object? state);

    /// <summary>Runs an action when the current batch of events is done, before the loop waits again. On the loop.</summary>
    internal virtual void Schedule(Action<object?> action, object? state) => Post(action, state);

    /// <summary>
    /// Awaited, goes on on this loop: at once when already there, posted otherwise. For coming back from work that
    /// completes on other threads. From any thread.
    /// </summary>
    public LoopSwitch SwitchTo() => new(this);

    /// <summary>Connects to an endpoint; the channel belongs to this loop. On the loop.</summary>
    /// <exception cref="ChannelException">It could not be reached in time (<see cref="ChannelError.ConnectFailed"/> or <see cref="ChannelError.TimedOut"/>).</exception>
    public abstract ValueTask<Channel> ConnectAsync(IPEndPoint endpoint, TimeSpan timeout);

    /// <summary>A UDP socket connected to a peer; it belongs to this loop. On the loop.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The system gives none, or knows no way to the peer.</exception>
    /// <exception cref="NotSupportedException">This transport has no datagrams.</exception>
    public virtual DatagramChannel ConnectDatagrams(IPEndPoint endpoint, IDatagramHandler handler) =>
        throw new NotSupportedException("This transport has no datagrams.");

    /// <summary>Completes on the loop after a time (within 100 ms late). On the loop.</summary>
    public abstract ValueTask DelayAsync(TimeSpan time);

    /// <summary>Calls back on the loop after a time unless cancelled before; allocates nothing in the steady state. On the loop.</summary>
    public abstract LoopTimer StartTimer(TimeSpan time, Action<object?> callback, object? state);
}

/// <summary>What <see cref="EventLoop.SwitchTo"/> awaits.</summary>
public readonly struct LoopSwitch : ICriticalNotifyCompletion, IEquatable<LoopSwitch>
{
    private readonly EventLoop loop;

    internal LoopSwitch(EventLoop loop) => this.loop = loop;

    public bool IsCompleted => EventLoop.Current == loop;

    public LoopSwitch GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation) => loop.Post(static action => ((Action)action!)(), continuation);

    public bool Equals(LoopSwitch other) => loop == other.loop;

    public override bool Equals(object? obj) => obj is LoopSwitch other && Equals(other);

    public override int GetHashCode() => loop?.GetHashCode() ?? 0;

    public static bool operator ==(LoopSwitch left, LoopSwitch right) => left.Equals(right);

    public static bool operator !=(LoopSwitch left, LoopSwitch right) => !left.Equals(right);
}

/// <summary>A timer of an <see cref="EventLoop"/>; the default value is none.</summary>
public readonly record struct LoopTimer(object? Entry, int Version)
{
    /// <summary>Prevents the call back if it has not happened. On the loop.</summary>
    public void Cancel() => (Entry as ICancellableTimer)?.Cancel(Version);
}

/// <summary>What a <see cref="LoopTimer"/> refers to: entries are reused, the version tells whose turn it is.</summary>
public interface ICancellableTimer
{
    void Cancel(int version);
}
