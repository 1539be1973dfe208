using System.Numerics;

namespace Polygate.Proxy.Transport;

/// <summary>Something a <see cref="TimerWheel"/> fires: a link in the list of its slot.</summary>
internal abstract class TimerEntry
{
    internal TimerEntry? Previous;
    internal TimerEntry? Next;

    /// <summary>The tick it fires at; meaningful while linked.</summary>
    internal long DueTick;

    internal bool IsLinked => Next is not null;

    /// <summary>Called once, unlinked, when its time has come.</summary>
    internal abstract void Fire();
}

/// <summary>
/// The timers of one loop in slots of 100 ms: adding, moving and removing touch one list each. Entries due beyond one
/// turn of the wheel stay in their slot until their turn. Not for several threads.
/// </summary>
internal sealed class TimerWheel
{
    /// <summary>The width of a slot in milliseconds: how late an entry may fire.</summary>
    internal const int Grain = 100;

    private const int SlotCount = 512;

    private readonly TimerEntry[] slots = new TimerEntry[SlotCount];
    private readonly ulong[] occupied = new ulong[SlotCount / 64];
    private readonly TimerEntry firing = new Sentinel();
    private readonly Action<TimerEntry> fire;
    private long tick;
    private int count;

    /// <param name="fire">Calls <see cref="TimerEntry.Fire"/> and deals with what it throws.</param>
    internal TimerWheel(Action<TimerEntry> fire)
    {
        this.fire = fire;
        for (var i = 0; i < SlotCount; i++)
        {
            slots[i] = new Sentinel();
        }
    }

    /// <summary>Adds an entry, or moves it when it is there.</summary>
    /// <param name="entry">What to fire.</param>
    /// <param name="due">Milliseconds on the loop's clock.</param>
    internal void Set(TimerEntry entry, long due)
    {
        Remove(entry);
        entry.DueTick = Math.Max((due + Grain - 1) / Grain, tick + 1);
        var slot = (int)(entry.DueTick % SlotCount);
        Link(slots[slot], entry);
        occupied[slot / 64] |= 1UL << (slot % 64);
        count++;
    }

    /// <summary>Removes an entry if it is there.</summary>
    internal void Remove(TimerEntry entry)
    {
        if (entry.IsLinked)
        {
            Unlink(entry);
            count--;
        }
    }

    /// <summary>Fires what is due.</summary>
    internal void Advance(long now)
    {
        var target = now / Grain;
        if (count == 0 || target <= tick)
        {
            tick = Math.Max(tick, target);
            return;
        }

        // After a long sleep every slot is looked at once at most.
        for (var next = Math.Max(tick + 1, target - SlotCount + 1); next <= target; next++)
        {
            CollectDue((int)(next % SlotCount), target);
        }

        tick = target;
        while (firing.Next is { } entry && entry != firing)
        {
            Unlink(entry);
            count--;
            fire(entry);
        }
    }

    /// <summary>How many milliseconds until something may be due; -1 when there is nothing.</summary>
    internal int NextDelay(long now)
    {
        if (count == 0)
        {
            return -1;
        }

        for (var ahead = 1; ahead <= SlotCount;)
        {
            var slot = (int)((tick + ahead) % SlotCount);
            var rest = occupied[slot / 64] >> (slot % 64);
            if (rest == 0)
            {
                ahead += 64 - (slot % 64);
                continue;
            }

            ahead += BitOperations.TrailingZeroCount(rest);
            return (int)Math.Clamp(((tick + ahead) * Grain) - now, 0, SlotCount * Grain);
        }

        return SlotCount * Grain;
    }

    private void CollectDue(int slot, long target)
    {
        var head = slots[slot];
        for (var entry = head.Next!; entry != head;)
        {
            var next = entry.Next!;
            if (entry.DueTick <= target)
            {
                Unlink(entry);
                Link(firing, entry);
            }

            entry = next;
        }

        if (head.Next == head)
        {
            occupied[slot / 64] &= ~(1UL << (slot % 64));
        }
    }

    private static void Link(TimerEntry head, TimerEntry entry)
    {
        entry.Previous = head.Previous;
        entry.Next = head;
        head.Previous!.Next = entry;
        head.Previous = entry;
    }

    private static void Unlink(TimerEntry entry)
    {
        entry.Previous!.Next = entry.Next;
        entry.Next!.Previous = entry.Previous;
        entry.Previous = null;
        entry.Next = null;
    }

    private sealed class Sentinel : TimerEntry
    {
        internal Sentinel()
        {
            Previous = this;
            Next = this;
        }

        internal override void Fire()
        {
        }
    }
}
