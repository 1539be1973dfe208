namespace Polygate.Kubernetes.Store;

/// <summary>
/// A set that mostly holds one item, and then costs nothing but the reference to it: of ten thousand objects nearly each is looked
/// at by one other. A mutable value: keep it in one place.
/// </summary>
/// <typeparam name="T">What it holds.</typeparam>
public struct SmallSet<T>
    where T : class
{
    /// <summary>Null, the one item, or several: a set, or items in order.</summary>
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
            case HashSet<T> several:
                several.Add(item);
                break;
            case SortedItems<T> several:
                several.Add(item);
                break;
            case T one when order is null && !ReferenceEquals(one, item):
                held = new HashSet<T> { one, item };
                break;
            case T one when order is not null && order.Compare(one, item) != 0:
                var sorted = new SortedItems<T>(order);
                sorted.Add(one);
                sorted.Add(item);
                held = sorted;
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
            return;
        }

        switch (held)
        {
            case HashSet<T> several:
                several.Remove(item);
                break;
            case SortedItems<T> several:
                several.Remove(item);
                break;
        }

        if (held is IReadOnlyCollection<T> { Count: 1 } left)
        {
            held = left.First();
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
