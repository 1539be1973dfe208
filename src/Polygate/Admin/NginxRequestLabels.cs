using Polygate.Model;

namespace Polygate.Admin;

/// <summary>What ingress-nginx's metrics say of a request's place, by the route that answered it.</summary>
internal static class NginxRequestLabels
{
    /// <summary>For requests that no route answered.</summary>
    public const string None = "canary=\"\",host=\"_\",ingress=\"\",namespace=\"\",path=\"/\",service=\"\"";

    /// <summary>The labels by the route's identity. Routes of other kinds than Ingress have their object's name for the Ingress.</summary>
    public static IReadOnlyDictionary<string, string> Of(GatewayConfiguration configuration)
    {
        var services = configuration.Pieces.Values.SelectMany(piece => piece.Backends).DistinctBy(backend => backend.Id)
            .ToDictionary(backend => backend.Id, ServiceOf, StringComparer.Ordinal);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var route in configuration.Routes)
        {
            labels[route.Id] = LabelsOf(route, services);
        }

        return labels;
    }

    private static string LabelsOf(Route route, Dictionary<string, string> services)
    {
        var binding = route.Bindings.Count > 0 ? route.Bindings[0] : null;
        var host = binding is null || binding.VirtualHost == HostPattern.Any ? "_" : binding.VirtualHost.ToString();
        var path = binding is { Matches: [var match, ..] } ? PathOf(match.Path) : "/";
        var service = route.Action is ForwardAction { Backends: [{ Backend: { } backend }, ..] } ? services.GetValueOrDefault(backend, "") : "";
        return $"canary=\"\",host=\"{Escape(host)}\",ingress=\"{Escape(route.Origin.Name)}\",namespace=\"{Escape(route.Origin.Namespace)}\",path=\"{Escape(path)}\",service=\"{Escape(service)}\"";
    }

    private static string PathOf(PathPattern path) => path.Kind switch
    {
        PathPatternKind.Any => "/",
        PathPatternKind.Regex => path.Value.TrimStart('^'),
        _ => path.Value,
    };

    /// <summary>The Service's name alone; empty for backends that are none.</summary>
    private static string ServiceOf(Backend backend) =>
        backend.Endpoints is NamedEndpoints { Set: var set } && set.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash && set.LastIndexOf(':') is var colon && colon > slash
            ? set[(slash + 1)..colon]
            : "";

    private static string Escape(string label) => MetricsWriter.Escape(label);
}
