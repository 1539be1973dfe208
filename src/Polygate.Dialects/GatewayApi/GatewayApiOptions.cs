using Polygate.Dialects.GatewayApi.Addresses;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi;

/// <summary>Which Gateways are this gateway's.</summary>
public sealed record GatewayApiOptions
{
    /// <summary>The name in <c>GatewayClass.spec.controllerName</c> that means this gateway; also stands in statuses.</summary>
    public string ControllerName { get; init; } = "gateway.polygate.io/gateway-controller";

    /// <summary>
    /// Whether every GatewayClass is this gateway's, and a Gateway whose class does not exist too: right for a folder,
    /// where nobody else would serve it; wrong in a cluster with several controllers.
    /// </summary>
    public bool ClaimAllClasses { get; init; } = true;

    /// <summary>
    /// The addresses from which every Gateway gets its own; null: Gateways share the addresses of this machine (but for those that their specs
    /// name), and are told apart by port and host name.
    /// </summary>
    public GatewayAddressPool? Addresses { get; init; }

    /// <summary>Whether a Service is made for each Gateway, which carries the labels and annotations of its infrastructure.</summary>
    public bool MakesServices { get; init; }

    /// <summary>Without a pool: the addresses this gateway is reached at, for the statuses of Gateways.</summary>
    public ValueList<string> PublishedAddresses { get; init; }
}
