namespace Polygate.Testing.ApiServer.Types;

/// <summary>A resource as the server serves it: its names, and the rules that its objects live by.</summary>
internal sealed record ResourceType
{
    /// <summary>API group; empty for the core group.</summary>
    public required string Group { get; init; }

    /// <summary>Served versions, the preferred one first.</summary>
    public required IReadOnlyList<string> Versions { get; init; }

    public required string Plural { get; init; }

    public required string Kind { get; init; }

    public string Singular { get; init; } = "";

    public string ListKind { get; init; } = "";

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    public bool Namespaced { get; init; } = true;

    /// <summary>Whether <c>status</c> is written through its own subresource alone, in each version.</summary>
    public Func<string, bool> HasStatus { get; init; } = _ => false;

    /// <summary>Whether the status an object is created with is kept (as Nodes' is).</summary>
    public bool KeepsStatusOnCreate { get; init; }

    /// <summary>Whether <c>metadata.generation</c> counts the changes of what is wanted.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>Whether a PUT may leave the resource version out.</summary>
    public bool AllowsUnconditionalUpdate { get; init; } = true;

    /// <summary>Whether a PUT of an object that is not there creates it.</summary>
    public bool CreatesOnUpdate { get; init; }

    /// <summary>Whether DELETE answers with the object in place of a Status.</summary>
    public bool ReturnsDeletedObject { get; init; }

    /// <summary>Answered, not stored: reviews.</summary>
    public bool IsVirtual { get; init; }

    /// <summary>Further subresources, such as <c>token</c>.</summary>
    public IReadOnlyList<string> Subresources { get; init; } = [];

    /// <summary>Schemas by version; null for built-in types.</summary>
    public IReadOnlyDictionary<string, StructuralSchema>? Schemas { get; init; }

    public bool IsCustom => Schemas is not null;

    /// <summary>Identity of the resource whatever the version.</summary>
    public string Id => $"{Group}/{Plural}";

    public string QualifiedPlural => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public string QualifiedKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";

    public string ApiVersion(string version) => Group.Length == 0 ? version : $"{Group}/{version}";
}
