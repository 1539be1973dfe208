namespace Polygate.Access;

/// <summary>A rule of a Role or ClusterRole (<c>rbac.authorization.k8s.io/v1</c>, PolicyRule).</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Resources">Plural names, <c>plural/status</c> for statuses.</param>
/// <param name="Verbs">What may be done with them.</param>
/// <param name="IsClusterScoped">Whether the resources have no namespace, so that a Role cannot give them.</param>
internal sealed record AccessRule(string Group, IReadOnlyList<string> Resources, IReadOnlyList<string> Verbs, bool IsClusterScoped)
{
    /// <summary>The only objects that are meant; empty for all.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}
