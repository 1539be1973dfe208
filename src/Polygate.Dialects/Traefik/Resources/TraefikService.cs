namespace Polygate.Dialects.Traefik.Resources;

/// <summary>The <c>spec</c> of a <c>TraefikService</c>: a service made of services. Exactly one part is meant; with several the order is weighted, mirroring, highestRandomWeight, failover.</summary>
public sealed record TraefikServiceSpec
{
    public FailoverSpec? Failover { get; init; }

    public HighestRandomWeightSpec? HighestRandomWeight { get; init; }

    public MirroringSpec? Mirroring { get; init; }

    public WeightedSpec? Weighted { get; init; }
}

/// <summary>Services drawn by weight.</summary>
public sealed record WeightedSpec
{
    public IReadOnlyList<ServiceReference>? Services { get; init; }

    public Sticky? Sticky { get; init; }
}

/// <summary>Services drawn by the hash of the client and their weight.</summary>
public sealed record HighestRandomWeightSpec
{
    public IReadOnlyList<ServiceReference>? Services { get; init; }
}

/// <summary>A main service, and others that get copies of its requests.</summary>
public sealed record MirroringSpec : ServiceReference
{
    public long? MaxBodySize { get; init; }

    public bool? MirrorBody { get; init; }

    public IReadOnlyList<MirrorReference>? Mirrors { get; init; }
}

/// <summary>A service that gets a percentage of requests as copies.</summary>
public sealed record MirrorReference : ServiceReference
{
    public int? Percent { get; init; }
}

/// <summary>A service, and another that takes over.</summary>
public sealed record FailoverSpec
{
    public FailoverErrors? Errors { get; init; }

    public ServiceReference? Fallback { get; init; }

    public ServiceReference? Service { get; init; }
}

/// <summary>Answers that count as failures.</summary>
public sealed record FailoverErrors
{
    public long? MaxRequestBodyBytes { get; init; }

    public IReadOnlyList<string>? Status { get; init; }
}
