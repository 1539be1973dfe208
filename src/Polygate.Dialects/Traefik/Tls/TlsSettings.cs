using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Tls;

/// <summary>What a TLSOption asks of the connections to the hosts of a router.</summary>
/// <param name="MinimumVersion">The lowest version accepted.</param>
/// <param name="MaximumVersion">The highest version accepted.</param>
/// <param name="Refused">Whether the router must not be served, because what restricts access is not to be had.</param>
internal sealed record TlsSettings(TlsVersion MinimumVersion, TlsVersion MaximumVersion, bool Refused)
{
    public static TlsSettings Default { get; } = new(TlsVersion.Tls12, TlsVersion.Tls13, false);

    /// <summary>Whether hosts with these settings need a binding of their own.</summary>
    public bool AreSpecial => this with { Refused = false } != Default;

    /// <summary>The settings of a router: those of the TLSOption it names, else of the cluster-wide one named <c>default</c>.</summary>
    public static TlsSettings For(
        TranslationContext context, TraefikOptions options, ObjectReference? reference, string ns, Findings findings, string field)
    {
        if (string.IsNullOrEmpty(reference?.Name))
        {
            return OfDefault(context, findings, field);
        }

        bool Exists(string otherNamespace, string name) => TraefikObjects.TlsOption(context, otherNamespace, name) is not null;
        if (References.Resolve(reference, ns, options, Exists, findings, field) is not { } target)
        {
            return Default with { Refused = true };
        }

        if (TraefikObjects.TlsOption(context, target.Namespace, target.Name) is not { } option)
        {
            findings.Error("missing-tls-option", $"The TLSOption {target.Namespace}/{target.Name} does not exist: the routes answer 503.", field);
            return Default with { Refused = true };
        }

        return Of(context, option, findings, field);
    }

    /// <summary>Reads a TLSOption and says what is wrong with it.</summary>
    public static TlsSettings Read(Found<TlsOptionSpec> option, Findings findings)
    {
        var spec = option.Spec;
        findings.Unsupported(spec.AlpnProtocols, "spec.alpnProtocols");
        findings.Unsupported(spec.CipherSuites, "spec.cipherSuites");
        findings.Unsupported(spec.CurvePreferences, "spec.curvePreferences");
        findings.Unsupported(spec.DisableSessionTickets, "spec.disableSessionTickets");
        findings.Unsupported(spec.SniStrict, "spec.sniStrict");
        ClientAuthentication(spec.ClientAuth, findings);
        var minimum = Version(spec.MinVersion, TlsVersion.Tls12, findings, "spec.minVersion");
        var maximum = Version(spec.MaxVersion, TlsVersion.Tls13, findings, "spec.maxVersion");
        if (spec.MaxVersion is "VersionTLS10" or "VersionTLS11" || minimum > maximum)
        {
            findings.Error("invalid-tls-version", "No TLS version that this gateway speaks (1.2 and 1.3) is within the limits.", "spec.maxVersion");
        }

        return new TlsSettings(minimum, maximum, findings.Failed);
    }

    /// <summary>
    /// Two cluster-wide defaults contradict each other. Traefik then silently uses neither; here the routers that would
    /// have used them are refused when one of them asked for client certificates.
    /// </summary>
    private static TlsSettings OfDefault(TranslationContext context, Findings findings, string field)
    {
        var all = TraefikObjects.DefaultTlsOptions(context);
        if (all.Count <= 1)
        {
            return all.Count == 0 ? Default : Of(context, all[0], findings, field);
        }

        var isRestrictive = all.Any(option => Of(context, option, findings, field).Refused);
        return Default with { Refused = isRestrictive };
    }

    private static TlsSettings Of(TranslationContext context, Found<TlsOptionSpec> option, Findings findings, string field)
    {
        var own = new Findings(context, option.Resource);
        var settings = Read(option, own);
        if (settings.Refused)
        {
            findings.Error("broken-tls-option", $"The TLSOption {option.Resource.FullName} has an error: the routes answer 503.", field);
        }

        return settings;
    }

    /// <summary>Client certificates restrict access: without support for them the routers are refused.</summary>
    private static void ClientAuthentication(ClientAuthentication? authentication, Findings findings)
    {
        if (authentication is null)
        {
            return;
        }

        // Authorities without a type mean that a valid certificate is required.
        var type = string.IsNullOrEmpty(authentication.ClientAuthType)
            ? authentication.SecretNames is { Count: > 0 } ? "RequireAndVerifyClientCert" : "NoClientCert"
            : authentication.ClientAuthType;
        if (type == "RequestClientCert")
        {
            findings.Unsupported(type, "spec.clientAuth");
        }
        else if (type != "NoClientCert")
        {
            findings.Error(
                "unsupported-field", "spec.clientAuth restricts access and is not supported yet: routes that use it answer 503.", "spec.clientAuth");
        }
    }

    private static TlsVersion Version(string? text, TlsVersion standard, Findings findings, string field)
    {
        switch (text)
        {
            case null or "":
                return standard;
            case "VersionTLS12":
                return TlsVersion.Tls12;
            case "VersionTLS13":
                return TlsVersion.Tls13;
            case "VersionTLS10" or "VersionTLS11":
                findings.Warning("unsupported-tls-version", "TLS 1.0 and 1.1 are not offered (RFC 8996): 1.2 is the lowest version.", field);
                return TlsVersion.Tls12;
            default:
                findings.Error("invalid-tls-version", $"'{text}' is not a TLS version such as VersionTLS12.", field);
                return standard;
        }
    }
}
