using System.Text.Json.Nodes;

namespace Polygate.Dialects.IngressNginx.Migration.Manifests;

/// <summary>Short ways to put manifests together.</summary>
internal static class Json
{
    public static JsonArray Array(IEnumerable<JsonNode> items) => new([.. items]);

    public static JsonArray Texts(IEnumerable<string> texts) => Array(texts.Select(text => (JsonNode)JsonValue.Create(text)));

    /// <summary>A Kubernetes object without its contents.</summary>
    public static JsonObject Resource(string apiVersion, string kind, string ns, string name) => new()
    {
        ["apiVersion"] = apiVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
    };

    /// <summary>A Gateway API object of the standard version.</summary>
    public static JsonObject Standard(string kind, string ns, string name) => Resource("gateway.networking.k8s.io/v1", kind, ns, name);
}
