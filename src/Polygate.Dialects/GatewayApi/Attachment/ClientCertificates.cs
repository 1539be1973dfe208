using Polygate.Dialects.GatewayApi.Backends;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>What a listener asks of clients' certificates.</summary>
/// <param name="Validation">What is validated; null when nothing is asked, or when it cannot be.</param>
/// <param name="Rejection">Why the listener must not be served: a check that was asked for is never left out.</param>
/// <param name="Unresolved">The first reference to an authority that did not resolve.</param>
internal sealed record ClientCertificates(ClientValidation? Validation, Problem? Rejection, Problem? Unresolved)
{
    private static readonly ClientCertificates Nothing = new(null, null, null);

    /// <summary>Looks up the authorities that a listener's Gateway names for its port (GatewaySpec, "tls.frontend").</summary>
    public static ClientCertificates Of(IResourceLookup lookup, ListenerView listener)
    {
        if (listener.FrontendValidation is not { } wanted)
        {
            return Nothing;
        }

        var gateway = listener.Gateway;
        var authorities = new List<string>();
        Problem? unresolved = null;
        var references = wanted.CACertificateRefs ?? [];
        for (var i = 0; i < references.Count; i++)
        {
            var (pem, problem) = Authority(lookup, listener, references[i], $"{listener.FrontendField}.caCertificateRefs[{i}]");
            unresolved ??= problem;
            if (pem is not null)
            {
                authorities.Add(pem);
            }
        }

        return authorities.Count == 0
            ? new ClientCertificates(
                null, new Problem("NoValidCACertificate", "No authority for clients' certificates could be read; connections are refused.", listener.FrontendField), unresolved)
            : new ClientCertificates(
                new ClientValidation($"{gateway.FullName}:{listener.Port}")
                {
                    TrustedCertificatesPem = string.Join('\n', authorities),
                    Mode = wanted.Mode == "AllowInsecureFallback" ? ClientCertificateMode.Request : ClientCertificateMode.RequireAndVerify,
                },
                null,
                unresolved);
    }

    private static (string? Pem, Problem? Problem) Authority(IResourceLookup lookup, ListenerView listener, ObjectReference reference, string field)
    {
        if (!CertificateAuthorities.IsReadable(reference.Group, reference.Kind))
        {
            return (null, new Problem("InvalidCACertificateKind", $"Certificate authorities are read from ConfigMaps, not from {reference.Kind}.", field));
        }

        var ns = reference.Namespace ?? listener.Gateway.Namespace;
        return ReferenceGrants.Permit(lookup, listener.Gateway, reference.Group, reference.Kind, ns, reference.Name)
            ? CertificateAuthorities.Read(lookup, ns, reference.Name, field)
            : (null, new Problem(
                "RefNotPermitted",
                $"No ReferenceGrant in namespace {ns} permits Gateways of namespace {listener.Gateway.Namespace} to refer to ConfigMap {reference.Name}.",
                field));
    }
}
