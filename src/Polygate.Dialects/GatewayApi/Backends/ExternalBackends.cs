using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Backends;

/// <summary>What an XBackend comes to.</summary>
/// <param name="Backend">Where requests go; null when the object cannot be obeyed, and then they go nowhere.</param>
/// <param name="Protocol">What is spoken; null for what the route speaks.</param>
/// <param name="ClientCertificate">The certificate shown to it.</param>
/// <param name="Rejection">The problem of the condition Accepted; null when it is true.</param>
/// <param name="Unresolved">The problem of the condition ResolvedRefs; null when it is true.</param>
internal sealed record ExternalOutcome(Backend? Backend, string? Protocol, Certificate? ClientCertificate, Problem? Rejection, Problem? Unresolved);

/// <summary>Reads XBackends (GEP-4894).</summary>
internal static class ExternalBackends
{
    /// <summary>What an XBackend comes to.</summary>
    /// <param name="lookup">Where its authorities and certificates are found.</param>
    /// <param name="backend">The XBackend.</param>
    /// <param name="refusesLocal">Whether it must not name the gateway's own machine.</param>
    public static ExternalOutcome Read(IResourceLookup lookup, Resource<XBackend> backend, bool refusesLocal)
    {
        var spec = backend.Value.Spec;
        if (Problem(spec, refusesLocal) is { } problem)
        {
            return new ExternalOutcome(null, null, null, problem, null);
        }

        var made = new Backend($"gateway-api/XBackend/{backend.FullName}", new StaticEndpoints([new Endpoint(spec.ExternalHostname!.Hostname, spec.Port!.Port)]))
        {
            Name = $"{backend.FullName}:{spec.Port.Port}",
        };
        return spec.Tls is null or { Mode: "None" } ? new ExternalOutcome(made, spec.Protocol, null, null, null) : WithTls(lookup, backend, made, spec.Tls);
    }

    /// <summary>Without a validation the host's own name is verified by the machine's authorities: TLS that verifies nothing would protect from nobody.</summary>
    private static ExternalOutcome WithTls(IResourceLookup lookup, Resource<XBackend> backend, Backend made, XBackendTls tls)
    {
        var read = tls.Validation is null
            ? new PolicyOutcome(new BackendTls { ServerName = backend.Value.Spec.ExternalHostname!.Hostname }, null, null)
            : BackendTlsPolicies.Read(lookup, backend, tls.Validation, "spec.tls.validation");
        if (read.Tls is not { } settings)
        {
            return new ExternalOutcome(null, null, null, read.Rejection, read.Unresolved);
        }

        Certificate? certificate = null;
        if (tls.Mode == "ClientAndServer")
        {
            (certificate, var problem) = CertificateReferences.Resolve(
                lookup, backend, tls.ClientCertificateRef!, "InvalidClientCertificateRef", "spec.tls.clientCertificateRef");
            if (certificate is null)
            {
                return new ExternalOutcome(null, null, null, null, problem);
            }
        }

        return new ExternalOutcome(
            made with { Tls = settings with { ClientCertificate = certificate?.Id } }, backend.Value.Spec.Protocol, certificate, null, read.Unresolved);
    }

    private static Problem? Problem(XBackendSpec spec, bool refusesLocal)
    {
        if (spec.Type != "ExternalHostname")
        {
            return Invalid($"\"{spec.Type}\" is not ExternalHostname.", "spec.type");
        }

        var hostname = spec.ExternalHostname?.Hostname ?? "";
        if (hostname.Length == 0 || Hostnames.IsWildcard(hostname) || Hostnames.Problem(hostname) is not null || hostname.EndsWith(".cluster.local", StringComparison.OrdinalIgnoreCase))
        {
            return Invalid($"\"{hostname}\" is not the name of a host outside of the cluster.", "spec.externalHostname.hostname");
        }

        if (refusesLocal && LocalAddress.IsLocal(hostname))
        {
            return Invalid(LocalBackends.Message(hostname), "spec.externalHostname.hostname") with { Code = LocalBackends.Code };
        }

        if (spec.Port is not { Port: >= 1 and <= 65535 })
        {
            return Invalid("The port is not between 1 and 65535.", "spec.port.port");
        }

        if (spec.Protocol is not (null or "HTTP" or "HTTP11" or "HTTP2" or "H2C" or "TCP"))
        {
            return Invalid($"The protocol \"{spec.Protocol}\" is not supported, only HTTP, HTTP11, HTTP2, H2C and TCP.", "spec.protocol");
        }

        return spec.Tls switch
        {
            null or { Mode: "None" or "ServerOnly", ClientCertificateRef: null } or { Mode: "ClientAndServer", ClientCertificateRef: not null } => null,
            { Mode: "None" or "ServerOnly" or "ClientAndServer" } =>
                Invalid("A client certificate belongs to the mode ClientAndServer, and the mode to it.", "spec.tls.clientCertificateRef"),
            _ => Invalid($"\"{spec.Tls.Mode}\" is not None, ServerOnly or ClientAndServer.", "spec.tls.mode"),
        };
    }

    private static Problem Invalid(string message, string field) => new("Invalid", message, field);
}
