using System.Text.Json.Nodes;
using Polygate.Testing.ApiServer.Serving;
using Polygate.Testing.ApiServer.Store;
using Polygate.Testing.ApiServer.Types;

namespace Polygate.Testing.ApiServer.Writing;

/// <summary>Creates, updates and deletes one object by the rules that hold for every object.</summary>
internal sealed class ResourceWriter
{
    private readonly ObjectStore store;
    private readonly TimeProvider time;

    public ResourceWriter(ObjectStore store, TimeProvider time)
    {
        this.store = store;
        this.time = time;
    }

    /// <summary>Whether EndpointSlices may point to loopback addresses, which the real server refuses.</summary>
    public bool AllowsLoopbackEndpoints { get; init; }

    public StoredObject Create(ResourceType type, string version, string @namespace, JsonObject content, WriteOptions options, bool isApply = false)
    {
        var metadata = ObjectMeta.Prepare(type, @namespace, content);
        var name = (string)metadata["name"]!;
        if (store.Find(type.Id, @namespace, name) is not null)
        {
            throw ApiException.AlreadyExists(type, name);
        }

        RefuseWithoutNamespace(type, @namespace, name);
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Timestamps.Seconds(time.GetUtcNow());
        metadata.Remove("generation");
        if (type.HasGeneration)
        {
            metadata["generation"] = 1;
        }

        if (type.HasStatus(version) && !type.KeepsStatusOnCreate)
        {
            content.Remove("status");
        }

        if (!isApply)
        {
            metadata.Remove("managedFields");
        }

        Check(type, version, name, content);
        Own(type, version, null, content, options, isApply);
        return options.DryRun ? Unwritten(content) : store.Put(type.Id, content);
    }

    /// <summary>Changes an object.</summary>
    /// <param name="type">The resource.</param>
    /// <param name="version">The version the change is written in.</param>
    /// <param name="namespace">Namespace; empty for cluster-scoped resources.</param>
    /// <param name="name">Name.</param>
    /// <param name="change">The current object in, the wanted one out; may change its argument.</param>
    /// <param name="options">Who writes.</param>
    /// <param name="isApply">Whether the change was server-side apply, which owns fields by itself.</param>
    /// <param name="mustNameVersion">Whether the wanted object has to carry a resource version where the type asks for one.</param>
    public StoredObject Update(
        ResourceType type,
        string version,
        string @namespace,
        string name,
        Func<JsonObject, JsonObject> change,
        WriteOptions options,
        bool isApply = false,
        bool mustNameVersion = false)
    {
        var stored = store.Find(type.Id, @namespace, name) ?? throw ApiException.NotFound(type, name);
        var before = stored.Read();
        var after = change(stored.Read());
        CheckPreconditions(type, name, before, after, mustNameVersion);
        ObjectMeta.Keep(type, before, after);
        KeepOtherHalf(type, version, before, after, options.Subresource);
        Check(type, version, name, after);
        CountGeneration(type, version, before, after);
        if (before["metadata"]!["deletionTimestamp"] is not null && options.Subresource.Length == 0)
        {
            CheckFinalizers(type, name, before, after);
        }

        Own(type, version, before, after, options, isApply);
        if (IsFinished(type, after))
        {
            return options.DryRun ? Unwritten(after) : store.Remove(type.Id, @namespace, name)!;
        }

        if (JsonNode.DeepEquals(before, after))
        {
            return stored;
        }

        return options.DryRun ? Unwritten(after) : store.Put(type.Id, after);
    }

    /// <summary>Deletes an object, or marks it as being deleted while finalizers hold it.</summary>
    /// <returns>The object, and whether it is gone.</returns>
    public (StoredObject Object, bool IsGone) Delete(ResourceType type, string @namespace, string name, JsonObject? preconditions, bool dryRun)
    {
        var stored = store.Find(type.Id, @namespace, name) ?? throw ApiException.NotFound(type, name);
        var content = stored.Read();
        var metadata = content["metadata"]!.AsObject();
        foreach (var field in new[] { "uid", "resourceVersion" })
        {
            if ((string?)preconditions?[field] is { } wanted && wanted != (string?)metadata[field])
            {
                var label = field == "uid" ? "UID" : "ResourceVersion";
                throw ApiException.Conflict(type, name, $"Precondition failed: {label} in precondition: {wanted}, {label} in object meta: {(string?)metadata[field]}");
            }
        }

        if (dryRun)
        {
            return (stored, IsFinished(type, content));
        }

        if (metadata["deletionTimestamp"] is null && !IsHeld(type, content))
        {
            return (store.Remove(type.Id, @namespace, name)!, true);
        }

        if (metadata["deletionTimestamp"] is not null)
        {
            return (stored, false);
        }

        metadata["deletionTimestamp"] = Timestamps.Seconds(time.GetUtcNow());
        metadata["deletionGracePeriodSeconds"] = 0;
        if (metadata["generation"] is { } generation)
        {
            metadata["generation"] = generation.GetValue<long>() + 1;
        }

        if (type.Id == BuiltInTypes.Namespaces.Id)
        {
            metadata.Remove("deletionGracePeriodSeconds");
            content["status"]!["phase"] = "Terminating";
        }

        return (store.Put(type.Id, content), false);
    }

    private static bool IsHeld(ResourceType type, JsonObject content) =>
        content["metadata"]!["finalizers"] is JsonArray { Count: > 0 }
        || (type.Id == BuiltInTypes.Namespaces.Id && content["spec"]?["finalizers"] is JsonArray { Count: > 0 });

    private static bool IsFinished(ResourceType type, JsonObject content) =>
        content["metadata"]!["deletionTimestamp"] is not null && !IsHeld(type, content);

    private static void CheckPreconditions(ResourceType type, string name, JsonObject before, JsonObject after, bool mustNameVersion)
    {
        var metadata = after["metadata"] as JsonObject;
        if ((string?)metadata?["name"] is { } wanted && wanted != name)
        {
            throw ApiException.BadRequest($"the name of the object ({wanted}) does not match the name on the URL ({name})");
        }

        if ((string?)metadata?["uid"] is { Length: > 0 } uid && uid != (string?)before["metadata"]!["uid"])
        {
            throw ApiException.Conflict(type, name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {(string?)before["metadata"]!["uid"]}");
        }

        var seen = (string?)metadata?["resourceVersion"] ?? "";
        if (seen.Length == 0 && mustNameVersion && !type.AllowsUnconditionalUpdate)
        {
            throw ApiException.Invalid(type, name, [FieldError.Invalid("metadata.resourceVersion", 0, "must be specified for an update")]);
        }

        if (seen.Length > 0 && seen != (string?)before["metadata"]!["resourceVersion"])
        {
            throw ApiException.Stale(type, name);
        }
    }

    /// <summary>A write of the object leaves its status alone, a write of the status all else.</summary>
    private static void KeepOtherHalf(ResourceType type, string version, JsonObject before, JsonObject after, string subresource)
    {
        if (!type.HasStatus(version))
        {
            return;
        }

        if (subresource == "status")
        {
            var status = after["status"]?.DeepClone();
            // Of built-in types the metadata may be written along; of custom resources the managers alone.
            var metadata = (type.IsCustom ? before : after)["metadata"]!.DeepClone();
            metadata["managedFields"] = after["metadata"]!["managedFields"]?.DeepClone();
            after.Clear();
            foreach (var (field, value) in before.Where(pair => pair.Key is not "status" and not "metadata"))
            {
                after[field] = value?.DeepClone();
            }

            after["metadata"] = metadata;
            Replace(after, "status", status);
        }
        else if (subresource.Length == 0)
        {
            Replace(after, "status", before["status"]?.DeepClone());
        }
    }

    private static void Replace(JsonObject content, string field, JsonNode? value)
    {
        content.Remove(field);
        if (value is not null)
        {
            content[field] = value;
        }
    }

    private static void CountGeneration(ResourceType type, string version, JsonObject before, JsonObject after)
    {
        if (type.HasGeneration && !JsonNode.DeepEquals(Wanted(type, version, before), Wanted(type, version, after)))
        {
            after["metadata"]!["generation"] = ((long?)before["metadata"]!["generation"] ?? 0) + 1;
        }
    }

    /// <summary>The part of an object whose changes its generation counts: all but metadata and a status that is written apart.</summary>
    private static JsonObject Wanted(ResourceType type, string version, JsonObject content)
    {
        var wanted = (JsonObject)content.DeepClone();
        wanted.Remove("metadata");
        if (type.HasStatus(version))
        {
            wanted.Remove("status");
        }

        return wanted;
    }

    private static void CheckFinalizers(ResourceType type, string name, JsonObject before, JsonObject after)
    {
        var old = (before["metadata"]!["finalizers"] as JsonArray ?? []).Select(item => (string?)item).ToHashSet();
        var added = (after["metadata"]!["finalizers"] as JsonArray ?? []).Select(item => (string?)item).Where(item => !old.Contains(item)).ToList();
        if (added.Count > 0)
        {
            throw ApiException.Invalid(type, name, [FieldError.Forbidden(
                "metadata.finalizers", $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(item => $"\"{item}\""))}}}")]);
        }
    }

    private void Check(ResourceType type, string version, string name, JsonObject content)
    {
        IReadOnlyList<FieldError> errors;
        if (type.Schemas is { } schemas)
        {
            schemas[version].Prune(content, isRoot: true);
            schemas[version].ApplyDefaults(content);
            errors = schemas[version].Validate(content);
        }
        else
        {
            BuiltInRules.ApplyDefaults(type, content);
            errors = BuiltInRules.Validate(type, content, AllowsLoopbackEndpoints);
        }

        if (errors.Count > 0)
        {
            throw ApiException.Invalid(type, name, errors);
        }
    }

    private void Own(ResourceType type, string version, JsonObject? before, JsonObject after, WriteOptions options, bool isApply)
    {
        var managed = ManagedFields.Of(after, ListShapes.Of(type, version), type.ApiVersion(version));
        managed.Update(before, after, options.Manager, options.Subresource, isApply);
        managed.WriteTo(after, time.GetUtcNow());
    }

    private void RefuseWithoutNamespace(ResourceType type, string @namespace, string name)
    {
        if (!type.Namespaced)
        {
            return;
        }

        var parent = store.Find(BuiltInTypes.Namespaces.Id, "", @namespace) ?? throw ApiException.NotFound(BuiltInTypes.Namespaces, @namespace);
        if (parent.Fields["status.phase"] == "Terminating")
        {
            throw ApiException.Forbidden(type, name, $"unable to create new content in namespace {@namespace} because it is being terminated");
        }
    }

    private static StoredObject Unwritten(JsonObject content)
    {
        var copy = (JsonObject)content.DeepClone();
        copy["metadata"]!["resourceVersion"] ??= "0";
        return new StoredObject(copy);
    }
}
