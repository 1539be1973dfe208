using System.Text.Json.Nodes;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Program;

/// <summary>CustomResourceDefinitions: the vendors' own where they are at hand, else ones that take anything.</summary>
internal static class Definitions
{
    /// <summary>One that takes anything.</summary>
    public static JsonObject Open(string group, string version, string kind, string plural, bool isNamespaced = true, bool hasStatus = true) => Manifests.Parse($$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: {{plural}}.{{group}}
          annotations: { api-approved.kubernetes.io: unapproved }
        spec:
          group: {{group}}
          scope: {{(isNamespaced ? "Namespaced" : "Cluster")}}
          names: { plural: {{plural}}, kind: {{kind}}, singular: {{kind.ToLowerInvariant()}}, listKind: {{kind}}List }
          versions:
          - name: {{version}}
            served: true
            storage: true
            {{(hasStatus ? "subresources: { status: {} }" : "")}}
            schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
        """).Single();

    /// <summary>The vendor's, with one version and without webhooks of an installation that is not here; null where there is none.</summary>
    public static JsonObject? OfVendor(string folder, string version, string plural)
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            var candidate = Path.Combine(directory, "shared", "crds", folder);
            if (Directory.Exists(candidate))
            {
                return Directory.EnumerateFiles(candidate, "*.yaml").SelectMany(file => Manifests.Parse(File.ReadAllText(file)))
                    .Where(definition => (string?)definition["kind"] == "CustomResourceDefinition" && (string?)definition["spec"]!["names"]!["plural"] == plural)
                    .Select(definition => WithVersion(definition, version))
                    .FirstOrDefault();
            }
        }

        return null;
    }

    private static JsonObject WithVersion(JsonObject definition, string version)
    {
        var spec = definition["spec"]!.AsObject();
        spec.Remove("conversion");
        var wanted = spec["versions"]!.AsArray().Single(item => (string?)item!["name"] == version)!.DeepClone();
        (wanted["served"], wanted["storage"]) = (true, true);
        spec["versions"] = new JsonArray(wanted);
        definition.Remove("status");
        return definition;
    }
}
