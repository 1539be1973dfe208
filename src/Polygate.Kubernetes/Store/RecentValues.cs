namespace Polygate.Kubernetes.Store;

/// <summary>
/// Values seen lately, so that of many equal ones one is kept: ten thousand objects of a kind say the same words. Of bounded size; a value
/// that was pushed out is merely kept twice. Safe to use from several threads.
/// </summary>
/// <typeparam name="T">An immutable type (or one that nobody changes).</typeparam>
public sealed class RecentValues<T>
    where T : class
{
    private readonly T?[] slots;
    private readonly IEqualityComparer<T> comparer;

    /// <param name="capacity">How many values are kept at most; a power of two.</param>
    /// <param name="comparer">What counts as equal.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is no power of two.</exception>
    public RecentValues(int capacity, IEqualityComparer<T> comparer)
    {
        if (!int.IsPow2(capacity))
        {
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "A power of two is needed.");
        }

        slots = new T?[capacity];
        this.comparer = comparer;
    }

    /// <summary>The equal value that was seen before, or this one.</summary>
    public T Share(T value)
    {
        ref var slot = ref slots[comparer.GetHashCode(value) & (slots.Length - 1)];
        if (Volatile.Read(ref slot) is { } known && comparer.Equals(known, value))
        {
            return known;
        }

        Volatile.Write(ref slot, value);
        return value;
    }
}
