namespace Polygate.Dialects.GatewayApi.Features;

/// <summary>How much the Gateway API asks of an implementation (its "support levels").</summary>
public enum SupportLevel
{
    /// <summary>Everyone who serves the kind has it.</summary>
    Core,

    /// <summary>The same everywhere, where it is had.</summary>
    Extended,
}

/// <summary>A feature of the Gateway API, as <c>GatewayClass.status.supportedFeatures</c> names it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Level">How much the specification asks for it.</param>
/// <param name="Supported">Whether this gateway has it.</param>
/// <param name="Description">What it is, or why it is not had.</param>
public sealed record GatewayApiFeature(string Name, SupportLevel Level, bool Supported, string Description)
{
    /// <summary>Whether it is written in fields that only the definitions of the experimental channel have.</summary>
    public bool NeedsExperimentalChannel => Name.StartsWith("HTTPRouteRetry", StringComparison.Ordinal);

    /// <summary>Whether it is had only where Services are made for Gateways (<see cref="GatewayApiOptions.MakesServices"/>).</summary>
    public bool NeedsServices => Name == "GatewayInfrastructurePropagation";
}
