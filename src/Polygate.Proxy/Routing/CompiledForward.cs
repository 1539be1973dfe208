using Polygate.Model;
using Polygate.Proxy.FastCgi;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Routing;

/// <summary>A <see cref="ForwardAction"/> made ready to run.</summary>
public sealed class CompiledForward
{
    private readonly ForwardTarget[] targets;
    private readonly long totalWeight;

    private CompiledForward(ForwardAction action, ForwardTarget[] targets)
    {
        Action = action;
        this.targets = targets;
        FastCgi = action.FastCgi is null ? null : new FastCgiParameters(action.FastCgi);
        Session = action.Sticky is null ? null : new StickySession(action.Sticky);
        totalWeight = targets.Length == 0 ? 0 : targets[^1].WeightUpToHere;
    }

    /// <summary>Timeouts, retries and upgrades.</summary>
    public ForwardAction Action { get; }

    /// <summary>What binds clients to backends and endpoints; null for nothing.</summary>
    internal StickySession? Session { get; }

    /// <summary>What FastCGI applications are told; null for what they usually are.</summary>
    internal FastCgiParameters? FastCgi { get; }

    /// <summary>The targets that have a weight.</summary>
    public IReadOnlyList<ForwardTarget> Targets => targets;

    /// <summary>Draws a target by weight; null when none has a weight: the answer is <see cref="ForwardAction.NoBackendStatus"/>.</summary>
    public ForwardTarget? Pick() => targets.Length switch
    {
        0 => null,
        1 => targets[0],
        _ => Pick(Random.Shared.NextInt64(totalWeight)),
    };

    internal ForwardTarget Pick(long draw)
    {
        foreach (var target in targets)
        {
            if (draw < target.WeightUpToHere)
            {
                return target;
            }
        }

        return targets[^1];
    }

    internal static CompiledForward Compile(ForwardAction action, string routeId, RuntimeState state, ICollection<string> problems)
    {
        var targets = new List<ForwardTarget>();
        var weight = 0L;
        for (var i = 0; i < action.Backends.Count; i++)
        {
            var backend = action.Backends[i];
            if (backend.Weight <= 0)
            {
                continue;
            }

            weight += backend.Weight;
            targets.Add(new ForwardTarget(
                backend.Backend is null ? null : state.Clusters.Get(backend.Backend),
                backend.ErrorStatus,
                FilterChain.Compile(backend.Filters.AsSpan(), $"{routeId}/backends/{i}", state, problems),
                weight));
        }

        return new CompiledForward(action, [.. targets]);
    }
}

/// <summary>One of the backends of a route.</summary>
public sealed class ForwardTarget
{
    internal ForwardTarget(UpstreamCluster? cluster, int errorStatus, FilterChain filters, long weightUpToHere)
    {
        Cluster = cluster;
        ErrorStatus = errorStatus;
        Filters = filters;
        WeightUpToHere = weightUpToHere;
    }

    /// <summary>The backend; null for an invalid reference, which <see cref="ErrorStatus"/> answers.</summary>
    public UpstreamCluster? Cluster { get; }

    public int ErrorStatus { get; }

    /// <summary>Filters for this backend alone: applied to the request after the route's, to the answer before them.</summary>
    public FilterChain Filters { get; }

    internal long WeightUpToHere { get; }
}
