using System.Runtime.InteropServices;
using Polygate.Model;

namespace Polygate.Proxy.Listening;

/// <summary>
/// Which listeners are wanted, by how many pieces each: ten thousand Ingresses want the same two. As long as none is new and none the last of its
/// kind, sockets stay as they are. One thread at a time.
/// </summary>
internal sealed class ListenerWishes
{
    private static readonly Origin Anywhere = new("", "", "", "");

    private readonly Dictionary<Listener, int> counts = [];

    /// <summary>Takes in changed pieces; true when what is wanted is something else than before.</summary>
    public bool Change(IEnumerable<(ConfigurationPiece Before, ConfigurationPiece After)> changes)
    {
        var touched = new Dictionary<Listener, bool>();
        foreach (var (before, after) in changes)
        {
            if (before.Listeners != after.Listeners)
            {
                Count(after.Listeners, 1, touched);
                Count(before.Listeners, -1, touched);
            }
        }

        return touched.Any(pair => pair.Value != counts.ContainsKey(pair.Key));
    }

    private void Count(ValueList<Listener> listeners, int step, Dictionary<Listener, bool> touched)
    {
        foreach (var listener in listeners)
        {
            var wish = listener with { Origin = Anywhere };
            touched.TryAdd(wish, counts.ContainsKey(wish));
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, wish, out _);
            count += step;
            if (count == 0)
            {
                counts.Remove(wish);
            }
        }
    }
}
