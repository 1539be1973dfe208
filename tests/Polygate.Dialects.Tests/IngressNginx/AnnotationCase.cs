using System.Text.Json;
using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Tests.Golden;
using Polygate.Dialects.Tests.Ingress;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>What becomes of a bad value.</summary>
public enum BadOutcome
{
    /// <summary>The annotation counts as absent.</summary>
    Default,

    /// <summary>The whole Ingress is treated as if it were not there.</summary>
    Ignored,

    /// <summary>The paths answer 503.</summary>
    Answer503,

    /// <summary>The host answers 403.</summary>
    Answer403,
}

/// <summary>One annotation with a value that has an effect, and one that is bad.</summary>
/// <param name="Name">The annotation or alias, without prefix.</param>
/// <param name="Place">The paths of the Ingress; TLS, CANARY and GLOBALAUTH stand for what the effect needs beside it; empty for <c>h.test P /=a</c>.</param>
/// <param name="Good">The annotation with those that it needs.</param>
/// <param name="Effect">What the model then says that it does not say without it; after <c>-</c> what it no longer says; after <c>!</c> the code of the diagnostic, where the model stays as it was.</param>
/// <param name="Bad">The annotation with a bad value, and those that it needs.</param>
/// <param name="Outcome">What becomes of that.</param>
internal sealed record AnnotationCase(string Name, string Place, string Good, string Effect, string Bad, BadOutcome Outcome)
{
    private const string Prefix = "nginx.ingress.kubernetes.io/";

    private static readonly IngressNginxOptions Options =
        IngressNginxOptions.Default with { AllowsSnippets = true, AllowsPassthrough = true, RiskLevel = AnnotationRisk.Critical, AllowedResponseHeaders = ["X-A"] };

    private const string Surroundings = """
        apiVersion: v1
        kind: Secret
        metadata: { name: file }
        stringData: { auth: "ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=" }
        ---
        apiVersion: v1
        kind: Secret
        metadata: { name: map }
        stringData: { ann: "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", auth: "ben:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=" }
        ---
        apiVersion: v1
        kind: Secret
        metadata: { name: ca }
        stringData: { ca.crt: pem }
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: headers }
        data: { X-A: b }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: empty }
        spec: { ports: [{ port: 80 }] }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: clustered }
        spec: { clusterIP: 127.0.0.9, ports: [{ port: 80 }] }

        """;

    /// <summary>The object and what is around it, with the annotation or with nothing in its place.</summary>
    /// <param name="annotations"><see cref="Good"/> or <see cref="Bad"/>.</param>
    /// <param name="isThere">Whether the annotation itself stands there.</param>
    public string Yaml(string annotations, bool isThere)
    {
        var paths = Place.Contains('=') ? Place : "h.test P /=a";
        var ingress = IngressYaml.Nginx("one", paths, annotations, spec: Place == "TLS" ? "tls: [{hosts: [h.test]}]" : "");
        if (!isThere)
        {
            ingress = ingress with { Annotations = ingress.Annotations.ToDictionary(pair => pair.Key == Prefix + Name ? "example.test/nothing" : pair.Key, pair => pair.Value) };
        }

        List<IngressYaml> all = [IngressYaml.Nginx("zero", "c.test P /=b", Place == "GLOBALAUTH" ? "enable-global-auth: false" : ""), ingress];
        if (Place == "CANARY")
        {
            all[1] = ingress with { Annotations = new Dictionary<string, string> { [Prefix + "affinity"] = "cookie" } };
            all.Add(ingress with { Name = "canary", Paths = "h.test P /=b", Annotations = new Dictionary<string, string>(ingress.Annotations) { [Prefix + "canary"] = "true", [Prefix + "canary-weight"] = "30" } });
        }

        var global = Place == "GLOBALAUTH" ? "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ingress-nginx-controller, namespace: ingress-nginx}\ndata: {global-auth-url: 'http://auth.test/'}\n" : "";
        return IngressYaml.Write(all).Replace("'BREAK'", JsonSerializer.Serialize("a\nb"), StringComparison.Ordinal) + "---\n" + Surroundings + global;
    }

    /// <summary>The model, and what is said of the annotation.</summary>
    public static (string Model, IReadOnlyList<Model.Diagnostic> Diagnostics) Translate(string yaml)
    {
        var (translator, problems) = GoldenFile.Translate(yaml, [new IngressNginxDialect(Options)]);
        Assert.Empty(problems);
        return (ModelDump.Write(translator).Split("diagnostics:\n")[0], translator.Diagnostics);
    }

    /// <summary>What its host answers.</summary>
    public Task<string> AnswerAsync(string yaml) => new ServedRequests(yaml, new IngressNginxDialect(Options)).AnswerAsync(Place.StartsWith("c.test", StringComparison.Ordinal) ? "http://c.test/" : "http://h.test/");

    /// <summary>Whether a diagnostic is about the annotation.</summary>
    public bool IsAbout(Model.Diagnostic diagnostic) => diagnostic.Origin.Field == $"metadata.annotations[{Prefix}{Name}]";
}

