using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Ingress;

/// <summary>
/// The <c>tls</c> section of an Ingress: a certificate for each of its hosts, by server name. Without hosts the
/// certificate is for the hosts of the rules. It chooses certificates only: requests are routed by their Host, and
/// cleartext is served besides.
/// </summary>
internal sealed class IngressTls
{
    private readonly IngressDialect dialect;
    private readonly Resource<V1Ingress> ingress;
    private readonly TranslationContext context;

    public IngressTls(IngressDialect dialect, Resource<V1Ingress> ingress, TranslationContext context)
    {
        this.dialect = dialect;
        this.ingress = ingress;
        this.context = context;
    }

    public void Run(ListenerKey listener)
    {
        var entries = ingress.Value.Spec?.Tls ?? [];
        if (entries.Count > 0)
        {
            context.Add(new Listener(listener, ListenerProtocol.Https, context.Origin("spec.tls")));
        }

        for (var i = 0; i < entries.Count; i++)
        {
            var field = $"spec.tls[{i}]";
            var certificate = Certificate(entries[i], field);
            foreach (var host in Hosts(entries[i], field))
            {
                context.Add(new TlsBinding(
                    listener, HostPattern.Parse(host, singleLabel: true), certificate is null ? [] : [certificate.Id], context.Origin(field)));
            }
        }
    }

    private List<string> Hosts(V1IngressTLS entry, string field)
    {
        var hosts = new List<string>();
        foreach (var host in IngressSpecs.TlsHosts(ingress, entry))
        {
            if (host.Length > 0 && IngressSpecs.HostProblem(host) is { } problem)
            {
                context.Error("invalid-field", problem, field + ".hosts");
            }
            else if (OlderClaim(host) is { } older)
            {
                context.Warning("conflicting-certificate", $"TLS of {(host.Length == 0 ? "every host" : host)} is set by the older Ingress {older.FullName}.", field);
            }
            else
            {
                hosts.Add(host);
            }
        }

        return hosts;
    }

    /// <summary>An older Ingress that has another certificate for the host; null when this one's counts.</summary>
    private Resource<V1Ingress>? OlderClaim(string host) =>
        context.Find(IngressIndexes.ByTlsHost, host)
            .Where(other => other.Key != ingress.Key && IngressIndexes.BySeniority(other, ingress) < 0 && dialect.IsOurs(context, other))
            .FirstOrDefault(other => SecretOf(other, host) != SecretOf(ingress, host));

    private static string SecretOf(Resource<V1Ingress> owner, string host) =>
        owner.Namespace + "/" + owner.Value.Spec.Tls.First(entry => IngressSpecs.TlsHosts(owner, entry).Contains(host))?.SecretName;

    private Certificate? Certificate(V1IngressTLS entry, string field)
    {
        if (string.IsNullOrEmpty(entry?.SecretName))
        {
            context.Info("default-certificate", "No secretName is given; the gateway's default certificate is used.", field);
            return null;
        }

        var read = TlsSecrets.Read(context, ingress.Namespace, entry.SecretName);
        if (read.Certificate is null)
        {
            context.Error(read.Code, read.Problem + " The gateway's default certificate is used.", field + ".secretName");
            return null;
        }

        context.Add(read.Certificate);
        return read.Certificate;
    }
}
