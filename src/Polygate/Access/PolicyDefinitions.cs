using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Polygate.Dialects.GatewayApi.Policies;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;

namespace Polygate.Access;

/// <summary>The definitions of this gateway's own kinds, made from the types that read them (structural schemas, apiextensions.k8s.io/v1).</summary>
internal static class PolicyDefinitions
{
    private static readonly JsonSchemaExporterOptions Options = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Structural };

    /// <summary>All of them, as manifests.</summary>
    public static string Manifests() => string.Join(
        "---\n",
        YamlText.Write(Definition(PolicyTypes.RoutePolicy, "What routes and Gateways demand of requests beyond what the Gateway API can say.", PolicyGroups.OfRoutes)),
        YamlText.Write(Definition(PolicyTypes.BackendPolicy, "How Services and XBackends are treated beyond what the Gateway API can say.", PolicyGroups.OfBackends)),
        YamlText.Write(Definition(PolicyTypes.ClientPolicy, "How the clients of Gateways are treated on their connections.", PolicyGroups.OfClients)));

    private static JsonObject Definition(ResourceType type, string description, IReadOnlyList<(string Name, JsonTypeInfo Type)> groups)
    {
        var spec = new JsonObject { ["targetRefs"] = TargetRefs() };
        foreach (var (name, group) in groups)
        {
            spec[name] = group.GetJsonSchemaAsNode(Options);
            if (PolicyGroups.NeverEmpty.Contains(group))
            {
                spec[name]!["minProperties"] = 1;
            }
        }

        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{type.Plural}.{type.Group}",
                ["labels"] = new JsonObject { ["app.kubernetes.io/name"] = "polygate", ["gateway.networking.k8s.io/policy"] = "Direct" },
            },
            ["spec"] = new JsonObject
            {
                ["group"] = type.Group,
                ["names"] = new JsonObject
                {
                    ["kind"] = type.Kind,
                    ["listKind"] = type.Kind + "List",
                    ["plural"] = type.Plural,
                    ["singular"] = type.Kind.ToLowerInvariant(),
                    ["categories"] = new JsonArray("polygate"),
                },
                ["scope"] = "Namespaced",
                ["versions"] = new JsonArray(new JsonObject
                {
                    ["name"] = type.Versions[0],
                    ["served"] = true,
                    ["storage"] = true,
                    ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
                    ["schema"] = new JsonObject
                    {
                        ["openAPIV3Schema"] = Object(
                            description,
                            new JsonObject
                            {
                                ["apiVersion"] = new JsonObject { ["type"] = "string" },
                                ["kind"] = new JsonObject { ["type"] = "string" },
                                ["metadata"] = new JsonObject { ["type"] = "object" },
                                ["spec"] = Spec(spec),
                                ["status"] = Status(),
                            },
                            "spec"),
                    },
                }),
            },
        };
    }

    /// <summary>Besides its targets a policy has a group: one whose only group is misspelled is refused, not taken for one that asks for nothing.</summary>
    private static JsonObject Spec(JsonObject properties)
    {
        var spec = Object("What is demanded, in groups. At least one.", properties, "targetRefs");
        spec["minProperties"] = 2;
        return spec;
    }

    private static JsonObject TargetRefs()
    {
        var properties = new JsonObject();
        foreach (var (name, what) in new[]
        {
            ("group", "The group of the target; empty for Services."), ("kind", "The kind of the target."), ("name", "Its name, in the policy's namespace."),
            ("sectionName", "A part of it: the name of a listener, of a rule, or of a Service's port. The whole when absent."),
        })
        {
            properties[name] = new JsonObject { ["description"] = what, ["type"] = "string", ["maxLength"] = 253 };
        }

        return new JsonObject
        {
            ["description"] = "What the policy is for.",
            ["type"] = "array",
            ["minItems"] = 1,
            ["maxItems"] = 16,
            ["items"] = Object("An object of the policy's namespace.", properties, "group", "kind", "name"),
        };
    }

    /// <summary>PolicyStatus of the Gateway API.</summary>
    private static JsonObject Status()
    {
        static JsonObject Text() => new() { ["type"] = "string" };
        var condition = Object(
            "What holds of the policy there.",
            new JsonObject
            {
                ["type"] = Text(),
                ["status"] = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray("True", "False", "Unknown") },
                ["observedGeneration"] = new JsonObject { ["type"] = "integer", ["format"] = "int64" },
                ["lastTransitionTime"] = new JsonObject { ["type"] = "string", ["format"] = "date-time" },
                ["reason"] = Text(),
                ["message"] = Text(),
            },
            "type",
            "status",
            "lastTransitionTime",
            "reason",
            "message");
        var ancestor = Object(
            "The policy and one of its ancestors.",
            new JsonObject
            {
                ["ancestorRef"] = Object(
                    "The ancestor: a Gateway, or the target where there is none.",
                    new JsonObject { ["group"] = Text(), ["kind"] = Text(), ["namespace"] = Text(), ["name"] = Text(), ["sectionName"] = Text() },
                    "name"),
                ["controllerName"] = Text(),
                ["conditions"] = new JsonObject { ["type"] = "array", ["items"] = condition },
            },
            "ancestorRef",
            "controllerName");
        return Object(
            "What became of it.",
            new JsonObject { ["ancestors"] = new JsonObject { ["type"] = "array", ["maxItems"] = 16, ["items"] = ancestor } });
    }

    private static JsonObject Object(string description, JsonObject properties, params string[] required)
    {
        var schema = new JsonObject { ["description"] = description, ["type"] = "object", ["properties"] = properties };
        if (required.Length > 0)
        {
            schema["required"] = new JsonArray([.. required.Select(name => JsonValue.Create(name))]);
        }

        return schema;
    }

    /// <summary>What structural schemas do not know is left out: alternatives of types, and the ban of other properties, which are pruned instead.</summary>
    private static JsonNode Structural(JsonSchemaExporterContext context, JsonNode node)
    {
        if (node is not JsonObject schema)
        {
            return node;
        }

        schema.Remove("additionalProperties");
        schema.Remove("pattern");
        if (schema["type"] is JsonArray types)
        {
            schema["type"] = types.Select(type => type!.GetValue<string>()).First(type => type != "null");
        }

        var attributes = context.PropertyInfo?.AttributeProvider;
        if (attributes?.GetCustomAttributes(typeof(RangeAttribute), false).FirstOrDefault() is RangeAttribute range)
        {
            schema["minimum"] = Convert.ToInt64(range.Minimum, null);
            schema["maximum"] = Convert.ToInt64(range.Maximum, null);
        }

        if (attributes?.GetCustomAttributes(typeof(AllowedValuesAttribute), false).FirstOrDefault() is AllowedValuesAttribute allowed)
        {
            schema["enum"] = new JsonArray([.. allowed.Values.Select(value => JsonValue.Create((string)value!))]);
        }

        var description = attributes?.GetCustomAttributes(typeof(DescriptionAttribute), false).FirstOrDefault() as DescriptionAttribute
            ?? context.TypeInfo.Type.GetCustomAttribute<DescriptionAttribute>();
        if (description is not null)
        {
            schema.Insert(0, "description", description.Description);
        }

        if (schema["type"]?.GetValue<string>() == "integer")
        {
            schema["format"] = (Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type) == typeof(long) ? "int64" : "int32";
        }

        return schema;
    }
}
