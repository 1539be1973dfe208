using System.Collections.Frozen;
using Polygate.Model;

namespace Polygate.Admission;

/// <summary>
/// The diagnostics that depend on other objects: what is missing, broken, in conflict or not allowed elsewhere. A review shows one object,
/// so these say nothing of it.
/// </summary>
internal static class OtherObjects
{
    private static readonly FrozenSet<string> Codes = FrozenSet.Create(
        StringComparer.Ordinal,

        // What is referred to is not there, cannot be used as it is, or does not allow it.
        "missing-service", "missing-port", "missing-secret", "missing-configmap", "missing-reference", "missing-middleware", "missing-parent",
        "missing-transport", "missing-tls-option", "missing-ca", "missing-kong-ingress", "missing-upstream-policy", "missing-plugin",
        "broken-middleware", "broken-plugin", "broken-service", "broken-tls-option", "broken-transport", "rejected-reference",
        "invalid-secret", "invalid-certificate", "certificate-host-mismatch", "default-certificate", "unusable-client-authority", "unusable-service",
        "unusable-upstream", "invalid-upstream", "external-name", "headless-service", "loopback-backend", "upgrade",

        // Conditions of the Gateway API that speak of other objects.
        "backend-not-found", "ref-not-permitted", "invalid-certificate-ref", "invalid-ca-certificate-ref", "no-valid-ca-certificate",
        "no-matching-parent", "not-allowed-by-listeners", "no-matching-listener-hostname", "parent-not-accepted", "not-allowed", "target-not-found",
        "invalid", // Of a policy: whatever cannot be obeyed, a Secret that is not there among it.
        "hostname-conflict", "protocol-conflict", "port-unavailable", "unsupported-address", "conflicted", "listeners-not-resolved",

        // What serves it, or comes in its way.
        "no-parent", "no-listener", "no-routes", "not-attached", "no-entry-point", "unknown-entry-point", "udp-entry-point", "shadowed",
        "duplicate-match", "conflicting-path", "conflicting-certificate", "conflicting-ingress-class", "tls-host-taken", "default-backend-taken",
        "listener-conflict", "group-conflict", "canary-without-primary", "second-canary", "ambiguous-default", "no-ingress-class",
        "unknown-ingress-class", "other-class", "other-installation", "not-watched", "not-read");

    /// <summary>Whether a diagnostic depends on other objects than the one it is about.</summary>
    public static bool Decide(Diagnostic diagnostic) => Codes.Contains(diagnostic.Code);
}
