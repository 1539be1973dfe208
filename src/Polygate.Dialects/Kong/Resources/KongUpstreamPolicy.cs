using System.Text.Json;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Kong.Resources;

/// <summary>How the endpoints of the Services that name it are balanced.</summary>
public sealed class KongUpstreamPolicy : CustomResource<UpstreamPolicySpec>;

/// <inheritdoc cref="KongUpstreamPolicy"/>
public sealed record UpstreamPolicySpec
{
    public string? Algorithm { get; init; }

    public HashSource? HashOn { get; init; }

    public HashSource? HashOnFallback { get; init; }

    public JsonElement? Healthchecks { get; init; }

    public int? Slots { get; init; }

    public StickySessions? StickySessions { get; init; }
}

/// <summary>What is hashed; one member only.</summary>
public sealed record HashSource
{
    public string? Cookie { get; init; }

    public string? CookiePath { get; init; }

    public string? Header { get; init; }

    /// <summary><c>ip</c>, <c>consumer</c>, <c>path</c> or <c>none</c>.</summary>
    public string? Input { get; init; }

    public string? QueryArg { get; init; }

    public string? UriCapture { get; init; }
}

/// <summary>The cookie of the algorithm <c>sticky-sessions</c>.</summary>
public sealed record StickySessions
{
    public string? Cookie { get; init; }

    public string? CookiePath { get; init; }
}
