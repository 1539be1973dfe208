using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Resources;

/// <summary>Listeners added to a Gateway by someone else than its owner.</summary>
public sealed class ListenerSet : CustomResource<ListenerSetSpec>;

/// <summary>What a ListenerSet says.</summary>
public sealed class ListenerSetSpec
{
    public ObjectGatewayReference? ParentRef { get; set; }

    public IReadOnlyList<GatewayListener>? Listeners { get; set; }
}

/// <summary>The Gateway a ListenerSet belongs to.</summary>
public sealed class ObjectGatewayReference
{
    public string? Group { get; set; }

    public string? Kind { get; set; }

    public string Name { get; set; } = "";

    public string? Namespace { get; set; }
}
