namespace Polygate.Testing.ApiServer.Store;

internal enum EventKind
{
    Added,
    Modified,
    Deleted,
}

/// <summary>One change of one object.</summary>
/// <param name="Kind">What happened to it.</param>
/// <param name="Object">The object after the change; when deleted, its last state with the revision of the deletion.</param>
/// <param name="Previous">The object before the change; null when added.</param>
internal sealed record StoreEvent(EventKind Kind, StoredObject Object, StoredObject? Previous);
