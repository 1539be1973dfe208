using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>TLS to the backend, which ingress-nginx does not verify unless told to.</summary>
internal sealed record UpstreamTls
{
    /// <summary>A Secret with <c>tls.crt</c>, <c>tls.key</c> and <c>ca.crt</c>, in the Ingress's namespace; null for none.</summary>
    public string? Secret { get; init; }

    /// <summary>The name that is sent (where it is sent) and verified.</summary>
    public string? Name { get; init; }

    public bool SendsName { get; init; }

    public bool Verifies { get; init; }

    public static UpstreamTls Parse(AnnotationReader reader, IngressNginxOptions options) => new()
    {
        Secret = reader.Text("proxy-ssl-secret") is null ? null : reader.LocalName("proxy-ssl-secret"),
        Name = ParseName(reader),
        SendsName = reader.Choice("proxy-ssl-server-name", "on", "off") == "on",
        Verifies = reader.Choice("proxy-ssl-verify", "on", "off") == "on" || options.IsStrict(NginxQuirks.UnverifiedUpstream),
    };

    /// <summary>The settings; null when the Secret cannot be used, which is reported.</summary>
    /// <param name="context">Where the Secret is found and its certificate goes.</param>
    /// <param name="owner">The Ingress that names it.</param>
    /// <param name="service">The Service, whose name in the cluster is verified where no other is given.</param>
    public BackendTls? Settings(TranslationContext context, Resource owner, Resource<V1Service> service)
    {
        var name = Name ?? (Verifies ? $"{service.Name}.{service.Namespace}.svc" : null);
        var settings = new BackendTls { ServerName = SendsName || Verifies ? name : null, SkipVerification = !Verifies };
        if (Secret is null)
        {
            return settings;
        }

        if (context.Get<V1Secret>(owner.Namespace, Secret) is not { } secret)
        {
            Report("missing-secret", $"The Secret {owner.Namespace}/{Secret} does not exist.");
            return null;
        }

        settings = settings with { TrustedCertificatesPem = TlsSecrets.Text(secret, "ca.crt") };
        if (TlsSecrets.Text(secret, "tls.crt") is null)
        {
            return settings;
        }

        var read = TlsSecrets.Read(context, owner.Namespace, Secret);
        if (read.Certificate is null)
        {
            Report(read.Code, read.Problem);
            return null;
        }

        context.Add(read.Certificate);
        return settings with { ClientCertificate = read.Certificate.Id };

        void Report(string code, string message) =>
            context.OwnError(owner, code, "proxy-ssl-secret", message + " The paths of this Ingress answer 503.");
    }

    private static string? ParseName(AnnotationReader reader)
    {
        var name = reader.Text("proxy-ssl-name");
        if (name is null || IngressSpecs.HostProblem(name.ToLowerInvariant()) is null)
        {
            return name;
        }

        reader.UseDefault("proxy-ssl-name", $"\"{name}\" is not a DNS name.");
        return null;
    }
}
