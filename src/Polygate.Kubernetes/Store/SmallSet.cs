namespace Polygate.Kubernetes.Store;

/// <summary>
/// A set that mostly holds one item, and then costs nothing but the reference to it: of ten thousand objects nearly each is looked
/// at by one other. A mutable value: keep it in one place.
/// </summary>
/// <typeparam name="T">What it holds.</typeparam>
public struct SmallSet<T>
    where T : class
{
    /// <summary>Null, the one item, or a set of several.</summary>
    private object? held;

    public readonly bool IsEmpty => held is null;

    /// <summary>Adds an item; nothing happens when it is there.</summary>
    /// <param name="item">The item.</param>
    /// <param name="order">Sorts the items, and tells which are the same; null for no order.</param>
    public void Add(T item, IComparer<T>? order = null)
    {
        switch (held)
        {
            case null:
                held = item;
                break;
            case ISet<T> several:
                several.Add(item);
                break;
            case T one when order is null ? !ReferenceEquals(one, item) : order.Compare(one, item) != 0:
                held = order is null ? new HashSet<T> { one, item } : new SortedSet<T>(order) { one, item };
                break;
        }
    }

    /// <summary>Takes an item out, if it is there.</summary>
    /// <param name="item">The item.</param>
    public void Remove(T item)
    {
        if (ReferenceEquals(held, item))
        {
            held = null;
        }
        else if (held is ISet<T> several && several.Remove(item) && several.Count == 1)
        {
            held = several.First();
        }
    }

    /// <summary>The items, in order where there is one.</summary>
    public readonly IReadOnlyCollection<T> Items => held switch
    {
        null => [],
        T one => [one],
        _ => (IReadOnlyCollection<T>)held,
    };
}
