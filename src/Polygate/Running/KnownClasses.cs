using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;

namespace Polygate.Running;

/// <summary>Classes that are told by name, where those of the cluster cannot be seen.</summary>
internal static class KnownClasses
{
    /// <summary>An IngressClass.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="controller">The controller string that serves it.</param>
    public static Resource IngressClass(string name, string controller) => Read(CoreTypes.IngressClass, "", name, new JsonObject { ["controller"] = controller });

    /// <summary>A GatewayClass.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="controllerName">The controller that serves it.</param>
    public static Resource GatewayClass(string name, string controllerName) =>
        Read(GatewayApiTypes.GatewayClass, "", name, new JsonObject { ["controllerName"] = controllerName });

    /// <summary>An object with a spec, as if the API server had told of it.</summary>
    public static Resource Read(ResourceType type, string ns, string name, JsonObject spec)
    {
        var json = new JsonObject
        {
            ["apiVersion"] = $"{type.Group}/{type.Versions[0]}",
            ["kind"] = type.Kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            ["spec"] = spec,
        };
        return type.Read(JsonText.Of(json), type.Versions[0]);
    }
}
