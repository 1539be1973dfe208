using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Resources;

/// <summary>Permission for objects of other namespaces to refer to objects of this one.</summary>
public sealed class ReferenceGrant : CustomResource<ReferenceGrantSpec>;

/// <summary>Everyone in <see cref="From"/> may refer to everything in <see cref="To"/>.</summary>
public sealed class ReferenceGrantSpec
{
    public IReadOnlyList<ReferenceGrantFrom>? From { get; set; }

    public IReadOnlyList<ReferenceGrantTo>? To { get; set; }
}

/// <summary>Who may refer.</summary>
public sealed class ReferenceGrantFrom
{
    public string Group { get; set; } = "";

    public string Kind { get; set; } = "";

    public string Namespace { get; set; } = "";
}

/// <summary>To what.</summary>
public sealed class ReferenceGrantTo
{
    public string Group { get; set; } = "";

    public string Kind { get; set; } = "";

    /// <summary>Absent: all of the kind.</summary>
    public string? Name { get; set; }
}
