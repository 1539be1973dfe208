using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Kong;

/// <summary>
/// Certificates of <c>spec.tls</c>: each for its hosts, on every TLS listener. A host keeps the certificate of the oldest Ingress that claims it;
/// entries without hosts or Secret have no effect.
/// </summary>
internal static class KongIngressTls
{
    /// <summary>Ingresses by the hosts of their TLS sections, whatever their class.</summary>
    public static ResourceIndex<V1Ingress> ByTlsHost { get; } = new(
        "ingresses-by-tls-host",
        ingress => (ingress.Value.Spec?.Tls ?? []).Where(entry => !string.IsNullOrEmpty(entry.SecretName)).SelectMany(entry => entry.Hosts ?? []));

    public static void Translate(TranslationContext context, KongOptions options, Resource<V1Ingress> ingress, Findings findings)
    {
        for (var i = 0; i < (ingress.Value.Spec?.Tls?.Count ?? 0); i++)
        {
            var entry = ingress.Value.Spec!.Tls[i];
            var field = $"spec.tls[{i}]";
            if (entry.Hosts is not { Count: > 0 } || string.IsNullOrEmpty(entry.SecretName))
            {
                findings.Warning("no-effect", "A TLS entry without hosts or without secretName has no effect in Kong.", field);
                continue;
            }

            var secret = TlsSecrets.Read(context, ingress.Namespace, entry.SecretName);
            if (secret.Certificate is not { } certificate)
            {
                findings.Error(secret.Code, secret.Problem + " The default certificate is presented instead.", field + ".secretName");
                continue;
            }

            foreach (var host in entry.Hosts.Distinct())
            {
                if (KongHosts.Parse(host) is not { } name)
                {
                    findings.Error("invalid-host", $"'{host}' is not a host.", field + ".hosts");
                }
                else if (OlderClaim(context, options, ingress, host, certificate) is { } older)
                {
                    findings.Warning("tls-host-taken", $"The host {host} keeps the certificate of the older {older.Key}.", field + ".hosts");
                }
                else
                {
                    context.Add(certificate);
                    context.Add(new TlsBinding(new ListenerKey(options.HttpsPort), name, [certificate.Id], context.Origin(field)));
                }
            }
        }
    }

    private static Resource<V1Ingress>? OlderClaim(
        TranslationContext context, KongOptions options, Resource<V1Ingress> ingress, string host, Certificate certificate) =>
        context.Find(ByTlsHost, host).FirstOrDefault(other =>
            IngressIndexes.BySeniority(other, ingress) < 0
            && options.Classes.Resolve(context, other).Controller == IngressClasses.Kong
            && other.Value.Spec!.Tls.Any(entry =>
                entry.Hosts?.Contains(host) == true
                && !string.IsNullOrEmpty(entry.SecretName)
                && TlsSecrets.Read(context, other.Namespace, entry.SecretName).Certificate is { } theirs
                && theirs != certificate));
}
