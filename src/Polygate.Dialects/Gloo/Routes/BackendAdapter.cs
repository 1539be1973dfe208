using Polygate.Dialects.Common;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Dialects.Gloo.Upstreams;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.Routes;

/// <summary>What a route changes about the backends it uses: the host it sends, and what consistent hashing hashes.</summary>
internal static class BackendAdapter
{
    /// <summary>The change; the backend gets an identity of its own for it.</summary>
    public static Func<Backend, Backend> Of(RouteOptions options, string field, Resource owner, Findings findings) => backend =>
    {
        if (options.AutoHostRewrite == true)
        {
            if (UpstreamBackends.HasHostNames(backend))
            {
                backend = backend with { Id = backend.Id + "#auto-host", UseEndpointHost = true };
            }
            else
            {
                findings.Warn("no-effect", "autoHostRewrite has an effect only with static upstreams that have host names.", field + ".autoHostRewrite", owner);
            }
        }

        return options.LbHash?.HashPolicies is { Count: > 0 } policies ? Hash(backend, policies, field + ".lbHash.hashPolicies", owner, findings) : backend;
    };

    private static Backend Hash(Backend backend, IReadOnlyList<HashPolicy> policies, string field, Resource owner, Findings findings)
    {
        if (backend.Balancing.Algorithm is not (BalancingAlgorithm.RingHash or BalancingAlgorithm.Maglev))
        {
            findings.Warn("no-effect", "Hash policies have an effect only with upstreams that balance by ringHash or maglev.", field, owner);
            return backend;
        }

        findings.Unsupported(policies.Count > 1, field + "[1]", owner);
        var policy = policies[0];
        if (policy is { Cookie: { Name: { Length: > 0 } cookie, Ttl: { } ttl } } && GoDuration.TryParse(ttl, out var age))
        {
            // The cookie is the gateway's own: it keeps a client where its hash would.
            return backend with
            {
                Id = $"{backend.Id}#cookie:{cookie}",
                Sticky = new StickyCookie(cookie)
                {
                    Path = string.IsNullOrEmpty(policy.Cookie.Path) ? "/" : policy.Cookie.Path,
                    MaxAge = age > TimeSpan.Zero ? (int)age.TotalSeconds : null,
                },
            };
        }

        var (input, name) = policy switch
        {
            { Cookie.Name: { Length: > 0 } named } => (HashInput.Cookie, named),
            { Header: { Length: > 0 } named } => (HashInput.Header, named),
            _ => (HashInput.ClientAddress, ""),
        };
        return backend with
        {
            Id = $"{backend.Id}#hash:{input}:{name}",
            Balancing = backend.Balancing with { HashOn = input, HashName = name },
        };
    }
}
