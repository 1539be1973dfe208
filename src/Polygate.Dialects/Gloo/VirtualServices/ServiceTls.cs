using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.VirtualServices;

/// <summary>The TLS of a virtual service: its certificate and the server names it is for.</summary>
/// <param name="Certificate">What is shown.</param>
/// <param name="ServerNames">The names it is shown for.</param>
/// <param name="Minimum">The lowest version.</param>
/// <param name="Maximum">The highest version.</param>
internal sealed record ServiceTls(Certificate Certificate, ValueList<HostPattern> ServerNames, TlsVersion Minimum, TlsVersion Maximum)
{
    private const string Field = "spec.sslConfig";

    /// <summary>Reads <c>sslConfig</c>; null (and a rejection) when it cannot be served.</summary>
    public static ServiceTls? Read(SslConfig config, Resource owner, TranslationContext context, GlooSettings settings, Findings findings)
    {
        findings.Fields(SslConfig.DownstreamFields, config, Field);
        findings.Unsupported(config.Parameters?.CipherSuites is { Count: > 0 }, Field + ".parameters.cipherSuites");
        findings.Unsupported(config.Parameters?.EcdhCurves is { Count: > 0 }, Field + ".parameters.ecdhCurves");
        if (config.SecretRef is not { Name: { Length: > 0 } name } reference)
        {
            findings.Reject("unsupported-field", "TLS needs a Secret in secretRef; sslFiles and sds are not supported yet.", Field);
            return null;
        }

        var ns = string.IsNullOrEmpty(reference.Namespace) ? owner.Namespace : reference.Namespace;
        var read = TlsSecrets.Read(context, ns, name);
        if (read.Certificate is null)
        {
            findings.Reject(read.Code, read.Problem, Field + ".secretRef");
            return null;
        }

        if (config.VerifySubjectAltName is { Count: > 0 } || AsksForClientCertificates(config, ns, name, context, settings))
        {
            findings.Reject(
                "unsupported-field",
                "This asks for client certificates (ca.crt in the Secret, or verifySubjectAltName), which are not supported yet; "
                + "set oneWayTls to serve without them.",
                Field);
            return null;
        }

        var names = (config.SniDomains ?? []).Select(domain => HostPattern.Parse(domain)).ToValueList();
        return new ServiceTls(
            read.Certificate,
            names.IsEmpty ? [HostPattern.Any] : names,
            Version(config.Parameters?.MinimumProtocolVersion, TlsVersion.Tls12, "minimumProtocolVersion", findings),
            Version(config.Parameters?.MaximumProtocolVersion, TlsVersion.Tls13, "maximumProtocolVersion", findings));
    }

    /// <summary>An authority in the Secret turns client certificates on, unless TLS is one-way.</summary>
    private static bool AsksForClientCertificates(
        SslConfig config, string ns, string name, TranslationContext context, GlooSettings settings) =>
        !(config.OneWayTls ?? settings.OneWayTls)
        && context.Get<V1Secret>(ns, name) is { } secret
        && TlsSecrets.Text(secret, "ca.crt") is not null;

    private static TlsVersion Version(System.Text.Json.JsonElement? written, TlsVersion standard, string name, Findings findings)
    {
        var number = ProtoEnum.Read(written, "TLS_AUTO", "TLSv1_0", "TLSv1_1", "TLSv1_2", "TLSv1_3");
        if (number is 1 or 2)
        {
            findings.Warn("unsupported-field", "TLS below 1.2 is not offered.", $"{Field}.parameters.{name}");
        }
        else if (number < 0)
        {
            findings.Reject("invalid-field", $"{written} is not a TLS version such as TLSv1_2.", $"{Field}.parameters.{name}");
        }

        return number switch
        {
            3 => TlsVersion.Tls12,
            4 => TlsVersion.Tls13,
            1 or 2 => TlsVersion.Tls12,
            _ => standard,
        };
    }
}
