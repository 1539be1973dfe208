using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Resources;

/// <summary>Which controller serves the Gateways that name this class.</summary>
public sealed class GatewayClass : CustomResource<GatewayClassSpec>;

/// <summary>What a GatewayClass says.</summary>
public sealed class GatewayClassSpec
{
    public string ControllerName { get; set; } = "";

    public string? Description { get; set; }

    public ObjectReference? ParametersRef { get; set; }
}
