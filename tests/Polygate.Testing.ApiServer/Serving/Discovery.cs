using System.Text.Json.Nodes;
using Polygate.Testing.ApiServer.Types;

namespace Polygate.Testing.ApiServer.Serving;

/// <summary>What there is: groups, versions and resources, one by one or all at once (aggregated discovery, v2).</summary>
internal sealed class Discovery
{
    public const string AggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private static readonly string[] AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    private readonly TypeRegistry types;

    public Discovery(TypeRegistry types)
    {
        this.types = types;
    }

    /// <summary>The document at a path; null where there is none.</summary>
    /// <param name="path">Such as <c>/apis</c> or <c>/apis/networking.k8s.io/v1</c>.</param>
    /// <param name="isAggregated">Whether the client asked for everything at once.</param>
    public JsonObject? Find(string path, bool isAggregated) => path.Trim('/').Split('/') switch
    {
        ["api"] when isAggregated => Aggregated(group => group.Length == 0),
        ["apis"] when isAggregated => Aggregated(group => group.Length > 0),
        ["api"] => new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") },
        ["apis"] => new JsonObject
        {
            ["kind"] = "APIGroupList",
            ["apiVersion"] = "v1",
            ["groups"] = new JsonArray([.. Groups().Where(group => group.Length > 0).Select(Group)]),
        },
        ["api", var version] when types.HasVersion("", version) => Resources("", version),
        ["apis", var group] when group.Length > 0 && types.HasGroup(group) => WithKind(Group(group)),
        ["apis", var group, var version] when group.Length > 0 && types.HasVersion(group, version) => Resources(group, version),
        _ => null,
    };

    public static JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = "36",
        ["gitVersion"] = "v1.36.0-double",
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "",
        ["compiler"] = "",
        ["platform"] = "linux/amd64",
    };

    private IEnumerable<string> Groups() => types.All.Where(type => type.Versions.Count > 0).Select(type => type.Group).Distinct();

    private IEnumerable<string> Versions(string group) => types.All.Where(type => type.Group == group).SelectMany(type => type.Versions).Distinct();

    private JsonObject Group(string group)
    {
        var versions = Versions(group).Select(version => new JsonObject { ["groupVersion"] = $"{group}/{version}", ["version"] = version }).ToList();
        return new JsonObject
        {
            ["name"] = group,
            ["versions"] = new JsonArray([.. versions]),
            ["preferredVersion"] = versions[0].DeepClone(),
        };
    }

    private static JsonObject WithKind(JsonObject group)
    {
        group["kind"] = "APIGroup";
        group["apiVersion"] = "v1";
        return group;
    }

    private JsonObject Resources(string group, string version)
    {
        var resources = new JsonArray();
        foreach (var type in types.All.Where(type => type.Group == group && type.Versions.Contains(version)))
        {
            resources.Add(new JsonObject
            {
                ["name"] = type.Plural,
                ["singularName"] = type.Singular,
                ["namespaced"] = type.Namespaced,
                ["kind"] = type.Kind,
                ["verbs"] = Texts(type.IsVirtual ? ["create"] : AllVerbs),
                ["shortNames"] = Texts(type.ShortNames),
                ["categories"] = Texts(type.Categories),
            });
            foreach (var sub in Subresources(type, version))
            {
                resources.Add(new JsonObject
                {
                    ["name"] = $"{type.Plural}/{sub}",
                    ["singularName"] = "",
                    ["namespaced"] = type.Namespaced,
                    ["kind"] = type.Kind,
                    ["verbs"] = Texts(VerbsOf(sub)),
                });
            }
        }

        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = resources,
        };
    }

    private JsonObject Aggregated(Func<string, bool> wanted) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = "apidiscovery.k8s.io/v2",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. Groups().Where(wanted).Select(group => new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = group },
            ["versions"] = new JsonArray([.. Versions(group).Select(version => new JsonObject
            {
                ["version"] = version,
                ["resources"] = new JsonArray([.. types.All.Where(type => type.Group == group && type.Versions.Contains(version)).Select(type => Aggregated(type, version))]),
                ["freshness"] = "Current",
            })]),
        })]),
    };

    private static JsonObject Aggregated(ResourceType type, string version) => new()
    {
        ["resource"] = type.Plural,
        ["responseKind"] = new JsonObject { ["group"] = type.Group, ["version"] = version, ["kind"] = type.Kind },
        ["scope"] = type.Namespaced ? "Namespaced" : "Cluster",
        ["singularResource"] = type.Singular,
        ["verbs"] = Texts(type.IsVirtual ? ["create"] : AllVerbs),
        ["shortNames"] = Texts(type.ShortNames),
        ["subresources"] = new JsonArray([.. Subresources(type, version).Select(sub => new JsonObject { ["subresource"] = sub, ["verbs"] = Texts(VerbsOf(sub)) })]),
    };

    private static IEnumerable<string> Subresources(ResourceType type, string version) => type.HasStatus(version) ? ["status", .. type.Subresources] : type.Subresources;

    private static string[] VerbsOf(string subresource) => subresource == "status" ? ["get", "patch", "update"] : ["create"];

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];
}
