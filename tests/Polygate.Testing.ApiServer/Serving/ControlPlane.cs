using System.Text.Json.Nodes;
using Polygate.Testing.ApiServer.Store;
using Polygate.Testing.ApiServer.Types;
using Polygate.Testing.ApiServer.Writing;

namespace Polygate.Testing.ApiServer.Serving;

/// <summary>
/// The writes, with what a cluster's own controllers do on them: a CustomResourceDefinition makes a resource served and takes its
/// objects with it when it goes, and a namespace being deleted is emptied. In a cluster that takes a moment; here it is part of the write.
/// </summary>
internal sealed class ControlPlane
{
    private readonly ObjectStore store;
    private readonly TypeRegistry types;
    private readonly ResourceWriter writer;
    private readonly TimeProvider time;

    public ControlPlane(ObjectStore store, TypeRegistry types, TimeProvider time, bool allowsLoopbackEndpoints)
    {
        this.store = store;
        this.types = types;
        this.time = time;
        writer = new ResourceWriter(store, time) { AllowsLoopbackEndpoints = allowsLoopbackEndpoints };
    }

    public StoredObject Create(ResourceType type, string version, string @namespace, JsonObject content, WriteOptions options, bool isApply = false) =>
        store.Atomically(() => AfterWrite(type, writer.Create(type, version, @namespace, content, options, isApply), options));

    public StoredObject Update(
        ResourceType type,
        string version,
        string @namespace,
        string name,
        Func<JsonObject, JsonObject> change,
        WriteOptions options,
        bool mustNameVersion = false) =>
        store.Atomically(() => AfterWrite(
            type, writer.Update(type, version, @namespace, name, change, options, isApply: false, mustNameVersion), options));

    /// <summary>Server-side apply: makes the object where it is not there.</summary>
    public (StoredObject Object, bool IsNew) Apply(
        ResourceType type, string version, string @namespace, string name, JsonObject applied, WriteOptions options) => store.Atomically(() =>
    {
        var shapes = ListShapes.Of(type, version);
        if (store.Find(type.Id, @namespace, name) is null)
        {
            // Of built-in types the real server makes the object also through the subresource.
            if (options.Subresource.Length > 0 && type.IsCustom)
            {
                throw ApiException.NotFound(type, name);
            }

            var content = Merged(new JsonObject { ["metadata"] = new JsonObject() });
            content["metadata"]!["name"] = name;

            return (AfterWrite(type, writer.Create(type, version, @namespace, content, options, isApply: true), options), true);
        }

        var stored = writer.Update(
            type,
            version,
            @namespace,
            name,
            current =>
            {
                if ((string?)applied["metadata"]?["resourceVersion"] is { Length: > 0 } seen && seen != (string?)current["metadata"]!["resourceVersion"])
                {
                    throw ApiException.Stale(type, name);
                }

                return Merged(current);
            },
            options,
            isApply: true);
        return (AfterWrite(type, stored, options), false);

        JsonObject Merged(JsonObject current)
        {
            var managed = ManagedFields.Of(current, shapes, type.ApiVersion(version));
            var result = managed.Apply(type, name, current, applied, options.Manager, options.Subresource, options.Force);
            managed.WriteTo(result, time.GetUtcNow());
            return result;
        }
    });

    public (StoredObject Object, bool IsGone) Delete(ResourceType type, string @namespace, string name, JsonObject? preconditions, bool dryRun) =>
        store.Atomically(() =>
        {
            var (deleted, isGone) = writer.Delete(type, @namespace, name, preconditions, dryRun);
            if (!dryRun && type.Id == BuiltInTypes.Namespaces.Id)
            {
                EmptyNamespace(name);
            }
            else if (!dryRun && isGone)
            {
                AfterRemoval(type, deleted);
            }

            return (deleted, isGone);
        });

    private StoredObject AfterWrite(ResourceType type, StoredObject stored, WriteOptions options)
    {
        if (options.DryRun)
        {
            return stored;
        }

        if (store.Find(type.Id, stored.Namespace, stored.Name) is null)
        {
            AfterRemoval(type, stored);
            return stored;
        }

        if (type.Id != BuiltInTypes.CustomResourceDefinitions.Id)
        {
            return stored;
        }

        var definition = stored.Read();
        if (definition["metadata"]!["deletionTimestamp"] is not null)
        {
            return stored;
        }

        var served = CustomTypes.Read(definition);
        var establishedBefore = definition["status"]?["conditions"] is JsonArray;
        if (!establishedBefore || types.FindById(served.Id) is null)
        {
            definition["status"] = CustomTypes.EstablishedStatus(definition, Timestamps.Seconds(time.GetUtcNow()));
            stored = store.Put(type.Id, definition);
        }
        else if (options.Subresource.Length > 0)
        {
            return stored;
        }

        types.Put(served);
        store.EndWatches(served.Id);
        return stored;
    }

    private void AfterRemoval(ResourceType type, StoredObject gone)
    {
        if (type.Id == BuiltInTypes.CustomResourceDefinitions.Id)
        {
            var served = CustomTypes.Read(gone.Read());
            foreach (var item in store.Snapshot(served.Id).Objects)
            {
                store.Remove(served.Id, item.Namespace, item.Name);
            }

            types.Remove(served.Id);
            store.EndWatches(served.Id);
        }
        else if (gone.Namespace.Length > 0)
        {
            FinishNamespace(gone.Namespace);
        }
    }

    private void EmptyNamespace(string @namespace)
    {
        foreach (var type in types.All.Where(type => type.Namespaced))
        {
            foreach (var item in store.Snapshot(type.Id).Objects.Where(item => item.Namespace == @namespace))
            {
                writer.Delete(type, @namespace, item.Name, preconditions: null, dryRun: false);
            }
        }

        FinishNamespace(@namespace);
    }

    /// <summary>Lets a namespace that is being deleted go when nothing is left in it.</summary>
    private void FinishNamespace(string @namespace)
    {
        if (store.Find(BuiltInTypes.Namespaces.Id, "", @namespace) is { } parent
            && parent.Fields["status.phase"] == "Terminating"
            && !types.All.Any(type => type.Namespaced && store.Snapshot(type.Id).Objects.Any(item => item.Namespace == @namespace)))
        {
            store.Remove(BuiltInTypes.Namespaces.Id, "", @namespace);
        }
    }
}
