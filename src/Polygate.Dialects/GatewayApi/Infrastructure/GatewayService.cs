using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Cluster.Objects;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Infrastructure;

/// <summary>
/// What is made for a Gateway, where that is asked for (<see cref="GatewayApiOptions.MakesServices"/>): a headless Service beside it that gives its
/// addresses a name in the cluster's DNS, and the EndpointSlices with these. They carry the labels and annotations of
/// <c>spec.infrastructure</c> and the Gateway's name (GEP-1867, GEP-1762).
/// </summary>
public static class GatewayService
{
    /// <summary>On each object: which controller made it, so that installations of several controllers leave each other's alone.</summary>
    public const string ControllerAnnotation = "gateway.polygate.io/controller";

    private const string GatewayNameLabel = "gateway.networking.k8s.io/gateway-name";

    // RFC 1035 section 2.3.4, and so the names of Services and the values of labels.
    private const int LongestLabel = 63;

    /// <summary>The objects for a Gateway; those without content are not to be there.</summary>
    /// <param name="gateway">The Gateway; has a UID.</param>
    /// <param name="addresses">Where it is reached. Names, and addresses that stand for whoever asks, are nothing that a Service can lead to.</param>
    /// <param name="controllerName">This gateway's name in GatewayClasses.</param>
    public static IReadOnlyList<OwnedObject> Of(Resource<Gateway> gateway, IEnumerable<string> addresses, string controllerName)
    {
        var name = NameOf(gateway);
        var known = addresses.Select(text => IPAddress.TryParse(text, out var address) ? address : null).OfType<IPAddress>().Where(address => !LocalAddress.IsLocal(address)).ToList();
        return
        [
            new OwnedObject(CoreTypes.Service, gateway.Namespace, name, Service(gateway, name, controllerName)),
            Slice(gateway, name, controllerName, "IPv4", known.Where(address => address.AddressFamily == AddressFamily.InterNetwork)),
            Slice(gateway, name, controllerName, "IPv6", known.Where(address => address.AddressFamily == AddressFamily.InterNetworkV6)),
        ];
    }

    /// <summary>The Service's name: <c>GATEWAY-CLASS</c> (GEP-1762), cut and told apart by a digest where that is no DNS label.</summary>
    public static string NameOf(Resource<Gateway> gateway)
    {
        var name = $"{gateway.Name}-{gateway.Value.Spec.GatewayClassName}";
        return name.Length <= LongestLabel && char.IsAsciiLetter(name[0]) && !name.Contains('.') ? name : Shortened("gateway-" + name.Replace('.', '-'), name);
    }

    private static JsonObject Service(Resource<Gateway> gateway, string name, string controllerName)
    {
        var ports = new JsonArray();
        foreach (var (port, protocol) in Ports(gateway))
        {
            ports.Add((JsonNode)new JsonObject { ["name"] = PortName(port, protocol), ["port"] = port, ["protocol"] = protocol });
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Service",
            ["metadata"] = Metadata(gateway, name, controllerName, []),
            ["spec"] = new JsonObject { ["type"] = "ClusterIP", ["clusterIP"] = "None", ["ports"] = ports },
        };
    }

    private static OwnedObject Slice(Resource<Gateway> gateway, string service, string controllerName, string family, IEnumerable<IPAddress> addresses)
    {
        var suffix = "-" + family.ToLowerInvariant();
        var name = service.Length + suffix.Length <= LongestLabel ? service + suffix : Shortened(service, service + suffix);
        var endpoints = new JsonArray([.. addresses.Distinct().Select(address => new JsonObject { ["addresses"] = new JsonArray(address.ToString()), ["conditions"] = new JsonObject { ["ready"] = true } })]);
        var ports = new JsonArray([.. Ports(gateway).Select(port => new JsonObject { ["name"] = PortName(port.Port, port.Protocol), ["port"] = port.Port, ["protocol"] = port.Protocol })]);
        var content = endpoints.Count == 0 ? null : new JsonObject
        {
            ["apiVersion"] = "discovery.k8s.io/v1",
            ["kind"] = "EndpointSlice",
            ["metadata"] = Metadata(
                gateway, name, controllerName, new() { ["kubernetes.io/service-name"] = service, ["endpointslice.kubernetes.io/managed-by"] = OwnedObject.Manager }),
            ["addressType"] = family,
            ["endpoints"] = endpoints,
            ["ports"] = ports,
        };
        return new OwnedObject(CoreTypes.EndpointSlice, gateway.Namespace, name, content);
    }

    /// <summary>What the Gateway's owner asks for gives way to what the object needs to be found again.</summary>
    private static JsonObject Metadata(Resource<Gateway> gateway, string name, string controllerName, Dictionary<string, string> own)
    {
        var infrastructure = gateway.Value.Spec.Infrastructure;
        var labels = Text(infrastructure?.Labels);
        foreach (var (key, value) in own)
        {
            labels[key] = value;
        }

        labels[OwnedObject.ManagedByLabel] = OwnedObject.Manager;
        labels[GatewayNameLabel] = gateway.Name.Length <= LongestLabel ? gateway.Name : Shortened(gateway.Name, gateway.Name);
        var annotations = Text(infrastructure?.Annotations);
        annotations[ControllerAnnotation] = controllerName;
        return new JsonObject
        {
            ["name"] = name,
            ["namespace"] = gateway.Namespace,
            ["labels"] = labels,
            ["annotations"] = annotations,
            ["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = GatewayApiTypes.Group + "/v1",
                ["kind"] = "Gateway",
                ["name"] = gateway.Name,
                ["uid"] = gateway.Metadata.Uid,
                ["controller"] = true,
            }),
        };
    }

    private static JsonObject Text(IReadOnlyDictionary<string, string>? pairs)
    {
        var json = new JsonObject();
        foreach (var (key, value) in pairs ?? new Dictionary<string, string>())
        {
            json[key] = value;
        }

        return json;
    }

    /// <summary>The ports of the Gateway's own listeners, each once.</summary>
    private static IEnumerable<(int Port, string Protocol)> Ports(Resource<Gateway> gateway) =>
        (gateway.Value.Spec.Listeners ?? []).Where(listener => listener.Port is >= 1 and <= 65535)
            .Select(listener => (listener.Port, Protocol: listener.Protocol == "UDP" ? "UDP" : "TCP")).Distinct().Order();

    private static string PortName(int port, string protocol) => $"{protocol.ToLowerInvariant()}-{port.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>A text cut to the length of a DNS label, told apart from others that begin alike.</summary>
    private static string Shortened(string text, string distinct)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(distinct)).AsSpan(0, 5));
        var kept = text[..Math.Min(text.Length, LongestLabel - digest.Length - 1)].TrimEnd('-', '.');
        return $"{kept}-{digest}";
    }
}
