namespace Polygate.Testing.ApiServer.Writing;

/// <summary>Who writes, through what, and whether it counts.</summary>
/// <param name="Manager">The field manager.</param>
/// <param name="Subresource"><c>status</c>, another subresource, or empty.</param>
/// <param name="DryRun">Whether everything happens but the write.</param>
/// <param name="Force">Whether server-side apply takes fields from their owners.</param>
internal sealed record WriteOptions(string Manager, string Subresource = "", bool DryRun = false, bool Force = false);
