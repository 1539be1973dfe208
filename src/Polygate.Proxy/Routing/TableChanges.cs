using System.Collections.Immutable;

namespace Polygate.Proxy.Routing;

/// <summary>What is to be taken out of a table and put into it.</summary>
internal sealed class TableChanges
{
    private readonly Dictionary<HostKey, HostChange> hosts = [];
    private readonly Dictionary<VirtualHostKey, int> claims = [];

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
        foreach (var (key, match) in piece.Matches)
        {
            ChangeOf(key).Removed.Add(match);
        }
    }

    public void Add(PieceRoutes piece)
    {
        IsEmpty = false;
        Claim(piece, 1);
        foreach (var (key, match) in piece.Matches)
        {
            ChangeOf(key).Added.Add(match);
        }
    }

    public ImmutableDictionary<HostKey, ImmutableArray<CompiledMatch>> Apply(ImmutableDictionary<HostKey, ImmutableArray<CompiledMatch>> before)
    {
        var after = before.ToBuilder();
        foreach (var (key, change) in hosts)
        {
            ImmutableArray<CompiledMatch> matches = [.. before.GetValueOrDefault(key, []).Where(match => !change.Removed.Contains(match)), .. change.Added];
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

    public ImmutableDictionary<VirtualHostKey, int> Apply(ImmutableDictionary<VirtualHostKey, int> before)
    {
        var after = before.ToBuilder();
        foreach (var (key, step) in claims)
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
        public HashSet<CompiledMatch> Removed { get; } = [];

        public List<CompiledMatch> Added { get; } = [];
    }
}
