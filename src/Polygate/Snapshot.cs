using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Sources;
using Polygate.Model;
using Polygate.Proxy.Listening;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Transport.Tls;
using Polygate.Running;

namespace Polygate;

/// <summary>A folder as it is now, translated: what <c>check</c>, <c>routes</c> and <c>explain</c> look at.</summary>
/// <param name="Configuration">What the gateway would do.</param>
/// <param name="Routes">The same, compiled.</param>
/// <param name="Diagnostics">Everything that is wrong, by file and line.</param>
internal sealed record Snapshot(GatewayConfiguration Configuration, RoutingTable Routes, IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <param name="folder">The folder.</param>
    /// <param name="dialects">What is read in it.</param>
    /// <param name="ports">Which sockets its listeners would get: those that share one must agree.</param>
    public static Snapshot Read(string folder, IReadOnlyList<IDialect> dialects, PortMap ports)
    {
        var batch = FolderSource.ReadOnce(folder, Composition.Reader(dialects));
        var translator = new Translator(dialects);
        var configuration = translator.Apply(batch.Set, batch.Removed);
        var (routes, problems) = Compile(configuration, ports);
        return new Snapshot(
            configuration,
            routes,
            InOrder(Emptiness(folder, batch).Concat(OfSource(batch)).Concat(translator.Diagnostics).Concat(problems)));
    }

    /// <summary>Prepares a configuration as the engine does before it serves it, without serving it.</summary>
    /// <returns>The compiled routes, and what the engine would not serve.</returns>
    public static (RoutingTable Routes, IEnumerable<Diagnostic> Problems) Compile(GatewayConfiguration configuration, PortMap ports)
    {
        var routes = RoutingTable.Build(configuration, RoutingTable.Empty, new RuntimeState());
        var certificates = CertificateStore.Of(configuration);
        return (routes, routes.Problems.Concat(certificates.Diagnostics)
            .Concat(ListenerProblems.Of(configuration, new ListenerOptions { MapEndPoint = ports.EndPointFor })));
    }

    /// <summary>A folder without any object is hardly meant.</summary>
    private static IEnumerable<Diagnostic> Emptiness(string folder, ResourceBatch batch)
    {
        if (batch.Set.Count == 0 && batch.Unknown.Count == 0 && batch.Diagnostics.Count == 0)
        {
            yield return new Diagnostic(
                DiagnosticSeverity.Warning, "no-objects", $"{folder} has no manifest with a Kubernetes object (*.yaml, *.yml, *.json).", new Origin("", "", "", ""));
        }
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
