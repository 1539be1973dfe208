using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Polygate.Testing.ApiServer.Serving;
using Polygate.Testing.ApiServer.Types;

namespace Polygate.Testing.ApiServer.Writing;

/// <summary><c>metadata</c>: what a writer says of it, and what is the server's alone.</summary>
internal static partial class ObjectMeta
{
    private static readonly string[] ServersOwn = ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "name", "namespace", "resourceVersion"];

    private static readonly string[] Optional = ["labels", "annotations", "finalizers", "ownerReferences"];

    /// <summary>Checks the metadata of an object to be created, and makes its name where a prefix is given.</summary>
    public static JsonObject Prepare(ResourceType type, string @namespace, JsonObject content)
    {
        if (content["metadata"] is not JsonObject metadata)
        {
            content["metadata"] = metadata = [];
        }

        if (!string.IsNullOrEmpty((string?)metadata["resourceVersion"]))
        {
            throw new ApiException(500, "InternalError", "resourceVersion should not be set on objects to be created");
        }

        if ((string?)metadata["namespace"] is { Length: > 0 } named && named != @namespace)
        {
            throw ApiException.BadRequest(type.Namespaced
                ? "the namespace of the provided object does not match the namespace sent on the request"
                : "namespace is not allowed on cluster-scoped resources");
        }

        var prefix = (string?)metadata["generateName"] ?? "";
        if (string.IsNullOrEmpty((string?)metadata["name"]))
        {
            if (prefix.Length == 0)
            {
                throw ApiException.Invalid(type, "", [FieldError.Required("metadata.name", "name or generateName is required")]);
            }

            metadata["name"] = prefix + string.Concat(Enumerable.Range(0, 5).Select(_ => "bcdfghjklmnpqrstvwxz2456789"[Random.Shared.Next(27)]));
        }

        CheckName(type, (string)metadata["name"]!);
        foreach (var field in new[] { "resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds" })
        {
            metadata.Remove(field);
        }

        RemoveEmpty(metadata);
        if (type.Namespaced)
        {
            metadata["namespace"] = @namespace;
        }

        return metadata;
    }

    /// <summary>Puts back what a writer cannot change.</summary>
    public static void Keep(ResourceType type, JsonObject before, JsonObject after)
    {
        if (after["metadata"] is not JsonObject metadata)
        {
            after["metadata"] = metadata = [];
        }

        var old = before["metadata"]!.AsObject();
        foreach (var field in ServersOwn)
        {
            metadata.Remove(field);
            if (old[field] is { } value)
            {
                metadata[field] = value.DeepClone();
            }
        }

        metadata.Remove("selfLink");
        // A writer that does not know of managers does not take fields from them.
        if (metadata["managedFields"] is null && old["managedFields"] is { } managed)
        {
            metadata["managedFields"] = managed.DeepClone();
        }

        RemoveEmpty(metadata);
    }

    private static void RemoveEmpty(JsonObject metadata)
    {
        foreach (var field in Optional)
        {
            if (metadata[field] is null or JsonObject { Count: 0 } or JsonArray { Count: 0 })
            {
                metadata.Remove(field);
            }
        }
    }

    private static void CheckName(ResourceType type, string name)
    {
        // The names of RBAC objects may be any path segment, such as system:node.
        if (type.Group == "rbac.authorization.k8s.io" ? !name.Contains('/', StringComparison.Ordinal) : name.Length <= 253 && Subdomain().IsMatch(name))
        {
            return;
        }

        throw ApiException.Invalid(type, name, [FieldError.Invalid(
            "metadata.name",
            name,
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character " +
            "(e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")]);
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", RegexOptions.CultureInvariant)]
    private static partial Regex Subdomain();
}
