using Polygate.Proxy.Filters;
using Polygate.Proxy.Filters.Authorization;
using Polygate.Proxy.Filters.Jwt;
using Polygate.Proxy.Filters.Passwords;
using Polygate.Proxy.Streams;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Routing;

/// <summary>
/// What outlives a configuration: the backends with their endpoints and health, the counts of rate limits, the
/// passwords already checked. One for a gateway, handed to every <see cref="RoutingTable"/> it builds.
/// </summary>
public sealed class RuntimeState : IAsyncDisposable
{
    /// <param name="refusesLocalBackends">See <see cref="Forwarding.UpstreamOptions.RefusesLocalAddresses"/>.</param>
    public RuntimeState(bool refusesLocalBackends = false) => Clusters = new UpstreamClusters(refusesLocalBackends);

    public UpstreamClusters Clusters { get; }

    internal WeakRegistry<StreamLimits> StreamLimits { get; } = new();

    internal RateLimiters Limiters { get; } = new();

    internal ConcurrencyLimiters Concurrency { get; } = new();

    internal AuthorizationMemories Authorizations { get; } = new();

    internal RemoteJwtKeySets JwtKeys { get; } = new();

    internal PasswordVerifier Passwords { get; } = new();

    public ValueTask DisposeAsync()
    {
        Passwords.Dispose();
        return Clusters.DisposeAsync();
    }
}
