using k8s.Models;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Migration;

/// <summary>How something that ran on ingress-nginx behaves here; the worst of an object's findings is the object's.</summary>
public enum MigrationOutcome
{
    Same,
    Differs,
    Unsupported,
}

/// <summary>One thing about an object.</summary>
/// <param name="Outcome">How it behaves here.</param>
/// <param name="Subject">The annotation (without its prefix), the key, or the field.</param>
/// <param name="Message">What differs, or what to know; empty where there is nothing to say.</param>
public sealed record MigrationFinding(MigrationOutcome Outcome, string Subject, string Message);

/// <summary>An object and what becomes of it.</summary>
public sealed record MigratedObject(Origin Origin, MigrationOutcome Outcome, IReadOnlyList<MigrationFinding> Findings);

/// <summary>Object by object, what ran on ingress-nginx and what becomes of it here.</summary>
/// <param name="Objects">Ingresses of the class, the controller's ConfigMap and those for TCP and UDP; by namespace and name.</param>
/// <param name="OtherIngresses">How many Ingresses belong to other classes.</param>
/// <param name="Configuration">What the gateway would do.</param>
public sealed record MigrationReport(IReadOnlyList<MigratedObject> Objects, int OtherIngresses, GatewayConfiguration Configuration)
{
    /// <summary>Objects of the cluster that are often not kept beside Ingresses; that they are missing says nothing about the migration.</summary>
    private static readonly HashSet<string> Surroundings = new(StringComparer.Ordinal)
    {
        "missing-service", "missing-port", "missing-secret", "missing-configmap", "invalid-certificate", "invalid-secret", "default-certificate",
        "certificate-host-mismatch", "unusable-client-authority",
    };

    /// <summary>What ingress-nginx does in the same way, although it is wrong: it is told, and it is no difference.</summary>
    private static readonly HashSet<string> AlikeThere = new(StringComparer.Ordinal)
    {
        "invalid-annotation", "unknown-annotation", "obsolete-annotation", "annotation-risk", "conflicting-path", "canary-without-primary", "second-canary",
        "loopback-backend", "strict-path-type", "header-not-allowed", "invalid-header", "invalid-field", "field-without-effect",
    };

    /// <summary>The Ingresses of the class, as they were read, by namespace/name.</summary>
    internal IReadOnlyDictionary<string, NginxIngress> Ingresses { get; init; } = new Dictionary<string, NginxIngress>();

    /// <summary>How many annotations are used, by outcome.</summary>
    public IReadOnlyDictionary<MigrationOutcome, int> Annotations => Objects.Where(item => item.Origin.Kind == "Ingress")
        .SelectMany(item => item.Findings).Where(finding => AnnotationTable.Find(finding.Subject) is not null)
        .CountBy(finding => finding.Outcome).ToDictionary();

    public int Count(MigrationOutcome outcome) => Objects.Count(item => item.Outcome == outcome);

    /// <summary>Options with everything allowed that the administrator may allow: the question is what can be served.</summary>
    public static IngressNginxOptions Permissive(IngressNginxOptions options) => options with { AllowsPassthrough = true, AllowsSnippets = true, RiskLevel = AnnotationRisk.Critical };

    /// <summary>Looks at objects as a folder or a cluster has them.</summary>
    /// <param name="objects">The objects.</param>
    /// <param name="installation">What the controller's flags say; null for nothing.</param>
    public static MigrationReport Of(IReadOnlyCollection<Resource> objects, IngressNginxOptions? installation = null)
    {
        var options = Permissive(installation ?? IngressNginxOptions.Default);
        var dialect = new IngressNginxDialect(options);
        var translator = new Translator([dialect]);
        var configuration = translator.Apply(objects, []);
        var told = translator.Diagnostics.ToLookup(diagnostic => (diagnostic.Origin.Kind, diagnostic.Origin.Namespace, diagnostic.Origin.Name));
        var controller = dialect.ControllerFor(translator.Resources);
        var ingresses = objects.OfType<Resource<V1Ingress>>().ToLookup(ingress => controller.IsOurs(translator.Resources, ingress));
        var maps = objects.OfType<Resource<V1ConfigMap>>()
            .Where(map => map.FullName == options.ConfigMap || options.TcpServices.Contains(map.FullName) || options.UdpServices.Contains(map.FullName));
        var migrated = ingresses[true].Select(ingress => Migrate(ingress, told[KeyOf(ingress)], AnnotationFindings(ingress)))
            .Concat(maps.Select(map => Migrate(map, told[KeyOf(map)], [])))
            .OrderBy(item => item.Origin.Namespace, StringComparer.Ordinal).ThenBy(item => item.Origin.Name, StringComparer.Ordinal).ThenBy(item => item.Origin.Kind, StringComparer.Ordinal);
        return new MigrationReport([.. migrated], ingresses[false].Count(), configuration)
        {
            Ingresses = ingresses[true].ToDictionary(ingress => ingress.FullName, controller.Parse, StringComparer.Ordinal),
        };

        static (string, string, string) KeyOf(Resource resource) => (resource.Key.Kind, resource.Namespace, resource.Name);
    }

    /// <summary>What an object says, and what was told about it: a diagnostic about an annotation is that annotation's finding.</summary>
    private static MigratedObject Migrate(Resource resource, IEnumerable<Diagnostic> diagnostics, IEnumerable<MigrationFinding> said)
    {
        var findings = said.ToDictionary(finding => finding.Subject, StringComparer.Ordinal);
        foreach (var diagnostic in diagnostics)
        {
            var subject = SubjectOf(diagnostic.Origin.Field);
            var outcome = OutcomeOf(diagnostic);
            if (findings.TryGetValue(subject, out var known))
            {
                var message = known.Message.Length == 0 || known.Message == diagnostic.Message ? diagnostic.Message : known.Message + " " + diagnostic.Message;
                findings[subject] = known with { Outcome = (MigrationOutcome)Math.Max((int)known.Outcome, (int)outcome), Message = message };
            }
            else
            {
                findings.Add(subject, new MigrationFinding(outcome, subject, diagnostic.Message));
            }
        }

        var worst = findings.Values.Select(finding => finding.Outcome).DefaultIfEmpty(MigrationOutcome.Same).Max();
        return new MigratedObject(
            resource.Origin("ingress-nginx"), worst, [.. findings.Values.OrderByDescending(finding => finding.Outcome).ThenBy(finding => finding.Subject, StringComparer.Ordinal)]);
    }

    private static IEnumerable<MigrationFinding> AnnotationFindings(Resource ingress) =>
        (ingress.Metadata.Annotations ?? new Dictionary<string, string>()).Keys
            .Where(name => name.StartsWith(AnnotationReader.Prefix, StringComparison.Ordinal))
            .Select(name => name[AnnotationReader.Prefix.Length..])
            .Select(name => AnnotationTable.Find(name) is { HasDifference: true } info
                ? new MigrationFinding(MigrationOutcome.Differs, name, char.ToUpperInvariant(info.Note[0]) + info.Note[1..] + ".")
                : new MigrationFinding(MigrationOutcome.Same, name, ""));

    private static MigrationOutcome OutcomeOf(Diagnostic diagnostic) =>
        Surroundings.Contains(diagnostic.Code) || AlikeThere.Contains(diagnostic.Code) || diagnostic.Code.StartsWith("quirk-", StringComparison.Ordinal) ? MigrationOutcome.Same
        : diagnostic.Code is "unsupported-annotation" or "unsupported-field" or "refused-snippet" or "unsupported-password-hash" || diagnostic.Severity == DiagnosticSeverity.Error
            ? MigrationOutcome.Unsupported
        : diagnostic.Code == "annotation-without-effect" && diagnostic.Severity == DiagnosticSeverity.Info ? MigrationOutcome.Same
        : MigrationOutcome.Differs;

    private static string SubjectOf(string field)
    {
        const string Annotations = "metadata.annotations[" + AnnotationReader.Prefix;
        return field.StartsWith(Annotations, StringComparison.Ordinal) ? field[Annotations.Length..^1] : field.Length == 0 ? "metadata" : field;
    }
}
