using Polygate.Dialects.Ambassador.Resources;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.Ambassador.Mappings;

/// <summary>TLS towards a Mapping's service: for <c>https://</c>, or by a TLSContext that the Mapping names.</summary>
internal static class MappingTls
{
    /// <summary>The TLS; null for cleartext, or with a problem.</summary>
    public static BackendTls? Of(MappingView mapping, ServiceName service, TranslationContext context, out string problem)
    {
        problem = "";
        if (JsonText.Scalar(mapping.Spec.Tls) is not { Length: > 0 } name)
        {
            return service.OriginatesTls ? new BackendTls { SkipVerification = true } : null;
        }

        var found = context.Get<TlsContext>(mapping.Resource.Namespace, name)
            ?? context.List<TlsContext>().FirstOrDefault(candidate => candidate.Name == name && Installation.IsOurs(candidate.Value.Spec.AmbassadorId));
        if (found is null)
        {
            problem = $"There is no TLSContext {name}";
            return null;
        }

        var spec = found.Value.Spec;
        Certificate? client = null;
        if (spec.Secret is { Length: > 0 } secret)
        {
            var read = TlsSecrets.Read(context, found.Namespace, secret);
            (client, problem) = (read.Certificate, read.Problem.TrimEnd('.'));
            if (client is null)
            {
                return null;
            }

            context.Add(client);
        }

        var authorities = spec.CaSecret is { Length: > 0 } authority
            ? context.Get<k8s.Models.V1Secret>(found.Namespace, authority) is { } held ? TlsSecrets.Text(held, "ca.crt") ?? TlsSecrets.Text(held, "tls.crt") : null
            : null;
        if (spec.CaSecret is { Length: > 0 } && authorities is null)
        {
            problem = $"The Secret {found.Namespace}/{spec.CaSecret} with an authority does not exist";
            return null;
        }

        return new BackendTls
        {
            ServerName = string.IsNullOrEmpty(spec.Sni) ? null : spec.Sni,
            TrustedCertificatesPem = authorities,
            SkipVerification = authorities is null,
            ClientCertificate = client?.Id,
        };
    }
}
