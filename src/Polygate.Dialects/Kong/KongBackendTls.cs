using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Kong;

/// <summary>TLS towards a Service, by its annotations. Servers are not verified unless <c>tls-verify</c> asks for it, as in Kong.</summary>
internal sealed class KongBackendTls
{
    private readonly TranslationContext context;
    private readonly Resource<V1Service> service;
    private readonly KongAnnotations annotations;
    private readonly Findings findings;
    private readonly string field;

    public KongBackendTls(TranslationContext context, Resource<V1Service> service, KongAnnotations annotations, Findings findings, string field)
    {
        this.context = context;
        this.service = service;
        this.annotations = annotations;
        this.findings = findings;
        this.field = field;
    }

    /// <summary>The annotations that need TLS.</summary>
    public static IReadOnlyList<string> Keys { get; } =
        ["client-cert", "tls-verify", "tls-verify-depth", "ca-certificates-secrets", "ca-certificates-configmaps"];

    /// <summary>The settings; null after an error when what they need is missing.</summary>
    public BackendTls? Read(List<string> identity)
    {
        var verifies = annotations.Flag("tls-verify", findings) == true;
        if (annotations.Text("tls-verify-depth") is not null)
        {
            findings.Warning("unsupported-annotation", "The annotation konghq.com/tls-verify-depth is not supported yet and has no effect.", field);
        }

        var secrets = annotations.List("ca-certificates-secrets") ?? [];
        var maps = annotations.List("ca-certificates-configmaps") ?? [];
        var authorities = secrets.Select(FromSecret).Concat(maps.Select(FromConfigMap)).ToList();
        var client = ClientCertificate();
        if (authorities.Contains(null) || client is { Certificate: null })
        {
            return null;
        }

        if (authorities.Count > 0 && !verifies)
        {
            findings.Warning("no-effect", "Authorities have no effect without konghq.com/tls-verify: \"true\".", field);
        }

        identity.Add(verifies ? "tls-verify" : "tls");
        identity.AddRange(secrets.Select(name => "ca=" + name).Concat(maps.Select(name => "ca-map=" + name)));
        if (client is not null)
        {
            identity.Add("client=" + client.Certificate!.Id);
        }

        return new BackendTls
        {
            SkipVerification = !verifies,
            TrustedCertificatesPem = verifies && authorities.Count > 0 ? string.Join('\n', authorities) : null,
            ClientCertificate = client?.Certificate!.Id,
        };
    }

    private TlsSecret? ClientCertificate()
    {
        if (annotations.Text("client-cert") is not { } name)
        {
            return null;
        }

        var secret = TlsSecrets.Read(context, service.Namespace, name);
        if (secret.Certificate is null)
        {
            findings.Error(secret.Code, secret.Problem + " Requests to the Service are answered 503.", field);
        }
        else
        {
            context.Add(secret.Certificate);
        }

        return secret;
    }

    private string? FromSecret(string name)
    {
        var pem = context.Get<V1Secret>(service.Namespace, name) is { } secret
            ? TlsSecrets.Text(secret, "cert") ?? TlsSecrets.Text(secret, "ca.crt")
            : null;
        return Required(pem, $"The Secret {service.Namespace}/{name}");
    }

    private string? FromConfigMap(string name)
    {
        var data = context.Get<V1ConfigMap>(service.Namespace, name)?.Value.Data;
        var pem = data is not null && (data.TryGetValue("cert", out var text) || data.TryGetValue("ca.crt", out text)) ? text : null;
        return Required(pem, $"The ConfigMap {service.Namespace}/{name}");
    }

    private string? Required(string? pem, string what)
    {
        if (pem is null)
        {
            findings.Error("missing-ca", $"{what} does not exist, or has neither cert nor ca.crt: requests to the Service are answered 503.", field);
        }

        return pem;
    }
}
