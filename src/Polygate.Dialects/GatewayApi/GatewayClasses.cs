using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi;

/// <summary>Decides which Gateways are this gateway's.</summary>
internal static class GatewayClasses
{
    public static bool IsOurs(GatewayClass gatewayClass, GatewayApiOptions options) =>
        options.ClaimAllClasses || gatewayClass.Spec.ControllerName == options.ControllerName;

    /// <summary>Whether a Gateway is this gateway's, by its class.</summary>
    public static bool IsOurs(IResourceLookup lookup, Resource<Gateway> gateway, GatewayApiOptions options) =>
        lookup.Get<GatewayClass>("", gateway.Value.Spec.GatewayClassName) is { } found ? IsOurs(found.Value, options) : options.ClaimAllClasses;

    /// <summary>Why a class is not accepted; null when it is.</summary>
    public static Problem? Rejection(GatewayClass gatewayClass) => gatewayClass.Spec.ParametersRef is { } parameters
        ? new Problem(
            "InvalidParameters", $"There are no parameters of kind {parameters.Kind} in group \"{parameters.Group}\".", "spec.parametersRef")
        : null;

    /// <summary>Why nothing of a Gateway is served; null when its sound listeners are.</summary>
    public static Problem? Rejection(IResourceLookup lookup, GatewayView view) =>
        view.Rejection
        ?? (lookup.Get<GatewayClass>("", view.Gateway.Value.Spec.GatewayClassName) is { } found && Rejection(found.Value) is not null
            ? new Problem("InvalidParameters", $"The GatewayClass {found.Name} is not accepted.", "spec.gatewayClassName")
            : null);
}
