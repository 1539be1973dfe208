using System.Collections.Immutable;
using Polygate.Model;

namespace Polygate.Dialects.Pipeline;

/// <summary>A dictionary in the making, and where it will differ from the one before.</summary>
internal sealed class Draft<T>(ImmutableDictionary<string, T> before)
    where T : class
{
    /// <summary>Beyond so many, comparing everything costs no more than making the change did; and names are kept as long as the configuration.</summary>
    private const int MostChanges = 1000;

    private readonly ImmutableDictionary<string, T>.Builder builder = before.ToBuilder();
    private readonly HashSet<string> changed = new(StringComparer.Ordinal);

    /// <summary>Sets a value, unless an equal one is there: then that stays.</summary>
    public void Set(string key, T value)
    {
        if (!builder.TryGetValue(key, out var known) || !known.Equals(value))
        {
            builder[key] = value;
            changed.Add(key);
        }
    }

    public void Remove(string key)
    {
        if (builder.Remove(key))
        {
            changed.Add(key);
        }
    }

    /// <summary>An untouched builder gives back the instance it was made from.</summary>
    public ImmutableDictionary<string, T> Finish(out KnownChanges<T>? changes)
    {
        var after = builder.ToImmutable();
        changes = changed.Count <= MostChanges ? new KnownChanges<T>(before, after, changed) : null;
        return after;
    }
}
