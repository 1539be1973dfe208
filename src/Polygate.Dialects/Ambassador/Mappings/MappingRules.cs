using Polygate.Dialects.Ambassador.Hosts;
using Polygate.Dialects.Ambassador.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Ambassador.Mappings;

/// <summary>Why a Mapping cannot be served at all.</summary>
internal readonly record struct MappingProblem(string Code, string Message, string Field);

/// <summary>What makes a Mapping invalid by itself; such a Mapping takes no part in its group.</summary>
internal static class MappingRules
{
    /// <summary>The first problem; null for a valid Mapping.</summary>
    public static MappingProblem? Problem(MappingView mapping, IResourceLookup lookup)
    {
        var spec = mapping.Spec;
        if (string.IsNullOrEmpty(spec.Prefix))
        {
            return Invalid("A Mapping needs a prefix.", "prefix");
        }

        if (string.IsNullOrEmpty(spec.Service))
        {
            return Invalid("A Mapping needs a service.", "service");
        }

        if (mapping is { Hostname: not null, HostIsRegex: false } && !new Glob(mapping.Hostname).IsValid)
        {
            return Invalid($"{mapping.Hostname} is not a host name: a * stands alone, first or last.", "hostname");
        }

        if (spec.Weight is < 0 or > 100)
        {
            return Invalid($"A weight is from 0 to 100, not {spec.Weight}.", "weight");
        }

        if (spec.RedirectResponseCode is not (null or 301 or 302 or 303 or 307 or 308))
        {
            return Invalid($"{spec.RedirectResponseCode} is not a redirect status.", "redirect_response_code");
        }

        return Breakers(spec) ?? Balancing(spec, lookup) ?? MappingMatch.Problem(mapping);
    }

    private static MappingProblem? Breakers(MappingSpec spec) =>
        (spec.CircuitBreakers ?? []).Any(breaker => breaker.Priority is not (null or "default" or "high")
            || breaker.MaxConnections < 0 || breaker.MaxPendingRequests < 0 || breaker.MaxRequests < 0 || breaker.MaxRetries < 0)
            ? Invalid("A circuit breaker has a priority (default or high) and limits of 0 or more.", "circuit_breakers")
            : null;

    /// <summary>Balancing needs a resolver that knows endpoints; hashing policies need exactly one key, the others none.</summary>
    private static MappingProblem? Balancing(MappingSpec spec, IResourceLookup lookup)
    {
        if (spec.LoadBalancer is not { } balancer)
        {
            return null;
        }

        var keys = (balancer.Cookie is null ? 0 : 1) + (string.IsNullOrEmpty(balancer.Header) ? 0 : 1) + (balancer.SourceIp == true ? 1 : 0);
        if (balancer.Policy is not ("round_robin" or "least_request" or "ring_hash" or "maglev")
            || keys != (balancer.Policy is "ring_hash" or "maglev" ? 1 : 0))
        {
            return Invalid("ring_hash and maglev need exactly one of cookie, header and source_ip; round_robin and least_request none.", "load_balancer");
        }

        return Resolvers.KindOf(lookup, spec.Resolver) == ResolverKind.Service
            ? Invalid("load_balancer needs a resolver that knows endpoints (a KubernetesEndpointResolver).", "load_balancer")
            : null;
    }

    private static MappingProblem Invalid(string message, string field) => new("invalid-field", message, "spec." + field);
}
