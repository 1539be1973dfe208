using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.Upstreams;

/// <summary>TLS to a backend, with the client certificate it shows.</summary>
internal sealed record UpstreamTls(BackendTls Tls, Certificate? ClientCertificate)
{
    /// <summary>Envoy verifies nothing unless it is given an authority.</summary>
    public static UpstreamTls Unverified(string? serverName) =>
        new(new BackendTls { ServerName = serverName, SkipVerification = true }, null);

    /// <summary>The TLS that an upstream's <c>sslConfig</c> asks for; null with a problem when it cannot be had.</summary>
    /// <param name="lookup">Where Secrets are found.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="ns">The namespace of a Secret reference without one.</param>
    /// <param name="problem">Why not; empty otherwise.</param>
    public static UpstreamTls? Read(IResourceLookup lookup, SslConfig config, string ns, out string problem)
    {
        problem = "";
        if (config.SslFiles is not null || config.Sds is not null)
        {
            problem = "sslFiles and sds are not supported yet; name a Secret in secretRef";
            return null;
        }

        var names = (config.VerifySubjectAltName ?? []).ToValueList();
        if (config.SecretRef is not { Name: { Length: > 0 } name } reference)
        {
            problem = names.IsEmpty ? "" : "verifySubjectAltName needs an authority to verify against";
            return names.IsEmpty ? Unverified(config.Sni) : null;
        }

        ns = string.IsNullOrEmpty(reference.Namespace) ? ns : reference.Namespace;
        if (lookup.Get<V1Secret>(ns, name) is not { } secret)
        {
            problem = $"the Secret {ns}/{name} does not exist";
            return null;
        }

        return FromSecret(lookup, secret, config, names, out problem);
    }

    private static UpstreamTls? FromSecret(
        IResourceLookup lookup, Resource<V1Secret> secret, SslConfig config, ValueList<string> names, out string problem)
    {
        problem = "";
        Certificate? client = null;
        if (TlsSecrets.Text(secret, "tls.crt") is not null)
        {
            var read = TlsSecrets.Read(lookup, secret.Namespace, secret.Name);
            (client, problem) = (read.Certificate, read.Problem);
            if (client is null)
            {
                return null;
            }
        }

        var authorities = config.OneWayTls == true ? null : TlsSecrets.Text(secret, "ca.crt");
        var tls = new BackendTls
        {
            ServerName = config.Sni,
            TrustedCertificatesPem = authorities,
            SkipVerification = authorities is null,
            SubjectAlternativeNames = names,
            ClientCertificate = client?.Id,
        };
        return new UpstreamTls(tls, client);
    }
}
