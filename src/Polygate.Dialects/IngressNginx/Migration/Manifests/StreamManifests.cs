using System.Text.Json.Nodes;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Migration.Manifests;

/// <summary>TLS passed through as TLSRoutes, ports of the ConfigMaps as TCPRoutes and UDPRoutes.</summary>
internal static class StreamManifests
{
    public static void Add(ManifestText text, MigrationReport report, ListenerPlan listeners, RuleBackends backends)
    {
        var names = new HashSet<(string, string)>();
        foreach (var route in report.Configuration.StreamRoutes.OrderBy(route => route.Id, StringComparer.Ordinal))
        {
            var key = route.Bindings[0].Listener;
            var (kind, suffix) = route.Tls == StreamTls.Passthrough ? ("TLSRoute", "tls") : key.IsUdp ? ("UDPRoute", $"udp-{key.Port}") : ("TCPRoute", $"tcp-{key.Port}");
            var missing = new List<NotExpressed>();
            var references = route.Backends.Select(backend => Reference(report, backends, route, backend, missing)).OfType<JsonObject>().ToList();
            if (references.Count == 0)
            {
                text.Say([.. missing, new NotExpressed(route.Origin, $"the {kind[..3]} listener {key}, which has no Service", Withholds: false)]);
                continue;
            }

            var ns = (string?)references[0]["namespace"] ?? route.Origin.Namespace;
            var name = $"{(kind == "TLSRoute" ? route.Origin.Name : (string)references[0]["name"]!)}-{suffix}";
            while (!names.Add((ns, name)))
            {
                name += "-more";
            }

            references.ForEach(reference => reference.Remove("namespace"));
            var document = Json.Standard(kind, ns, name);
            var spec = new JsonObject { ["parentRefs"] = Json.Array(route.Bindings.Select(binding => listeners.FindStream(binding.Listener, binding.VirtualHost)).Distinct().Select(listeners.Reference)) };
            if (kind == "TLSRoute")
            {
                spec["hostnames"] = Json.Texts(route.Bindings.Select(binding => binding.VirtualHost.ToString()));
            }

            spec["rules"] = Json.Array([new JsonObject { ["backendRefs"] = Json.Array(references) }]);
            document["spec"] = spec;
            text.Add(document, $"{route.Origin}", missing);
        }
    }

    /// <summary>The route goes to the Service's namespace, so that it needs no permission.</summary>
    private static JsonObject? Reference(MigrationReport report, RuleBackends backends, StreamRoute route, WeightedBackend weighted, List<NotExpressed> missing)
    {
        if (backends.Find(weighted.Backend) is not { Endpoints: NamedEndpoints { Set: var set } } backend)
        {
            return null;
        }

        if (backend.ProxyProtocol != ProxyProtocolVersion.None)
        {
            missing.Add(new NotExpressed(route.Origin, "the PROXY protocol to the backend", Withholds: false));
            return null;
        }

        return RuleBackends.ServiceOf(set) is { } service
            ? new JsonObject { ["name"] = service.Name, ["namespace"] = service.Namespace, ["port"] = service.Port }
            : null;
    }
}
