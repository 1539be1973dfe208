namespace Polygate.Proxy.Upstreams;

/// <summary>
/// Shared objects by name that live as long as somebody uses them: state that compiled routes hold is found again by
/// the next configuration, and goes with the last route that held it.
/// </summary>
internal sealed class WeakRegistry<T>
    where T : class
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, WeakReference<T>> entries = new(StringComparer.Ordinal);
    private int pruneAt = 64;

    public T GetOrAdd(string name, Func<string, T> create)
    {
        lock (gate)
        {
            if (entries.TryGetValue(name, out var entry) && entry.TryGetTarget(out var existing))
            {
                return existing;
            }

            if (entries.Count >= pruneAt)
            {
                Prune();
            }

            var created = create(name);
            entries[name] = new WeakReference<T>(created);
            return created;
        }
    }

    private void Prune()
    {
        foreach (var (name, entry) in entries)
        {
            if (!entry.TryGetTarget(out _))
            {
                entries.Remove(name);
            }
        }

        pruneAt = Math.Max(64, entries.Count * 2);
    }
}
