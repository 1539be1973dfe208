using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Backends;

/// <summary>What a BackendTLSPolicy comes to.</summary>
/// <param name="Tls">TLS settings; null when the policy cannot be obeyed, and then its backends must not be reached at all.</param>
/// <param name="Rejection">The problem of the condition Accepted; null when it is true.</param>
/// <param name="Unresolved">The problem of the condition ResolvedRefs; null when it is true.</param>
internal sealed record PolicyOutcome(BackendTls? Tls, Problem? Rejection, Problem? Unresolved);

/// <summary>Finds and reads the BackendTLSPolicy of a Service's port.</summary>
internal static class BackendTlsPolicies
{
    /// <summary>
    /// The policy in force for a Service port: one that names the port before one for the whole Service, then the older,
    /// then the first by name.
    /// </summary>
    public static Resource<BackendTLSPolicy>? InForce(IResourceLookup lookup, string ns, string service, string? portName) =>
        lookup.Find(GatewayApiIndexes.TlsPoliciesByService, $"{ns}/{service}") is { Count: > 0 } policies ? MostSpecific(policies, service, portName) : null;

    private static Resource<BackendTLSPolicy>? MostSpecific(IReadOnlyList<Resource<BackendTLSPolicy>> policies, string service, string? portName) =>
        policies.SelectMany(policy => Targets(policy, service).Select(target => (Policy: policy, Section: target.SectionName ?? "")))
            .Where(entry => entry.Section.Length == 0 || entry.Section == portName)
            .OrderBy(entry => entry.Section.Length == 0)
            .ThenBy(entry => entry.Policy.Created)
            .ThenBy(entry => entry.Policy.FullName, StringComparer.Ordinal)
            .FirstOrDefault().Policy;

    /// <summary>The policy that wins exactly this target, whether or not another is more specific.</summary>
    public static Resource<BackendTLSPolicy>? Winner(IResourceLookup lookup, string ns, PolicyTargetReference target) =>
        lookup.Find(GatewayApiIndexes.TlsPoliciesByService, $"{ns}/{target.Name}")
            .Where(policy => Targets(policy, target.Name).Any(other => (other.SectionName ?? "") == (target.SectionName ?? "")))
            .OrderBy(policy => policy.Created)
            .ThenBy(policy => policy.FullName, StringComparer.Ordinal)
            .FirstOrDefault();

    /// <summary>Reads a policy: its authorities and names.</summary>
    public static PolicyOutcome Read(IResourceLookup lookup, Resource<BackendTLSPolicy> policy) =>
        Read(lookup, policy, policy.Value.Spec.Validation, "spec.validation");

    /// <summary>Reads how a backend's certificate is verified.</summary>
    /// <param name="lookup">Where authorities are found.</param>
    /// <param name="policy">The object that says it.</param>
    /// <param name="validation">What it says.</param>
    /// <param name="field">Where that stands.</param>
    public static PolicyOutcome Read(IResourceLookup lookup, Resource policy, BackendTLSValidation? validation, string field)
    {
        if (validation is null || Hostnames.Problem(validation.Hostname.ToLowerInvariant()) is not null || validation.Hostname.Length == 0)
        {
            return Invalid("The field must name the host that the backend's certificate is for.", field + ".hostname");
        }

        var settings = new BackendTls { ServerName = validation.Hostname, SubjectAlternativeNames = Names(validation) };
        var references = validation.CACertificateRefs ?? [];
        if (references.Count == 0)
        {
            return validation.WellKnownCACertificates == "System"
                ? new PolicyOutcome(settings, null, null)
                : Invalid("Either caCertificateRefs or wellKnownCACertificates \"System\" must say whom to trust.", field);
        }

        if (!string.IsNullOrEmpty(validation.WellKnownCACertificates))
        {
            return Invalid("Only one of caCertificateRefs and wellKnownCACertificates can be used.", field + ".wellKnownCACertificates");
        }

        return WithAuthorities(lookup, policy, settings, references, field + ".caCertificateRefs");
    }

    private static PolicyOutcome WithAuthorities(
        IResourceLookup lookup, Resource policy, BackendTls settings, IReadOnlyList<LocalObjectReference> references, string field)
    {
        var authorities = new List<string>();
        Problem? unresolved = null;
        for (var i = 0; i < references.Count; i++)
        {
            var (pem, problem) = Authority(lookup, policy, references[i], $"{field}[{i}]");
            unresolved ??= problem;
            if (pem is not null)
            {
                authorities.Add(pem);
            }
        }

        return authorities.Count > 0
            ? new PolicyOutcome(settings with { TrustedCertificatesPem = string.Join('\n', authorities) }, null, unresolved)
            : new PolicyOutcome(
                null,
                new Problem("NoValidCACertificate", "No certificate authority could be read; connections are refused.", field),
                unresolved);
    }

    private static (string? Pem, Problem? Problem) Authority(
        IResourceLookup lookup, Resource policy, LocalObjectReference reference, string field)
    {
        if (!CertificateAuthorities.IsReadable(reference.Group, reference.Kind))
        {
            return (null, new Problem("InvalidKind", $"Certificate authorities are read from ConfigMaps, not from {reference.Kind}.", field));
        }

        return CertificateAuthorities.Read(lookup, policy.Namespace, reference.Name, field);
    }

    private static ValueList<string> Names(BackendTLSValidation validation) =>
        (validation.SubjectAltNames ?? []).Select(name => name.Type == "URI" ? name.URI : name.Hostname).OfType<string>().ToValueList();

    private static IEnumerable<PolicyTargetReference> Targets(Resource<BackendTLSPolicy> policy, string service) =>
        (policy.Value.Spec.TargetRefs ?? []).Where(target => target is { Group: "", Kind: "Service" } && target.Name == service);

    private static PolicyOutcome Invalid(string message, string field) => new(null, new Problem("Invalid", message, field), null);
}
