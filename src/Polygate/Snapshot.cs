using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Sources;
using Polygate.Model;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Transport.Tls;

namespace Polygate;

/// <summary>A folder as it is now, translated: what <c>check</c>, <c>routes</c> and <c>explain</c> look at.</summary>
/// <param name="Configuration">What the gateway would do.</param>
/// <param name="Routes">The same, compiled.</param>
/// <param name="Diagnostics">Everything that is wrong, by file and line.</param>
internal sealed record Snapshot(GatewayConfiguration Configuration, RoutingTable Routes, IReadOnlyList<Diagnostic> Diagnostics)
{
    public static Snapshot Read(string folder, IReadOnlyList<IDialect> dialects)
    {
        var batch = FolderSource.ReadOnce(folder, Composition.Reader(dialects));
        var translator = new Translator(dialects);
        var configuration = translator.Apply(batch.Set, batch.Removed);
        var routes = RoutingTable.Build(configuration, RoutingTable.Empty, new RuntimeState());
        var certificates = CertificateStore.Build(configuration, CertificateStore.Empty);
        return new Snapshot(
            configuration,
            routes,
            InOrder(OfSource(batch).Concat(translator.Diagnostics).Concat(routes.Problems).Concat(certificates.Diagnostics)));
    }

    /// <summary>What is wrong in the files, and which objects nobody reads.</summary>
    public static IEnumerable<Diagnostic> OfSource(ResourceBatch batch) => batch.Diagnostics.Concat(batch.Unknown.Select(item => new Diagnostic(
        DiagnosticSeverity.Info,
        "unknown-kind",
        $"{item.Kind} of {item.ApiVersion} is not read by this gateway.",
        new Origin("", item.Kind, item.Namespace, item.Name, item.File, item.Line))));

    /// <summary>By file, line and code; the same thing said twice is said once.</summary>
    public static IReadOnlyList<Diagnostic> InOrder(IEnumerable<Diagnostic> diagnostics) =>
        [.. diagnostics.Distinct().OrderBy(item => item.Origin.File, StringComparer.Ordinal).ThenBy(item => item.Origin.Line).ThenBy(item => item.Code, StringComparer.Ordinal)];
}
