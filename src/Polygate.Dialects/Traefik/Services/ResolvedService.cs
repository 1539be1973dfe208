using Polygate.Model;

namespace Polygate.Dialects.Traefik.Services;

/// <summary>Where the requests of a router (or a service's share of them) go.</summary>
/// <param name="Backends">With their shares; never empty.</param>
internal sealed record ResolvedService(IReadOnlyList<WeightedBackend> Backends)
{
    /// <summary>The limit on the wait for a response head, where all backends have the same; otherwise null.</summary>
    public TimeSpan? ResponseHeaderTimeout { get; init; }

    /// <summary>What stands for a service that is not to be had: its requests are answered 503.</summary>
    public static ResolvedService Unavailable { get; } = new([new WeightedBackend(null) { ErrorStatus = 503 }]);

    /// <summary>The same with filters put before each backend's own.</summary>
    public ResolvedService With(IReadOnlyList<Filter> filters) => filters.Count == 0
        ? this
        : this with
        {
            Backends = [.. Backends.Select(backend => backend with { Filters = filters.Concat(backend.Filters).ToValueList() })],
        };

    /// <summary>
    /// Services drawn by weight, each again drawing by its own: the weights are brought to a common scale, so that every
    /// backend keeps exactly the product of its shares.
    /// </summary>
    public static ResolvedService Weighted(IReadOnlyList<(ResolvedService Service, int Weight)> services)
    {
        var shares = new List<(WeightedBackend Backend, Int128 Share)>();
        var totals = services.Select(service => service.Service.Backends.Sum(backend => (long)backend.Weight)).ToList();
        var scale = totals.Where(total => total > 0).Aggregate((Int128)1, LeastCommonMultiple);
        for (var i = 0; i < services.Count; i++)
        {
            foreach (var backend in services[i].Service.Backends)
            {
                shares.Add((backend, totals[i] == 0 ? 0 : services[i].Weight * (scale / totals[i]) * backend.Weight));
            }
        }

        var divisor = shares.Aggregate((Int128)0, (known, share) => GreatestCommonDivisor(known, share.Share));
        var largest = shares.Count == 0 ? 0 : shares.Max(share => share.Share) / (divisor == 0 ? 1 : divisor);

        // Shares that do not fit are rounded; a backend that has one keeps at least the smallest.
        var shrink = (largest / int.MaxValue) + 1;
        var timeouts = services.Select(service => service.Service.ResponseHeaderTimeout).Distinct().ToList();
        return new ResolvedService(
            [.. shares.Select(share => share.Backend with
            {
                Weight = share.Share == 0 ? 0 : (int)Int128.Max(1, share.Share / divisor / shrink),
            })])
        {
            ResponseHeaderTimeout = timeouts.Count == 1 ? timeouts[0] : null,
        };
    }

    private static Int128 LeastCommonMultiple(Int128 left, long right) => left / GreatestCommonDivisor(left, right) * right;

    private static Int128 GreatestCommonDivisor(Int128 left, Int128 right)
    {
        while (right != 0)
        {
            (left, right) = (right, left % right);
        }

        return left;
    }
}
