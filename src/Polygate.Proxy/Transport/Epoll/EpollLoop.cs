using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Polygate.Proxy.Transport;

/// <summary>Something whose descriptor is watched by an <see cref="EpollLoop"/>.</summary>
internal abstract class EpollHandle
{
    internal int Descriptor { get; init; }

    /// <summary>Where the loop keeps it; -1 when it is not watched.</summary>
    internal int Slot { get; set; } = -1;

    /// <summary>Called on the loop with what epoll said, for all handles of a turn before anything is done about it: for what runs no other code.</summary>
    internal virtual void Gather(uint events)
    {
    }

    /// <summary>Called on the loop with what epoll said.</summary>
    internal abstract void OnEvents(uint events);

    /// <summary>What ran in <see cref="OnEvents"/> threw, or the loop ends: give up.</summary>
    internal abstract void Abandon();
}

/// <summary>
/// A thread on epoll. Events name a slot and its generation, so that an event of a closed descriptor never reaches the
/// one that was opened under the same number in the same turn.
/// </summary>
internal sealed class EpollLoop : ThreadLoop, IDisposable
{
    private const int EventCapacity = 256;
    private const ulong WakeUpData = ulong.MaxValue;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int EventDataOffset = EventSize - sizeof(ulong);

    private readonly int epoll;
    private readonly SafeFileHandle wakeUp;
    private readonly unsafe byte* events;
    private readonly Stack<int> freeSlots = new();
    private EpollHandle?[] handles = new EpollHandle?[64];
    private uint[] generations = new uint[64];
    private int slotCount;
    private int eventCount;

    internal unsafe EpollLoop(int index, TransportOptions options)
        : base(index, options)
    {
        epoll = Libc.EpollCreate(Libc.EpollCloseOnExec);
        var eventFd = Libc.EventFd(0, Libc.EventFdNonBlock | Libc.EventFdCloseOnExec);
        wakeUp = new SafeFileHandle(eventFd, ownsHandle: true);
        if (epoll < 0 || eventFd < 0)
        {
            throw Libc.ToSocketException(Libc.Error);
        }

        events = (byte*)NativeMemory.Alloc((nuint)(EventCapacity * EventSize));

        // Edge-triggered, each wake-up is told once without its count being read.
        Control(Libc.EpollAdd, eventFd, Libc.EpollIn | Libc.EpollEdge, WakeUpData);
    }

    public override async ValueTask<Channel> ConnectAsync(IPEndPoint endpoint, TimeSpan timeout)
    {
        var channel = EpollChannel.BeginConnect(this, endpoint);
        try
        {
            await channel.ConnectedAsync(timeout).ConfigureAwait(false);
            return channel;
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    public override DatagramChannel ConnectDatagrams(IPEndPoint endpoint, IDatagramHandler handler) => EpollDatagrams.Connect(this, endpoint, handler);

    /// <summary>Gives up what wakes it; later posts find nothing to wake. Called by the loop when it ends.</summary>
    public void Dispose() => wakeUp.Dispose();

    /// <summary>Begins to watch. On the loop.</summary>
    internal void Add(EpollHandle handle, uint interest)
    {
        if (!freeSlots.TryPop(out var slot))
        {
            slot = slotCount++;
            if (slot == handles.Length)
            {
                Array.Resize(ref handles, slot * 2);
                Array.Resize(ref generations, slot * 2);
            }
        }

        handles[slot] = handle;
        handle.Slot = slot;
        Control(Libc.EpollAdd, handle.Descriptor, interest, DataOf(slot));
    }

    /// <summary>Watches for something else.</summary>
    internal void Modify(EpollHandle handle, uint interest) =>
        Control(Libc.EpollModify, handle.Descriptor, interest, DataOf(handle.Slot));

    /// <summary>Closes the descriptor; events of it that are still to be handled in this turn are dropped.</summary>
    internal void Close(EpollHandle handle)
    {
        if (handle.Slot >= 0)
        {
            generations[handle.Slot]++;
            handles[handle.Slot] = null;
            freeSlots.Push(handle.Slot);
            handle.Slot = -1;
        }

        _ = Libc.Close(handle.Descriptor);
    }

    protected override unsafe void WaitForEvents(int timeout)
    {
        eventCount = Libc.EpollWait(epoll, events, EventCapacity, timeout);
        if (eventCount < 0)
        {
            var error = Libc.Error;
            eventCount = 0;
            if (error != Libc.Interrupted)
            {
                Report("Waiting for events failed.", Libc.ToSocketException(error));
            }
        }
    }

    protected override unsafe void DispatchEvents()
    {
        for (var i = 0; i < eventCount; i++)
        {
            if (HandleOf(i) is { } handle)
            {
                Gather(handle, EventsOf(i));
            }
        }

        for (var i = 0; i < eventCount; i++)
        {
            if (HandleOf(i) is { } handle)
            {
                Dispatch(handle, EventsOf(i));
            }
        }
    }

    protected override unsafe void Wake()
    {
        ulong one = 1;
        try
        {
            _ = Libc.Write(wakeUp, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended; what is posted to it is dropped.
        }
    }

    protected override void AbortAll()
    {
        for (var slot = 0; slot < slotCount; slot++)
        {
            handles[slot]?.Abandon();
        }
    }

    protected override unsafe void Release()
    {
        _ = Libc.Close(epoll);
        NativeMemory.Free(events);
        Dispose();
    }

    private unsafe uint EventsOf(int index) => *(uint*)(events + (index * EventSize));

    /// <summary>Whom an event is for; null when that was closed since, and for the wake-up.</summary>
    private unsafe EpollHandle? HandleOf(int index)
    {
        var data = *(ulong*)(events + (index * EventSize) + EventDataOffset);
        var slot = (int)(uint)data;
        return data != WakeUpData && generations[slot] == (uint)(data >> 32) ? handles[slot] : null;
    }

    private void Gather(EpollHandle handle, uint what)
    {
        try
        {
            handle.Gather(what);
        }
        catch (Exception exception)
        {
            Report("An exception escaped to an event loop.", exception);
            handle.Abandon();
        }
    }

    private void Dispatch(EpollHandle handle, uint what)
    {
        try
        {
            handle.OnEvents(what);
        }
        catch (Exception exception)
        {
            Report("An exception escaped to an event loop.", exception);
            handle.Abandon();
        }

        EndCallback();
    }

    private ulong DataOf(int slot) => ((ulong)generations[slot] << 32) | (uint)slot;

    private unsafe void Control(int operation, int descriptor, uint interest, ulong data)
    {
        var item = stackalloc byte[16];
        *(uint*)item = interest;
        *(ulong*)(item + EventDataOffset) = data;
        if (Libc.EpollControl(epoll, operation, descriptor, item) < 0)
        {
            throw Libc.ToSocketException(Libc.Error);
        }
    }
}
