namespace Polygate.Testing.ApiServer.Types;

/// <summary>What is served now: the built-in types and those of the CustomResourceDefinitions. Replaced as a whole by a change.</summary>
internal sealed class TypeRegistry
{
    private volatile IReadOnlyList<ResourceType> types = BuiltInTypes.All;

    public IReadOnlyList<ResourceType> All => types;

    public ResourceType? Find(string group, string version, string plural) =>
        types.FirstOrDefault(type => type.Group == group && type.Plural == plural && type.Versions.Contains(version));

    public bool HasGroup(string group) => types.Any(type => type.Group == group && type.Versions.Count > 0);

    public bool HasVersion(string group, string version) => types.Any(type => type.Group == group && type.Versions.Contains(version));

    public ResourceType? FindById(string id) => types.FirstOrDefault(type => type.Id == id);

    /// <summary>Adds a type or replaces the one of the same identity.</summary>
    public void Put(ResourceType type) => types = [.. types.Where(other => other.Id != type.Id), type];

    public void Remove(string id) => types = [.. types.Where(other => other.Id != id)];
}
