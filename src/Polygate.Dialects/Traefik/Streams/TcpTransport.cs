using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik.Resources;
using Polygate.Dialects.Traefik.Services;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Streams;

/// <summary>TLS towards TCP servers, as a ServersTransportTCP asks for it.</summary>
internal static class TcpTransport
{
    /// <summary>Says what is wrong with a transport, where it is written.</summary>
    public static void Check(TranslationContext context, ServersTransportTcpSpec spec, string ns, Findings findings)
    {
        findings.Unsupported(spec.DialKeepAlive, "spec.dialKeepAlive");
        TraefikDurations.Read(spec.DialTimeout, findings, "spec.dialTimeout");
        if (spec.ProxyProtocol is { Version: not (null or 1 or 2) })
        {
            findings.Warning("invalid-value", "The PROXY protocol has the versions 1 and 2; 2 is used.", "spec.proxyProtocol.version");
        }

        if (spec.Tls is not null)
        {
            TransportSettings.Read(context, ns, AsHttp(spec.Tls), findings);
        }
    }

    /// <summary>The settings; null (after an error) when they cannot be obeyed.</summary>
    /// <param name="context">Where Secrets and ConfigMaps are found.</param>
    /// <param name="tls">What is written; null for the system's authorities.</param>
    /// <param name="transport">The transport.</param>
    /// <param name="findings">Where to report.</param>
    /// <param name="field">The field of the service.</param>
    public static BackendTls? Tls(TranslationContext context, TcpTransportTls? tls, Resource transport, Findings findings, string field)
    {
        if (tls is null)
        {
            return new BackendTls();
        }

        var own = new Findings(context, transport);
        var settings = TransportSettings.Read(context, transport.Namespace, AsHttp(tls), own);
        if (own.Failed)
        {
            findings.Error("broken-transport", "The ServersTransportTCP of this service has an error: its share is not passed on.", field + ".serversTransport");
            return null;
        }

        return settings.Tls;
    }

    /// <summary>The fields are those of a ServersTransport, and are read by the same rules.</summary>
    private static ServersTransportSpec AsHttp(TcpTransportTls tls) => new()
    {
        CertificatesSecrets = tls.CertificatesSecrets,
        InsecureSkipVerify = tls.InsecureSkipVerify,
        PeerCertSANs = tls.PeerCertSANs,
        PeerCertURI = tls.PeerCertURI,
        RootCAs = tls.RootCAs,
        RootCAsSecrets = tls.RootCAsSecrets,
        ServerName = tls.ServerName,
        Spiffe = tls.Spiffe,
    };
}
