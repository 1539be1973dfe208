using System.Collections;

namespace Polygate.Kubernetes.Store;

/// <summary>
/// Many items in order, as one array: a tree would cost six times as much memory. Items that are added wait until somebody looks, so that ten thousand
/// in a row are sorted once. Not for several threads, not even to read.
/// </summary>
/// <typeparam name="T">What it holds.</typeparam>
internal sealed class SortedItems<T> : IReadOnlyCollection<T>
    where T : class
{
    /// <summary>Up to here each waiting item is moved to its place by itself.</summary>
    private const int Few = 8;

    private readonly IComparer<T> order;
    private readonly List<T> waiting = [];
    private List<T> sorted = [];

    /// <param name="order">Sorts the items, and tells which are the same.</param>
    public SortedItems(IComparer<T> order) => this.order = order;

    public int Count
    {
        get
        {
            Settle();
            return sorted.Count;
        }
    }

    /// <summary>Adds an item; nothing happens when it is there.</summary>
    public void Add(T item) => waiting.Add(item);

    /// <summary>Takes an item out, if it is there.</summary>
    public void Remove(T item)
    {
        Settle();
        var place = sorted.BinarySearch(item, order);
        if (place >= 0)
        {
            sorted.RemoveAt(place);
        }
    }

    public IEnumerator<T> GetEnumerator()
    {
        Settle();
        return sorted.GetEnumerator();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Settle()
    {
        if (waiting.Count == 0)
        {
            return;
        }

        if (waiting.Count <= Few)
        {
            foreach (var item in waiting)
            {
                var place = sorted.BinarySearch(item, order);
                if (place < 0)
                {
                    sorted.Insert(~place, item);
                }
            }
        }
        else
        {
            Merge();
        }

        waiting.Clear();
        if (waiting.Capacity > Few)
        {
            waiting.Capacity = 0;
        }
    }

    private void Merge()
    {
        waiting.Sort(order);
        var merged = new List<T>(sorted.Count + waiting.Count);
        var next = 0;
        foreach (var item in sorted)
        {
            for (; next < waiting.Count && order.Compare(waiting[next], item) < 0; next++)
            {
                Append(merged, waiting[next]);
            }

            Append(merged, item);
        }

        for (; next < waiting.Count; next++)
        {
            Append(merged, waiting[next]);
        }

        sorted = merged;
    }

    private void Append(List<T> merged, T item)
    {
        if (merged.Count == 0 || order.Compare(merged[^1], item) != 0)
        {
            merged.Add(item);
        }
    }
}
