using Polygate.Dialects.Common;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Backends;

/// <summary>Certificates that Gateways and listeners refer to.</summary>
internal static class CertificateReferences
{
    /// <summary>The certificate of a Secret reference, or why there is none.</summary>
    /// <param name="lookup">Where Secrets and ReferenceGrants are found.</param>
    /// <param name="owner">The Gateway or ListenerSet that refers.</param>
    /// <param name="reference">The reference.</param>
    /// <param name="invalidReason">The reason for everything but a missing permission.</param>
    /// <param name="field">Where it stands.</param>
    public static (Certificate? Certificate, Problem? Problem) Resolve(
        IResourceLookup lookup, Resource owner, SecretObjectReference reference, string invalidReason, string field)
    {
        if (reference.Group is not (null or "") || reference.Kind is not (null or "Secret"))
        {
            return (null, new Problem(invalidReason, $"Certificates are read from Secrets, not from {reference.Kind} of group \"{reference.Group}\".", field));
        }

        var ns = reference.Namespace ?? owner.Namespace;
        if (!ReferenceGrants.Permit(lookup, owner, "", "Secret", ns, reference.Name))
        {
            return (null, new Problem(
                "RefNotPermitted",
                $"No ReferenceGrant in namespace {ns} permits {owner.Key.Kind}s of namespace {owner.Namespace} to refer to Secret {reference.Name}.",
                field));
        }

        var secret = TlsSecrets.Read(lookup, ns, reference.Name);
        return secret.Certificate is { } certificate
            ? (certificate, null)
            : (null, new Problem(invalidReason, secret.Problem, field) { IsAbsentSecret = secret.Code == "missing-secret" });
    }

    /// <summary>The certificate a Gateway shows to its TLS backends; nothing when it names none.</summary>
    public static (Certificate? Certificate, Problem? Problem) ForBackends(IResourceLookup lookup, Resource<Gateway> gateway) =>
        gateway.Value.Spec.Tls?.Backend?.ClientCertificateRef is { } reference
            ? Resolve(lookup, gateway, reference, "InvalidClientCertificateRef", "spec.tls.backend.clientCertificateRef")
            : (null, null);
}
