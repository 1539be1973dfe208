using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Polygate.Testing.ApiServer.Types;

/// <summary>
/// Defaults and validation of built-in types: the part that a gateway or its tests run into. What is not here is accepted as it
/// comes, unknown fields included.
/// </summary>
internal static class BuiltInRules
{
    private static int nextServiceAddress;

    public static void ApplyDefaults(ResourceType type, JsonObject content)
    {
        switch (type.Plural)
        {
            case "namespaces":
                Namespace(content);
                break;
            case "secrets":
                Secret(content);
                break;
            case "services":
                Service(content);
                break;
            case "endpointslices":
                foreach (var port in Items(content["ports"]))
                {
                    port["name"] ??= "";
                    port["protocol"] ??= "TCP";
                }

                break;
            case "ingresses":
                content["status"] ??= new JsonObject { ["loadBalancer"] = new JsonObject() };
                break;
            case "customresourcedefinitions":
                CustomTypes.ApplyDefaults(content);
                break;
        }
    }

    public static IReadOnlyList<FieldError> Validate(ResourceType type, JsonObject content, bool allowsLoopbackEndpoints)
    {
        var errors = new List<FieldError>();
        switch (type.Plural)
        {
            case "customresourcedefinitions":
                return CustomTypes.Validate(content);
            case "services":
                ValidateService(content, errors);
                break;
            case "endpointslices":
                ValidateEndpointSlice(content, allowsLoopbackEndpoints, errors);
                break;
            case "ingresses":
                ValidateIngress(content, errors);
                break;
            case "ingressclasses" when string.IsNullOrEmpty((string?)content["spec"]?["controller"]):
                errors.Add(FieldError.Required("spec.controller"));
                break;
            case "secrets" when (string?)content["type"] == "kubernetes.io/tls":
                foreach (var name in new[] { "tls.crt", "tls.key" })
                {
                    if (content["data"]?[name] is null)
                    {
                        errors.Add(FieldError.Required($"data[{name}]"));
                    }
                }

                break;
        }

        return errors;
    }

    private static void Namespace(JsonObject content)
    {
        content["spec"] ??= new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
        content["status"] ??= new JsonObject { ["phase"] = "Active" };
        var metadata = content["metadata"]!.AsObject();
        var labels = metadata["labels"] as JsonObject ?? [];
        labels["kubernetes.io/metadata.name"] = (string?)metadata["name"];
        metadata["labels"] ??= labels;
    }

    private static void Secret(JsonObject content)
    {
        content["type"] ??= "Opaque";
        if (content["stringData"] is JsonObject texts)
        {
            content.Remove("stringData");
            content["data"] ??= new JsonObject();
            foreach (var (name, text) in texts)
            {
                content["data"]![name] = Convert.ToBase64String(Encoding.UTF8.GetBytes((string?)text ?? ""));
            }
        }
    }

    private static void Service(JsonObject content)
    {
        if (content["spec"] is not JsonObject spec)
        {
            content["spec"] = spec = [];
        }

        spec["type"] ??= "ClusterIP";
        spec["sessionAffinity"] ??= "None";
        foreach (var port in Items(spec["ports"]))
        {
            port["protocol"] ??= "TCP";
            port["targetPort"] ??= port["port"]?.DeepClone();
        }

        content["status"] ??= new JsonObject { ["loadBalancer"] = new JsonObject() };
        if ((string?)spec["type"] != "ExternalName" && spec["clusterIP"] is null)
        {
            var number = Interlocked.Increment(ref nextServiceAddress) + 10;
            var address = $"10.{96 + (number >> 16)}.{(number >> 8) & 255}.{number & 255}";
            spec["clusterIP"] = address;
            spec["clusterIPs"] = new JsonArray(address);
            spec["ipFamilies"] ??= new JsonArray("IPv4");
            spec["ipFamilyPolicy"] ??= "SingleStack";
            spec["internalTrafficPolicy"] ??= "Cluster";
        }
    }

    private static void ValidateService(JsonObject content, List<FieldError> errors)
    {
        var spec = content["spec"]!;
        var type = (string?)spec["type"];
        if (type == "ExternalName" && string.IsNullOrEmpty((string?)spec["externalName"]))
        {
            errors.Add(FieldError.Required("spec.externalName"));
        }

        if (type != "ExternalName" && (string?)spec["clusterIP"] != "None" && !Items(spec["ports"]).Any())
        {
            errors.Add(FieldError.Required("spec.ports"));
        }
    }

    private static void ValidateEndpointSlice(JsonObject content, bool allowsLoopback, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty((string?)content["addressType"]))
        {
            errors.Add(FieldError.Required("addressType"));
        }

        var endpoints = Items(content["endpoints"]).ToList();
        for (var i = 0; i < endpoints.Count; i++)
        {
            var addresses = endpoints[i]["addresses"] as JsonArray ?? [];
            if (addresses.Count == 0)
            {
                errors.Add(FieldError.Required($"endpoints[{i}].addresses", "must contain at least 1 address"));
            }

            for (var j = 0; j < addresses.Count; j++)
            {
                if (!allowsLoopback && IPAddress.TryParse((string?)addresses[j], out var address) && IPAddress.IsLoopback(address))
                {
                    errors.Add(FieldError.Invalid($"endpoints[{i}].addresses[{j}]", addresses[j], "may not be in the loopback range (127.0.0.0/8, ::1/128)"));
                }
            }
        }
    }

    private static void ValidateIngress(JsonObject content, List<FieldError> errors)
    {
        var spec = content["spec"] as JsonObject ?? [];
        var rules = Items(spec["rules"]).ToList();
        if (rules.Count == 0 && spec["defaultBackend"] is null)
        {
            errors.Add(FieldError.Invalid("spec", content["spec"], "either `defaultBackend` or `rules` must be specified"));
        }

        for (var i = 0; i < rules.Count; i++)
        {
            var paths = Items(rules[i]["http"]?["paths"]).ToList();
            for (var j = 0; j < paths.Count; j++)
            {
                ValidatePath(paths[j], $"spec.rules[{i}].http.paths[{j}]", errors);
            }
        }
    }

    private static void ValidatePath(JsonObject path, string field, List<FieldError> errors)
    {
        string[] supported = ["Exact", "ImplementationSpecific", "Prefix"];
        var type = (string?)path["pathType"];
        if (type is null)
        {
            errors.Add(FieldError.Required($"{field}.pathType", "pathType must be specified"));
        }
        else if (!supported.Contains(type))
        {
            errors.Add(FieldError.NotSupported($"{field}.pathType", type, supported.Select(one => $"\"{one}\"")));
        }
        else if (type != "ImplementationSpecific" && (string?)path["path"] is not ['/', ..])
        {
            errors.Add(FieldError.Invalid($"{field}.path", path["path"], "must be an absolute path"));
        }

        if (path["backend"]?["service"] is null == path["backend"]?["resource"] is null)
        {
            errors.Add(FieldError.Required($"{field}.backend", "must set one of service or resource"));
        }
    }

    private static IEnumerable<JsonObject> Items(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();
}
