using Polygate.Dialects.Ambassador.Resources;
using Polygate.Dialects.Common;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Ambassador.Hosts;

/// <summary>The TLS of a Host. It terminates only where the Host names a Secret; a TLSContext adds settings.</summary>
/// <param name="Certificate">What is shown.</param>
/// <param name="Minimum">The lowest version.</param>
/// <param name="Maximum">The highest version.</param>
internal sealed record HostTls(Certificate Certificate, TlsVersion Minimum, TlsVersion Maximum)
{
    /// <summary>The TLS of a Host; null without, or with a problem that takes the Host out of force.</summary>
    public static HostTls? Read(IResourceLookup lookup, Resource<AmbassadorHost> host, out HostProblem problem)
    {
        problem = HostProblem.None;
        var spec = host.Value.Spec;
        if (spec.TlsSecret?.Name is not { Length: > 0 } secret)
        {
            return null;
        }

        var ns = string.IsNullOrEmpty(spec.TlsSecret.Namespace) ? host.Namespace : spec.TlsSecret.Namespace;
        var read = TlsSecrets.Read(lookup, ns, secret);
        if (read.Certificate is null)
        {
            problem = new HostProblem(read.Code, read.Problem, "spec.tlsSecret");
            return null;
        }

        if (spec is { Tls: not null, TlsContext: not null })
        {
            problem = new HostProblem("invalid-field", "A Host has tls or tlsContext, not both.", "spec.tls");
            return null;
        }

        var settings = Settings(lookup, host, out var missing);
        if (missing.Length > 0)
        {
            problem = new HostProblem("missing-reference", $"The TLSContext {missing} does not exist.", "spec.tlsContext");
            return null;
        }

        if (settings?.Secret is { Length: > 0 } other && other != secret)
        {
            problem = new HostProblem("invalid-field", $"The TLSContext names the Secret {other}, the Host {secret}.", "spec.tlsContext");
            return null;
        }

        if (settings?.CertRequired == true)
        {
            problem = new HostProblem("unsupported-field", "Client certificates are not supported yet, and cert_required asks for them; the Host is not served.", "spec.tls");
            return null;
        }

        return new HostTls(
            read.Certificate, Version(settings?.MinTlsVersion, TlsVersion.Tls12), Version(settings?.MaxTlsVersion, TlsVersion.Tls13));
    }

    /// <summary>The settings: written in the Host, of the TLSContext it names, or of the one named after it.</summary>
    public static TlsContextSpec? Settings(IResourceLookup lookup, Resource<AmbassadorHost> host, out string missing)
    {
        missing = "";
        var spec = host.Value.Spec;
        if (spec.Tls is not null)
        {
            return spec.Tls;
        }

        if (spec.TlsContext?.Name is { Length: > 0 } name)
        {
            var ns = string.IsNullOrEmpty(spec.TlsContext.Namespace) ? host.Namespace : spec.TlsContext.Namespace;
            var found = lookup.Get<TlsContext>(ns, name)?.Value.Spec;
            missing = found is null ? $"{ns}/{name}" : "";
            return found;
        }

        return lookup.Get<TlsContext>(host.Namespace, host.Name + "-context")?.Value.Spec;
    }

    private static TlsVersion Version(string? text, TlsVersion standard) => text switch
    {
        "v1.3" => TlsVersion.Tls13,
        "v1.0" or "v1.1" or "v1.2" => TlsVersion.Tls12,
        _ => standard,
    };
}
