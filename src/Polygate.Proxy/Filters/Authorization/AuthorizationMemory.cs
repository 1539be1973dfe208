using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Filters.Authorization;

/// <summary>What an authorization service said lately. Thread-safe; bounded.</summary>
internal sealed class AuthorizationMemory
{
    /// <summary>The most answers remembered.</summary>
    public const int MostEntries = 10_000;

    private readonly Lock gate = new();
    private readonly Dictionary<UInt128, (AuthorizationVerdict Verdict, long Until)> entries = [];

    /// <summary>An answer that still holds; null when there is none.</summary>
    /// <param name="key">The digest of what tells requests apart.</param>
    /// <param name="now">Milliseconds on a clock that never goes back.</param>
    public AuthorizationVerdict? TryRecall(UInt128 key, long now)
    {
        lock (gate)
            return entries.TryGetValue(key, out var entry) && now < entry.Until ? entry.Verdict : null;
    }

    public void Remember(UInt128 key, AuthorizationVerdict verdict, long now, TimeSpan lifetime)
    {
        if (lifetime <= TimeSpan.Zero)
            return;

        lock (gate)
        {
            if (entries.Count >= MostEntries && !entries.ContainsKey(key))
                MakeRoom(now);

            entries[key] = (verdict, now + (long)lifetime.TotalMilliseconds);
        }
    }

    private void MakeRoom(long now)
    {
        foreach (var (key, entry) in entries)
        {
            if (entry.Until <= now)
                entries.Remove(key);
        }

        // A tenth at once, so that a flood of new keys does not sweep the table for each of them.
        foreach (var key in entries.Keys.Take(Math.Max(0, entries.Count - (MostEntries * 9 / 10))).ToList())
            entries.Remove(key);
    }
}

/// <summary>The memories of all routes, by the route's identity and the filter's place.</summary>
internal sealed class AuthorizationMemories
{
    private readonly WeakRegistry<AuthorizationMemory> memories = new();

    public AuthorizationMemory Get(string id) => memories.GetOrAdd(id, static _ => new AuthorizationMemory());
}
