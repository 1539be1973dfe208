using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik.Resources;

namespace Polygate.Dialects.Traefik.Tls;

/// <summary>Presents the certificates of the TLSStore named <c>default</c>, the only one with a meaning, on every TLS entry point.</summary>
internal sealed class TlsStoreTranslation
{
    private readonly TranslationContext context;
    private readonly TraefikOptions options;
    private readonly TlsStoreSpec spec;
    private readonly Findings findings;

    public TlsStoreTranslation(TranslationContext context, TraefikOptions options, TlsStoreSpec spec, Findings findings)
    {
        this.context = context;
        this.options = options;
        this.spec = spec;
        this.findings = findings;
    }

    public void Translate()
    {
        if (context.Root.Name != "default")
        {
            findings.Warning("no-effect", "Only a TLSStore named default has a meaning.", "metadata.name");
            return;
        }

        if (TraefikObjects.DefaultTlsStores(context) is { Count: > 1 })
        {
            findings.Error("ambiguous-default", "There are several TLSStores named default; none of them is used.", "metadata.name");
            return;
        }

        findings.Unsupported(spec.DefaultGeneratedCert, "spec.defaultGeneratedCert");
        var bindings = new TlsBindings(context, [.. options.EntryPoints.Where(entryPoint => entryPoint.Tls)], context.Origin("spec"));
        for (var i = 0; i < (spec.Certificates?.Count ?? 0); i++)
        {
            if (bindings.Certificate(context.Root.Namespace, spec.Certificates![i].SecretName, findings, $"spec.certificates[{i}].secretName") is { } certificate)
            {
                bindings.Present(certificate);
            }
        }

        if (bindings.Certificate(context.Root.Namespace, spec.DefaultCertificate?.SecretName, findings, "spec.defaultCertificate.secretName") is { } standard)
        {
            bindings.PresentByDefault(standard);
        }

        bindings.Publish();
    }
}
