using Polygate.Dialects.Gloo.Gateways;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.VirtualServices;

/// <summary>The domains of virtual services: exact names, <c>*.suffix</c>, <c>prefix.*</c>, and <c>*</c> for every host.</summary>
internal static class Domains
{
    /// <summary>Virtual services by domain, as two of one gateway must not share any.</summary>
    public static ResourceIndex<VirtualService> ServicesByDomain { get; } = new(
        "gloo-virtual-services-by-domain", service => Of(service.Value.Spec).Select(domain => Key(domain)));

    /// <summary>The domains as written; none means every host.</summary>
    public static IReadOnlyList<string> Of(VirtualServiceSpec spec) =>
        spec.VirtualHost?.Domains?.Where(domain => domain.Length > 0).ToList() is { Count: > 0 } domains ? domains : ["*"];

    /// <summary>The claims on hosts, each once; invalid domains are rejected.</summary>
    public static IReadOnlyList<HostPattern> Parse(VirtualServiceSpec spec, Findings findings)
    {
        var result = new List<HostPattern>();
        var domains = Of(spec);
        for (var i = 0; i < domains.Count; i++)
        {
            var field = $"spec.virtualHost.domains[{i}]";
            var domain = WithoutPort(domains[i]);
            if (domain != domains[i])
            {
                findings.Warn("port-in-domain", $"Hosts are compared without their port, so {domains[i]} means {domain}.", field);
            }

            if (Pattern(domain) is { } pattern)
            {
                result.Add(pattern);
            }
            else
            {
                findings.Reject("invalid-field", $"{domain} is not a domain: a * stands for a whole name, or first, or last.", field);
            }
        }

        return [.. result.Distinct()];
    }

    /// <summary>Rejects domains that another virtual service of the same gateway has too: Gloo serves neither.</summary>
    public static void RejectDuplicates(
        Resource<VirtualService> service, IReadOnlyList<ServedGateway> gateways, IResourceLookup lookup, GlooSettings settings, Findings findings)
    {
        foreach (var domain in Of(service.Value.Spec).Select(Key).Distinct())
        {
            foreach (var other in lookup.Find(ServicesByDomain, domain))
            {
                if (other.Key != service.Key && settings.Watches(other.Namespace) && gateways.FirstOrDefault(gateway => gateway.Serves(other)) is { } shared)
                {
                    findings.Reject(
                        "duplicate-domain",
                        $"The domain {domain} is also in VirtualService {other.FullName} on the Gateway {shared.Namespace}/{shared.Name}; neither is served.",
                        "spec.virtualHost.domains");
                }
            }
        }
    }

    private static string Key(string domain) => WithoutPort(domain).ToLowerInvariant();

    private static HostPattern? Pattern(string domain) => domain switch
    {
        "*" => HostPattern.Any,
        ['*', '.', _, ..] when !domain.AsSpan(1).Contains('*') => HostPattern.Suffix(domain[1..]),
        [_, .., '.', '*'] when !domain.AsSpan(0, domain.Length - 1).Contains('*') => HostPattern.Prefix(domain[..^1]),
        _ when domain.Contains('*') => null,
        _ => HostPattern.Exact(domain),
    };

    private static string WithoutPort(string domain)
    {
        var colon = domain.LastIndexOf(':');
        return colon > 0 && colon + 1 < domain.Length && domain.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0 && domain[colon - 1] != ':'
            ? domain[..colon]
            : domain;
    }
}
