namespace Polygate.Admission;

/// <summary>
/// Which objects are this gateway's to judge. A review shows one object and no other, so the classes, which say whose an object is,
/// are told beforehand.
/// </summary>
internal sealed record AdmissionScope
{
    /// <summary>IngressClasses by name, with the controller string that serves them.</summary>
    public IReadOnlyDictionary<string, string> IngressClasses { get; init; } = new Dictionary<string, string>();

    /// <summary>GatewayClasses that are this gateway's.</summary>
    public IReadOnlyList<string> GatewayClasses { get; init; } = ["polygate"];

    /// <summary>Gateways whose routes are judged, as namespace/name; empty for those of all.</summary>
    public IReadOnlySet<string> Gateways { get; init; } = new HashSet<string>();

    /// <summary>This gateway's name in a GatewayClass.</summary>
    public string ControllerName { get; init; } = "";
}
