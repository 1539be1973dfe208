using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Services;

/// <summary>What a ServersTransport says about connections to servers.</summary>
/// <param name="Tls">For servers that are spoken to over TLS.</param>
/// <param name="ConnectTimeout">The limit on making a connection; null for the gateway's own (Traefik's is 30 s).</param>
/// <param name="ResponseHeaderTimeout">The limit on the wait for a response head; null for none.</param>
internal sealed record TransportSettings(BackendTls Tls, TimeSpan? ConnectTimeout, TimeSpan? ResponseHeaderTimeout)
{
    public static TransportSettings Default { get; } = new(new BackendTls(), null, null);

    /// <summary>Reads a transport. An error means that it must not be used.</summary>
    public static TransportSettings Read(TranslationContext context, Found<ServersTransportSpec> transport, Findings findings)
    {
        return Read(context, transport.Resource.Namespace, transport.Spec, findings);
    }

    /// <summary>Reads what a transport of the namespace says. An error means that it must not be used.</summary>
    public static TransportSettings Read(TranslationContext context, string ns, ServersTransportSpec spec, Findings findings)
    {
        Unsupported(spec, findings);
        if (spec.Spiffe is not null)
        {
            // Without it, servers would be trusted that the identity was to keep out.
            findings.Error("unsupported-field", "spec.spiffe decides which servers are trusted and is not supported yet.", "spec.spiffe");
        }

        var names = (spec.PeerCertSANs ?? []).Select(name => name.Value ?? "")
            .Concat(spec.PeerCertURI is { Length: > 0 } uri ? [uri] : [])
            .Where(name => name.Length > 0);
        var timeouts = spec.ForwardingTimeouts;
        return new TransportSettings(
            new BackendTls
            {
                ServerName = string.IsNullOrEmpty(spec.ServerName) ? null : spec.ServerName,
                SkipVerification = spec.InsecureSkipVerify == true,
                TrustedCertificatesPem = RootCertificates(context, ns, spec, findings),
                SubjectAlternativeNames = names.ToValueList(),
                ClientCertificate = ClientCertificate(context, ns, spec, findings),
            },
            TraefikDurations.Read(timeouts?.DialTimeout, findings, "spec.forwardingTimeouts.dialTimeout"),
            TraefikDurations.Read(timeouts?.ResponseHeaderTimeout, findings, "spec.forwardingTimeouts.responseHeaderTimeout"));
    }

    private static void Unsupported(ServersTransportSpec spec, Findings findings)
    {
        findings.Unsupported(spec.CipherSuites, "spec.cipherSuites");
        findings.Unsupported(spec.MinVersion, "spec.minVersion");
        findings.Unsupported(spec.MaxVersion, "spec.maxVersion");
        findings.Unsupported(spec.MaxIdleConnsPerHost, "spec.maxIdleConnsPerHost");
        findings.Unsupported(spec.DisableHTTP2, "spec.disableHTTP2");
        findings.Unsupported(spec.ForwardingTimeouts?.IdleConnTimeout, "spec.forwardingTimeouts.idleConnTimeout");
        findings.Unsupported(spec.ForwardingTimeouts?.ReadIdleTimeout, "spec.forwardingTimeouts.readIdleTimeout");
        findings.Unsupported(spec.ForwardingTimeouts?.PingTimeout, "spec.forwardingTimeouts.pingTimeout");
    }

    private static string? RootCertificates(TranslationContext context, string ns, ServersTransportSpec spec, Findings findings)
    {
        var parts = new List<string>();
        for (var i = 0; i < (spec.RootCAs?.Count ?? 0); i++)
        {
            var root = spec.RootCAs![i];
            AddRoot(root.ConfigMap is { Length: > 0 } map ? FromConfigMap(context, ns, map) : FromSecret(context, ns, root.Secret), $"spec.rootCAs[{i}]");
        }

        for (var i = 0; i < (spec.RootCAsSecrets?.Count ?? 0); i++)
        {
            AddRoot(FromSecret(context, ns, spec.RootCAsSecrets![i]), $"spec.rootCAsSecrets[{i}]");
        }

        return parts.Count == 0 ? null : string.Join('\n', parts);

        void AddRoot(string? pem, string field)
        {
            if (pem is null)
            {
                findings.Error("missing-ca", "The Secret or ConfigMap does not exist, or has neither tls.ca nor ca.crt.", field);
            }
            else
            {
                parts.Add(pem.Trim());
            }
        }
    }

    /// <summary>The keys <c>tls.ca</c>, then <c>ca.crt</c>; the only key of a Secret counts whatever its name.</summary>
    private static string? FromSecret(TranslationContext context, string ns, string? name)
    {
        if (string.IsNullOrEmpty(name) || context.Get<V1Secret>(ns, name) is not { } secret)
        {
            return null;
        }

        return TlsSecrets.Text(secret, "tls.ca") ?? TlsSecrets.Text(secret, "ca.crt")
            ?? (secret.Value.Data is { Count: 1 } data ? TlsSecrets.Text(secret, data.Keys.Single()) : null);
    }

    private static string? FromConfigMap(TranslationContext context, string ns, string name)
    {
        var data = context.Get<V1ConfigMap>(ns, name)?.Value.Data;
        return data is null ? null : data.TryGetValue("tls.ca", out var pem) || data.TryGetValue("ca.crt", out pem) ? pem : null;
    }

    private static string? ClientCertificate(TranslationContext context, string ns, ServersTransportSpec spec, Findings findings)
    {
        if (spec.CertificatesSecrets is not [var name, ..])
        {
            return null;
        }

        if (spec.CertificatesSecrets.Count > 1)
        {
            findings.Warning("unsupported-field", "Only the first of several client certificates is used.", "spec.certificatesSecrets[1]");
        }

        var secret = TlsSecrets.Read(context, ns, name);
        if (secret.Certificate is null)
        {
            findings.Error(secret.Code, secret.Problem, "spec.certificatesSecrets[0]");
            return null;
        }

        context.Add(secret.Certificate);
        return secret.Certificate.Id;
    }
}
