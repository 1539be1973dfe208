using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using Polygate.Dialects.Ambassador.Resources;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Running;
using Gateway = Polygate.Dialects.GatewayApi.Resources.Gateway;

namespace Polygate.Admission;

/// <summary>
/// The objects around the one under review, made up so that it can be translated as if it were served: its class, for a route the
/// Gateways that it names, with listeners that admit it, and for a Mapping a Listener. Whatever is said about these is nobody's.
/// </summary>
internal static class Surroundings
{
    /// <summary>Ports for listeners that a route does not name by port: each another, so that none is in the way of another.</summary>
    private const int FirstPort = 40_000;

    /// <summary>What stands around an object; null when the object is not this gateway's.</summary>
    public static IReadOnlyList<Resource>? Of(Resource resource, AdmissionScope scope) => resource switch
    {
        Resource<V1Ingress> => [.. scope.IngressClasses.Select(named => KnownClasses.IngressClass(named.Key, named.Value))],
        Resource<Gateway> => [.. scope.GatewayClasses.Select(name => KnownClasses.GatewayClass(name, scope.ControllerName))],
        Resource<HTTPRoute> route => ForRoute(route, route.Value.Spec.ParentRefs, "HTTP", scope),
        Resource<GRPCRoute> route => ForRoute(route, route.Value.Spec.ParentRefs, "HTTP", scope),
        Resource<TLSRoute> route => ForRoute(route, route.Value.Spec.ParentRefs, "TLS", scope),
        Resource<TCPRoute> route => ForRoute(route, route.Value.Spec.ParentRefs, "TCP", scope),
        Resource<UDPRoute> route => ForRoute(route, route.Value.Spec.ParentRefs, "UDP", scope),
        Resource<Mapping> mapping => [ListenerFor(mapping)],
        _ => [],
    };

    private static List<Resource>? ForRoute(Resource route, IEnumerable<ParentReference>? references, string protocol, AdmissionScope scope)
    {
        var parents = (references ?? [])
            .Where(parent => parent is { Group: null or GatewayApiTypes.Group, Kind: null or "Gateway" })
            .GroupBy(parent => (Namespace: parent.Namespace ?? route.Namespace, parent.Name))
            .Where(gateway => scope.Gateways.Count == 0 || scope.Gateways.Contains($"{gateway.Key.Namespace}/{gateway.Key.Name}"))
            .ToList();
        if (parents.Count == 0)
        {
            return null;
        }

        const string ClassName = "under-review";
        return [KnownClasses.GatewayClass(ClassName, scope.ControllerName), .. parents.Select(gateway => GatewayWith(gateway.Key.Namespace, gateway.Key.Name, ClassName, Listeners(gateway, protocol)))];
    }

    private static JsonArray Listeners(IEnumerable<ParentReference> references, string protocol)
    {
        var listeners = new JsonArray();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var reference in references)
        {
            var name = reference.SectionName ?? string.Create(CultureInfo.InvariantCulture, $"listener-{listeners.Count}");
            if (names.Add(name))
            {
                var listener = new JsonObject
                {
                    ["name"] = name,
                    ["port"] = reference.Port ?? FirstPort + listeners.Count,
                    ["protocol"] = protocol,
                    ["allowedRoutes"] = new JsonObject { ["namespaces"] = new JsonObject { ["from"] = "All" } },
                };
                if (protocol == "TLS")
                {
                    listener["tls"] = new JsonObject { ["mode"] = "Passthrough" };
                }

                listeners.Add((JsonNode)listener);
            }
        }

        return listeners;
    }

    private static Resource ListenerFor(Resource<Mapping> mapping) => KnownClasses.Read(AmbassadorKinds.Listener, mapping.Namespace, "under-review", new JsonObject
    {
        ["port"] = FirstPort,
        ["protocol"] = "HTTP",
        ["securityModel"] = "XFP",
        ["hostBinding"] = new JsonObject { ["namespace"] = new JsonObject { ["from"] = "ALL" } },
    });

    private static Resource GatewayWith(string ns, string name, string className, JsonArray listeners) => KnownClasses.Read(GatewayApiTypes.Gateway, ns, name, new JsonObject
    {
        ["gatewayClassName"] = className,
        ["listeners"] = listeners,
    });
}
