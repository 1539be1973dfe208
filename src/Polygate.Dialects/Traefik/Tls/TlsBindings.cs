using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Tls;

/// <summary>Which certificates the TLS entry points present, by the names in the certificates, and with which settings by the hosts of rules.</summary>
internal sealed class TlsBindings
{
    private readonly TranslationContext context;
    private readonly IReadOnlyList<EntryPoint> entryPoints;
    private readonly Dictionary<HostPattern, TlsBinding> byName = [];
    private readonly Origin origin;

    /// <param name="context">The translation.</param>
    /// <param name="entryPoints">The entry points that speak TLS.</param>
    /// <param name="origin">The field that asked for TLS.</param>
    public TlsBindings(TranslationContext context, IReadOnlyList<EntryPoint> entryPoints, Origin origin)
    {
        this.context = context;
        this.entryPoints = entryPoints;
        this.origin = origin;
    }

    /// <summary>The certificate of a Secret; null (after a report) when there is none, and the gateway's default is presented.</summary>
    public Certificate? Certificate(string ns, string? secretName, Findings findings, string field)
    {
        if (string.IsNullOrEmpty(secretName))
        {
            return null;
        }

        var secret = TlsSecrets.Read(context, ns, secretName);
        if (secret.Certificate is null)
        {
            findings.Error(secret.Code, secret.Problem + " The default certificate is presented instead.", field);
        }

        return secret.Certificate;
    }

    /// <summary>Presents a certificate to clients that ask for one of its names.</summary>
    public void Present(Certificate certificate)
    {
        context.Add(certificate);
        foreach (var name in CertificateNames.Of(certificate))
        {
            byName[name] = new TlsBinding(default, name, [certificate.Id], origin);
        }
    }

    /// <summary>Presents a certificate to clients that ask for a name nobody has a certificate for, or for none.</summary>
    public void PresentByDefault(Certificate certificate)
    {
        Present(certificate);
        byName[HostPattern.Any] = new TlsBinding(default, HostPattern.Any, [certificate.Id], origin);
    }

    /// <summary>Applies settings to connections for the hosts of a rule.</summary>
    public void Apply(TlsSettings settings, IEnumerable<HostPattern> hosts, Certificate? own)
    {
        if (!settings.AreSpecial)
        {
            return;
        }

        foreach (var host in hosts.Where(host => host.Kind is HostPatternKind.Exact or HostPatternKind.SingleLabelSuffix))
        {
            var certificate = own is not null && CertificateNames.Covers(own, host) ? own : FromStore(host);
            if (certificate is not null)
            {
                context.Add(certificate);
            }

            byName[host] = new TlsBinding(
                default, host, certificate is null ? [] : [certificate.Id], origin, settings.MinimumVersion, settings.MaximumVersion);
        }
    }

    /// <summary>Adds the bindings to the configuration, in a stable order.</summary>
    public void Publish()
    {
        foreach (var entryPoint in entryPoints)
        {
            foreach (var binding in byName.Values.OrderBy(binding => binding.ServerName.ToString(), StringComparer.Ordinal))
            {
                context.Add(binding with { Listener = new ListenerKey(entryPoint.Port) });
            }
        }
    }

    /// <summary>A certificate of the default store for a host: one that names it, else the default one.</summary>
    private Certificate? FromStore(HostPattern host)
    {
        if (TraefikObjects.DefaultTlsStores(context) is not [var store])
        {
            return null;
        }

        var ns = store.Resource.Namespace;
        return (store.Spec.Certificates ?? [])
            .Select(reference => Read(reference.SecretName))
            .FirstOrDefault(certificate => certificate is not null && CertificateNames.Covers(certificate, host))
            ?? Read(store.Spec.DefaultCertificate?.SecretName);

        Certificate? Read(string? name) => string.IsNullOrEmpty(name) ? null : TlsSecrets.Read(context, ns, name).Certificate;
    }
}
