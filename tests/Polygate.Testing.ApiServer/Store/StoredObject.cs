using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Polygate.Testing.ApiServer.Store;

/// <summary>
/// An object as it is kept: its bytes without <c>apiVersion</c> and <c>kind</c> (which depend on the version it is read in), and
/// what selectors look at. Immutable.
/// </summary>
internal sealed class StoredObject
{
    private static readonly FrozenDictionary<string, string> None = FrozenDictionary<string, string>.Empty;

    public StoredObject(JsonObject content)
    {
        var metadata = (JsonObject)content["metadata"]!;
        Name = (string)metadata["name"]!;
        Namespace = (string?)metadata["namespace"] ?? "";
        ResourceVersion = long.Parse((string)metadata["resourceVersion"]!, System.Globalization.CultureInfo.InvariantCulture);
        Body = JsonSerializer.SerializeToUtf8Bytes(content);
        Labels = Texts(metadata["labels"] as JsonObject);
        Fields = new Dictionary<string, string>
        {
            ["metadata.name"] = Name,
            ["metadata.namespace"] = Namespace,
            ["spec.nodeName"] = Text(content["spec"], "nodeName"),
            ["spec.type"] = Text(content["spec"], "type"),
            ["status.phase"] = Text(content["status"], "phase"),
            ["type"] = Text(content, "type"),
            ["reason"] = Text(content, "reason"),
            ["involvedObject.kind"] = Text(content["involvedObject"], "kind"),
            ["involvedObject.name"] = Text(content["involvedObject"], "name"),
            ["involvedObject.namespace"] = Text(content["involvedObject"], "namespace"),
            ["involvedObject.uid"] = Text(content["involvedObject"], "uid"),
        }.ToFrozenDictionary();
    }

    public string Namespace { get; }

    public string Name { get; }

    public string Key => KeyOf(Namespace, Name);

    public long ResourceVersion { get; }

    /// <summary>JSON, starting with the brace.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    public IReadOnlyDictionary<string, string> Fields { get; }

    public static string KeyOf(string @namespace, string name) => $"{@namespace}/{name}";

    /// <summary>A copy that may be changed.</summary>
    public JsonObject Read() => (JsonObject)JsonNode.Parse(Body.Span)!;

    private static FrozenDictionary<string, string> Texts(JsonObject? values) =>
        values is null ? None : values.ToFrozenDictionary(pair => pair.Key, pair => (string?)pair.Value ?? "");

    private static string Text(JsonNode? parent, string name) =>
        parent is JsonObject fields && fields[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
