namespace Polygate.Cluster.Tests.Servers;

/// <summary>A write that the server accepted.</summary>
/// <param name="User">Whose token it came with.</param>
/// <param name="Path">The object, with a subresource.</param>
/// <param name="At">When it was answered.</param>
public sealed record AcceptedWrite(string User, string Path, DateTimeOffset At);
