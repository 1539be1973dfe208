using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>
/// The certificate of a host: from the TLS entry that names the host, else from the first whose certificate is made out
/// to it. Where there is none, or it is not made out to the host, the default certificate serves.
/// </summary>
internal sealed class NginxTls
{
    private readonly NginxIngress ingress;
    private readonly TranslationContext context;
    private readonly IngressNginxOptions options;

    public NginxTls(NginxIngress ingress, TranslationContext context, IngressNginxOptions options)
    {
        this.ingress = ingress;
        this.context = context;
        this.options = options;
    }

    /// <param name="listener">The listener of TLS connections.</param>
    /// <param name="host">The host.</param>
    /// <param name="counterpart">The name that is redirected to the host, which its certificate should cover too; null for none.</param>
    public void Run(ListenerKey listener, NginxHost host, string? counterpart)
    {
        var (certificate, field) = Choose(host.Name);
        if (certificate is not null)
        {
            context.Add(certificate);
        }

        ValueList<string> certificates = certificate is null ? Default(field) : [certificate.Id];
        foreach (var name in host.Names().Where(name => name.Kind != HostPatternKind.Regex))
        {
            context.Add(Binding(listener, name, certificates, field, host));
        }

        if (counterpart is not null && certificate is not null && TlsSecrets.Covers(certificate, counterpart))
        {
            context.Add(Binding(listener, HostPattern.Exact(counterpart), certificates, field, host));
        }
    }

    /// <summary>For a host that asks for client certificates without a certificate of its own: the default one serves it.</summary>
    public void RunWithoutCertificate(ListenerKey listener, NginxHost host)
    {
        foreach (var name in host.Names().Where(name => name.Kind != HostPatternKind.Regex))
        {
            context.Add(Binding(listener, name, Default(OwnDiagnostics.Field("auth-tls-secret")), OwnDiagnostics.Field("auth-tls-secret"), host));
        }
    }

    /// <summary>
    /// Server names that nobody has get the default certificate too. Each Ingress says so in the same words, so that it holds as long as there
    /// is one.
    /// </summary>
    public void RunForUnknownNames(ListenerKey listener)
    {
        if (options.DefaultCertificate is not null && !options.RejectsUnknownNames && Default(field: null) is { IsEmpty: false } certificates)
        {
            context.Add(new TlsBinding(listener, HostPattern.Any, certificates, context.Origin(), options.MinimumTls, options.MaximumTls));
        }
    }

    /// <summary>The administrator's default certificate; empty for the gateway's own. One that cannot be used is told of where it would be used.</summary>
    private ValueList<string> Default(string? field)
    {
        if (options.DefaultCertificate?.Split('/') is not [var ns, var name])
        {
            return [];
        }

        var read = TlsSecrets.Read(context, ns, name);
        if (read.Certificate is null)
        {
            if (field is not null)
            {
                context.Warning(read.Code, read.Problem + " It is the default certificate; the gateway's own is used.", field);
            }

            return [];
        }

        context.Add(read.Certificate);
        return [read.Certificate.Id];
    }

    private TlsBinding Binding(ListenerKey listener, HostPattern name, ValueList<string> certificates, string field, NginxHost host) =>
        new(listener, name, certificates, context.Origin(field), options.MinimumTls, options.MaximumTls)
        {
            ClientValidation = host.ClientCertificates is { } owner ? owner.ClientCertificates!.Resolve(context, owner.Resource)?.Validation : null,
        };

    private (Certificate? Certificate, string Field) Choose(string host)
    {
        var entries = ingress.Resource.Value.Spec.Tls;
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i]?.Hosts?.Contains(host, StringComparer.OrdinalIgnoreCase) == true)
            {
                return (Named(entries[i], host, $"spec.tls[{i}]"), $"spec.tls[{i}]");
            }
        }

        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i]?.SecretName is { Length: > 0 } name
                && TlsSecrets.Read(context, ingress.Resource.Namespace, name).Certificate is { } certificate
                && TlsSecrets.Covers(certificate, host))
            {
                return (certificate, $"spec.tls[{i}]");
            }
        }

        context.Info("default-certificate", $"No TLS entry is for {host}; the default certificate is used.", "spec.tls");
        return (null, "spec.tls");
    }

    private Certificate? Named(V1IngressTLS entry, string host, string field)
    {
        if (string.IsNullOrEmpty(entry.SecretName))
        {
            context.Info("default-certificate", "No secretName is given; the default certificate is used.", field);
            return null;
        }

        var read = TlsSecrets.Read(context, ingress.Resource.Namespace, entry.SecretName);
        if (read.Certificate is null)
        {
            context.Error(read.Code, read.Problem + " The default certificate is used.", field + ".secretName");
            return null;
        }

        if (TlsSecrets.Covers(read.Certificate, host))
        {
            return read.Certificate;
        }

        context.Warning("certificate-host-mismatch", $"The certificate in the Secret {read.Certificate.Id} is not made out to {host}; the default certificate is used.", field + ".secretName");
        return null;
    }
}
