using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Migration.Manifests;

/// <summary>What manifests are written.</summary>
public sealed record ManifestSettings
{
    /// <summary>Whether what the Gateway API cannot say is said by policies of <c>gateway.polygate.io</c>, where these can.</summary>
    public bool WithPolicies { get; init; }

    /// <summary>The namespace of the Gateway.</summary>
    public string GatewayNamespace { get; init; } = "default";

    public string GatewayName { get; init; } = "ingress-nginx";

    public string GatewayClass { get; init; } = "polygate";
}

/// <summary>Gateway API manifests of what ran on ingress-nginx.</summary>
/// <param name="Text">YAML documents; comments say what they leave out.</param>
/// <param name="NotExpressed">The same in a list, in the order of the text.</param>
public sealed record MigratedManifests(string Text, IReadOnlyList<NotExpressed> NotExpressed);

/// <summary>Something that the manifests do not say.</summary>
/// <param name="Origin">What says it.</param>
/// <param name="What">What it is, and what is the case without it.</param>
/// <param name="Withholds">
/// Whether requests would pass that must not, or reach something else than they should: then the rule has no backends, and requests are
/// answered 500 until somebody has decided.
/// </param>
public sealed record NotExpressed(Origin Origin, string What, bool Withholds);
