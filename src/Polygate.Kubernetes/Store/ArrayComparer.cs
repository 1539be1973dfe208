namespace Polygate.Kubernetes.Store;

/// <summary>Compares arrays by their items, for <see cref="RecentValues{T}"/> of arrays that nobody changes.</summary>
/// <typeparam name="T">The items.</typeparam>
public sealed class ArrayComparer<T> : IEqualityComparer<T[]>
{
    public bool Equals(T[]? x, T[]? y) => x.AsSpan().SequenceEqual(y, EqualityComparer<T>.Default);

    public int GetHashCode(T[] items)
    {
        var hash = default(HashCode);
        foreach (var item in items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }
}
