using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Pipeline;

/// <summary>
/// Who looked at what. Of something that many looked at (their Gateway, their class) only the number is kept: when it changes, all of them are
/// worked on again, beside which finding them by what each of them remembers costs little, and ten thousand routes need not stand in ten sets each.
/// </summary>
/// <typeparam name="T">Who looks.</typeparam>
internal sealed class Dependents<T>
    where T : class
{
    /// <summary>From here on somebody is one of many.</summary>
    internal const int Many = 32;

    private readonly Dictionary<Dependency, Lookers> entries = [];

    /// <summary>Notes somebody who did not look at this before.</summary>
    /// <returns>Whether nobody else did.</returns>
    public bool Add(Dependency dependency, T looker)
    {
        ref var lookers = ref CollectionsMarshal.GetValueRefOrAddDefault(entries, dependency, out var isKnown);
        lookers.Count++;
        if (lookers.Count < Many && !lookers.AreMany)
        {
            lookers.Few.Add(looker);
        }
        else if (!lookers.AreMany)
        {
            lookers.AreMany = true;
            lookers.Few = default;
        }

        return !isKnown;
    }

    /// <summary>Forgets somebody who was noted.</summary>
    /// <returns>Whether nobody is left.</returns>
    public bool Remove(Dependency dependency, T looker)
    {
        ref var lookers = ref CollectionsMarshal.GetValueRefOrNullRef(entries, dependency);
        if (Unsafe.IsNullRef(ref lookers))
        {
            return false;
        }

        lookers.Few.Remove(looker);
        return --lookers.Count == 0 && entries.Remove(dependency);
    }

    /// <summary>Whether so many looked at it that they are only counted.</summary>
    public bool AreMany(Dependency dependency) => entries.TryGetValue(dependency, out var lookers) && lookers.AreMany;

    /// <summary>Everybody who looked at one of these.</summary>
    /// <param name="changed">What changed.</param>
    /// <param name="all">Everybody there is.</param>
    /// <param name="dependenciesOf">What somebody looked at.</param>
    public HashSet<T> Of(IEnumerable<Dependency> changed, IEnumerable<T> all, Func<T, IEnumerable<Dependency>> dependenciesOf)
    {
        var concerned = new HashSet<T>();
        var popular = new HashSet<Dependency>();
        foreach (var dependency in changed)
        {
            ref var lookers = ref CollectionsMarshal.GetValueRefOrNullRef(entries, dependency);
            if (Unsafe.IsNullRef(ref lookers))
            {
                continue;
            }

            concerned.UnionWith(lookers.Few.Items);
            if (lookers.AreMany)
            {
                popular.Add(dependency);
            }
        }

        if (popular.Count > 0)
        {
            concerned.UnionWith(all.Where(looker => dependenciesOf(looker).Any(popular.Contains)));
        }

        return concerned;
    }

    private struct Lookers
    {
        public SmallSet<T> Few;
        public int Count;
        public bool AreMany;
    }
}
