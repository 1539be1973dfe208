using System.Collections.Immutable;

namespace Polygate.Proxy.Routing;

/// <summary>What is to be taken out of a table and put into it.</summary>
internal sealed class TableChanges
{
    private readonly Dictionary<HostKey, HostChange> hosts = [];
    private readonly Dictionary<VirtualHostKey, int> claims = [];
    private readonly Dictionary<string, int> serverNameScopes = new(StringComparer.Ordinal);

    public bool IsEmpty { get; private set; } = true;

    /// <summary>The hosts whose matches change.</summary>
    public IEnumerable<HostKey> Hosts => hosts.Keys;

    /// <summary>The virtual hosts that are claimed more or less often than before.</summary>
    public IEnumerable<VirtualHostKey> VirtualHosts => claims.Where(claim => claim.Value != 0).Select(claim => claim.Key);

    public void Remove(PieceRoutes? piece)
    {
        if (piece is null)
        {
            return;
        }

        IsEmpty = false;
        Claim(piece, -1);
        foreach (var match in piece.Matches)
        {
            ChangeOf(match.Key).Removed.Add(match);
        }
    }

    public void Add(PieceRoutes piece)
    {
        IsEmpty = false;
        Claim(piece, 1);
        foreach (var match in piece.Matches)
        {
            ChangeOf(match.Key).Added.Add(match);
        }
    }

    public ImmutableDictionary<HostKey, ImmutableArray<CompiledMatch>> Apply(ImmutableDictionary<HostKey, ImmutableArray<CompiledMatch>> before)
    {
        var after = before.ToBuilder();
        foreach (var (key, change) in hosts)
        {
            var matches = change.Apply(before.GetValueOrDefault(key, []));
            if (matches.IsEmpty)
            {
                after.Remove(key);
            }
            else
            {
                after[key] = matches;
            }
        }

        return after.ToImmutable();
    }

    /// <summary>How often each virtual host is claimed.</summary>
    public ImmutableDictionary<VirtualHostKey, int> Apply(ImmutableDictionary<VirtualHostKey, int> before) => Count(before, claims);

    /// <summary>How many pieces want a scope to follow the server name.</summary>
    public ImmutableDictionary<string, int> Apply(ImmutableDictionary<string, int> before) => Count(before, serverNameScopes);

    private static ImmutableDictionary<TKey, int> Count<TKey>(ImmutableDictionary<TKey, int> before, Dictionary<TKey, int> steps)
        where TKey : notnull
    {
        var after = before.ToBuilder();
        foreach (var (key, step) in steps)
        {
            var count = before.GetValueOrDefault(key) + step;
            if (count == 0)
            {
                after.Remove(key);
            }
            else
            {
                after[key] = count;
            }
        }

        return after.ToImmutable();
    }

    private void Claim(PieceRoutes piece, int step)
    {
        foreach (var claim in piece.Claims)
        {
            claims[claim] = claims.GetValueOrDefault(claim) + step;
        }

        foreach (var scope in piece.ServerNameScopes)
        {
            serverNameScopes[scope] = serverNameScopes.GetValueOrDefault(scope) + step;
        }
    }

    private HostChange ChangeOf(HostKey key)
    {
        if (!hosts.TryGetValue(key, out var change))
        {
            hosts.Add(key, change = new HostChange());
        }

        return change;
    }

    private sealed class HostChange
    {
        private static readonly Comparer<CompiledMatch> InScope = Comparer<CompiledMatch>.Create(CompiledMatch.CompareInScope);

        public List<CompiledMatch> Removed { get; } = [];

        public List<CompiledMatch> Added { get; } = [];

        /// <summary>
        /// Merges into matches in order of precedence, which stay so. Each change is searched for, and what lies between is copied without a look at it:
        /// a look at ten thousand would cost more than the change.
        /// </summary>
        public ImmutableArray<CompiledMatch> Apply(ImmutableArray<CompiledMatch> before)
        {
            Removed.Sort(InScope);
            Added.Sort(InScope);
            var merged = ImmutableArray.CreateBuilder<CompiledMatch>(before.Length + Added.Count);
            var taken = 0;
            var (nextRemoved, nextAdded) = (0, 0);
            while (nextRemoved < Removed.Count || nextAdded < Added.Count)
            {
                // What takes another's place comes after it.
                var removes = nextAdded == Added.Count
                    || (nextRemoved < Removed.Count && CompiledMatch.CompareInScope(Removed[nextRemoved], Added[nextAdded]) <= 0);
                var match = removes ? Removed[nextRemoved++] : Added[nextAdded++];
                var found = before.AsSpan(taken..).BinarySearch(match, InScope);
                var place = taken + (found < 0 ? ~found : found);
                merged.AddRange(before.AsSpan(taken..place));
                taken = place;
                if (!removes)
                    merged.Add(match);
                else if (found >= 0)
                    taken++;
            }

            merged.AddRange(before.AsSpan(taken..));
            return merged.DrainToImmutable();
        }
    }
}
