using System.Text.Json;
using System.Text.Json.Nodes;

namespace Polygate.Dialects.Ambassador.Resources;

/// <summary>
/// Rewrites objects of getambassador.io/v1 and v2 as v3alpha1, as the vendor's conversion does. Objects of v3alpha1 are
/// left alone.
/// </summary>
internal static class Upgrades
{
    /// <summary>Fields that newer versions added under a prefixed name.</summary>
    private static readonly (string Old, string New)[] Renamed =
    [
        ("v3StatsName", "stats_name"), ("v3health_checks", "health_checks"), ("v3CRLSecret", "crl_secret"),
        ("v3CircuitBreakers", "circuit_breakers"), ("v3GRPC", "grpc"), ("v3ProtocolVersion", "protocol_version"),
        ("v3CustomTags", "custom_tags"),
    ];

    /// <summary>Kinds whose versions differ in names alone.</summary>
    public static void Plain(JsonNode json) => Older(json);

    public static void Host(JsonNode json)
    {
        if (Older(json) is not { } spec)
        {
            return;
        }

        Rename(spec, "ambassadorId", "ambassador_id");
        Rename(spec, "selector", "mappingSelector");
        if (spec["tls"] is JsonObject tls)
        {
            Rename(tls, "v3CRLSecret", "crl_secret");
        }
    }

    public static void Mapping(JsonNode json)
    {
        if (Older(json) is not { } spec)
        {
            return;
        }

        // An empty host meant every host; since v3alpha1 that is written out.
        if (!IsTrue(spec["host_regex"]))
        {
            var host = Text(spec["host"]);
            spec.Remove("host");
            spec["hostname"] ??= string.IsNullOrEmpty(host) ? "*" : host;
        }

        Presence(spec, "headers", "regex_headers");
        Presence(spec, "query_parameters", "regex_query_parameters");
        if (IsTrue(spec["tls"]))
        {
            spec.Remove("tls");
            if (Text(spec["service"]) is { } service && !service.Contains("://", StringComparison.Ordinal))
            {
                spec["service"] = "https://" + service;
            }
        }
        else if (spec["tls"]?.GetValueKind() == JsonValueKind.False)
        {
            spec.Remove("tls");
        }
    }

    private static JsonObject? Older(JsonNode json)
    {
        if (json is not JsonObject root || root["spec"] is not JsonObject spec || Text(root["apiVersion"])?.EndsWith("/v3alpha1", StringComparison.Ordinal) == true)
        {
            return null;
        }

        foreach (var (old, renamed) in Renamed)
        {
            Rename(spec, old, renamed);
        }

        return spec;
    }

    /// <summary>A value of <c>true</c> asked for presence: the regular expression that everything fits.</summary>
    private static void Presence(JsonObject spec, string from, string to)
    {
        if (spec[from] is not JsonObject values)
        {
            return;
        }

        foreach (var name in values.Where(pair => IsTrue(pair.Value)).Select(pair => pair.Key).ToList())
        {
            values.Remove(name);
            if (spec[to] is not JsonObject target)
            {
                spec[to] = target = [];
            }

            target[name] = ".*";
        }
    }

    private static void Rename(JsonObject from, string old, string renamed)
    {
        if (from[old] is { } value)
        {
            from.Remove(old);
            from[renamed] = value;
        }
    }

    private static bool IsTrue(JsonNode? node) => node?.GetValueKind() == JsonValueKind.True;

    private static string? Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;
}
