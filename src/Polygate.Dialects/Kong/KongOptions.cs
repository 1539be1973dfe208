using Polygate.Dialects.Common;

namespace Polygate.Dialects.Kong;

/// <summary>What Kong and its ingress controller take from the installation.</summary>
public sealed record KongOptions
{
    /// <summary>Which Ingresses are Kong's.</summary>
    public IngressClasses Classes { get; init; } = IngressClasses.All;

    /// <summary>The port of the plaintext proxy listener.</summary>
    public int HttpPort { get; init; } = 80;

    /// <summary>The port of the TLS proxy listener.</summary>
    public int HttpsPort { get; init; } = 443;
}
