using System.Collections.Immutable;
using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>Finds what differs between two immutable dictionaries of which one was made from the other.</summary>
internal static class DictionaryDiff
{
    /// <summary>
    /// The values that are not the same instances, null standing for none. Where it is known how the one was made from the other, only what is
    /// named there is looked at. Otherwise both are enumerated in step, in the order of
    /// their keys' hashes, so that what did not change costs a comparison of references and no lookup.
    /// </summary>
    public static List<(string Key, T? Before, T? After)> Changes<T>(
        ImmutableDictionary<string, T> before, ImmutableDictionary<string, T> after, KnownChanges<T>? known)
        where T : class
    {
        var changes = new List<(string, T?, T?)>();
        if (ReferenceEquals(before, after))
        {
            return changes;
        }

        if (known is not null && ReferenceEquals(known.Before, before) && ReferenceEquals(known.After, after))
        {
            foreach (var key in known.Keys)
            {
                var (was, becomes) = (before.GetValueOrDefault(key), after.GetValueOrDefault(key));
                if (!ReferenceEquals(was, becomes))
                {
                    changes.Add((key, was, becomes));
                }
            }

            return changes;
        }

        using var old = before.GetEnumerator();
        using var young = after.GetEnumerator();
        var hasOld = old.MoveNext();
        var hasYoung = young.MoveNext();
        while (hasOld && hasYoung)
        {
            if (old.Current.Key == young.Current.Key)
            {
                if (!ReferenceEquals(old.Current.Value, young.Current.Value))
                {
                    changes.Add((old.Current.Key, old.Current.Value, young.Current.Value));
                }

                (hasOld, hasYoung) = (old.MoveNext(), young.MoveNext());
                continue;
            }

            // One side has a key that the other lacks, or (keys of equal hash) has it elsewhere.
            if (!after.ContainsKey(old.Current.Key))
            {
                changes.Add((old.Current.Key, old.Current.Value, null));
                hasOld = old.MoveNext();
            }
            else if (!before.ContainsKey(young.Current.Key))
            {
                changes.Add((young.Current.Key, null, young.Current.Value));
                hasYoung = young.MoveNext();
            }
            else
            {
                return ChangesByLookup(before, after);
            }
        }

        for (; hasOld; hasOld = old.MoveNext())
        {
            changes.Add((old.Current.Key, old.Current.Value, null));
        }

        for (; hasYoung; hasYoung = young.MoveNext())
        {
            changes.Add((young.Current.Key, null, young.Current.Value));
        }

        return changes;
    }

    private static List<(string Key, T? Before, T? After)> ChangesByLookup<T>(ImmutableDictionary<string, T> before, ImmutableDictionary<string, T> after)
        where T : class
    {
        var changes = new List<(string, T?, T?)>();
        foreach (var (key, value) in after)
        {
            if (before.GetValueOrDefault(key) is var old && !ReferenceEquals(old, value))
            {
                changes.Add((key, old, value));
            }
        }

        foreach (var (key, value) in before)
        {
            if (!after.ContainsKey(key))
            {
                changes.Add((key, value, null));
            }
        }

        return changes;
    }
}
