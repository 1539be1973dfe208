using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Polygate.Dialects.Common;
using Polygate.Kubernetes.Resources;
using YamlDotNet.RepresentationModel;

namespace Polygate.Dialects.Tests.Golden;

/// <summary>Compares the C# type of a kind with its vendor's CRD: a field without a property would be reported as unknown.</summary>
internal static class CrdFields
{
    /// <summary>The fields of the kinds' CRDs that their types lack.</summary>
    /// <param name="folder">The dialect's folder of CRDs.</param>
    /// <param name="types">The kinds.</param>
    /// <returns>Null when the CRDs, which are not part of the repository, are not there.</returns>
    public static IReadOnlyList<string>? Missing(string folder, IEnumerable<ResourceType> types)
    {
        if (Find(folder) is not { } directory)
        {
            return null;
        }

        var known = types.ToDictionary(type => (type.Group, type.Kind));
        var missing = new List<string>();
        foreach (var file in Directory.GetFiles(directory, "*.y*ml").Order(StringComparer.Ordinal))
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(File.ReadAllText(file)));
            foreach (var crd in stream.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>())
            {
                var spec = (YamlMappingNode)crd["spec"];
                if (known.TryGetValue((Text(spec["group"]), Text(spec["names"]["kind"])), out var type))
                {
                    foreach (var version in (YamlSequenceNode)spec["versions"])
                    {
                        Walk((YamlMappingNode)version["schema"]["openAPIV3Schema"], type.JsonType, type.Kind, missing);
                    }
                }
            }
        }

        return missing;
    }

    private static string? Find(string folder)
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            var candidate = Path.Combine(directory, "shared", "crds", folder);
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }

    private static void Walk(YamlMappingNode schema, JsonTypeInfo type, string path, List<string> missing)
    {
        if (type.Type == typeof(JsonElement) || type.Type == typeof(JsonElement?) || typeof(JsonNode).IsAssignableFrom(type.Type))
        {
            return;
        }

        if (Child(schema, "items") is { } items && type.Kind == JsonTypeInfoKind.Enumerable)
        {
            Walk(items, type.Options.GetTypeInfo(type.ElementType!), path + "[]", missing);
        }

        if (Child(schema, "additionalProperties") is { } values && type.Kind == JsonTypeInfoKind.Dictionary)
        {
            Walk(values, type.Options.GetTypeInfo(type.ElementType!), path + ".*", missing);
        }

        foreach (var (name, field) in (IEnumerable<KeyValuePair<YamlNode, YamlNode>>?)Child(schema, "properties")?.Children ?? [])
        {
            if (Text(name) is "metadata" or "status")
            {
                continue;
            }

            if (type.Properties.FirstOrDefault(property => property.Name == Text(name)) is { } property)
            {
                Walk((YamlMappingNode)field, type.Options.GetTypeInfo(property.PropertyType), $"{path}.{Text(name)}", missing);
            }
            else if (!IsInTable(type, Text(name)))
            {
                missing.Add($"{path}.{Text(name)}");
            }
        }
    }

    /// <summary>Whether a type that keeps untyped fields has the name in one of its tables; one without a table reports nothing.</summary>
    private static bool IsInTable(JsonTypeInfo type, string name)
    {
        var tables = type.Type.GetFields(BindingFlags.Public | BindingFlags.Static | BindingFlags.FlattenHierarchy)
            .Select(field => field.GetValue(null)).OfType<FieldTable>().ToList();
        return typeof(OpenFields).IsAssignableFrom(type.Type) && (tables.Count == 0 || tables.Any(table => table.Knows(name)));
    }

    private static YamlMappingNode? Child(YamlMappingNode node, string name) =>
        node.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child as YamlMappingNode : null;

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? "";
}
