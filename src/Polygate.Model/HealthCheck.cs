namespace Polygate.Model;

/// <summary>
/// Active checks: the gateway asks every endpoint of a backend on its own, and passes over those that do not answer as
/// they should. An endpoint counts as healthy until checks say otherwise, unless <see cref="InitiallyHealthy"/> is false.
/// </summary>
public abstract record HealthCheck
{
    private protected HealthCheck()
    {
    }

    /// <summary>Between two checks of a healthy endpoint, 1 ms or more.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two checks of an unhealthy endpoint; null for <see cref="Interval"/>.</summary>
    public TimeSpan? UnhealthyInterval { get; init; }

    /// <summary>For a whole check, connecting included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A random part of the interval that is added to it, 0 to 1: checks of many endpoints and gateways spread.</summary>
    public double Jitter { get; init; } = 0.1;

    /// <summary>Successes in a row that make an unhealthy endpoint healthy, 1 or more.</summary>
    public int HealthyThreshold { get; init; } = 1;

    /// <summary>Failures in a row that make a healthy endpoint unhealthy, 1 or more; 0: checks never make one unhealthy.</summary>
    public int UnhealthyThreshold { get; init; } = 3;

    /// <summary>Whether an endpoint may serve before its first check succeeded.</summary>
    public bool InitiallyHealthy { get; init; } = true;

    /// <summary>The port to ask; null for the endpoint's own.</summary>
    public int? Port { get; init; }

    /// <summary>Whether checks go over TLS; null: as requests do. With true and a backend without TLS, the certificate is not verified.</summary>
    public bool? Tls { get; init; }
}

/// <summary>A request whose answer has one of the expected statuses.</summary>
public sealed record HttpHealthCheck : HealthCheck
{
    /// <summary>Path and query.</summary>
    public string Path { get; init; } = "/";

    public string Method { get; init; } = "GET";

    /// <summary>The <c>Host</c>; null for the endpoint's.</summary>
    public string? Host { get; init; }

    public ValueList<HeaderValue> Headers { get; init; }

    /// <summary>Statuses of a healthy endpoint; empty: 200 to 399.</summary>
    public ValueList<int> ExpectedStatuses { get; init; }

    /// <summary>
    /// Statuses of an unhealthy endpoint; empty: all others. Where it is given, a status in neither list says nothing and
    /// counts neither way (Kong).
    /// </summary>
    public ValueList<int> UnhealthyStatuses { get; init; }

    /// <summary>What is spoken; null: what requests speak.</summary>
    public BackendProtocol? Protocol { get; init; }
}

/// <summary>A connection that can be made (and the TLS handshake, where the backend has TLS).</summary>
public sealed record TcpHealthCheck : HealthCheck;

/// <summary>The gRPC health checking protocol: <c>grpc.health.v1.Health/Check</c> answers <c>SERVING</c>.</summary>
/// <param name="Service">The service asked for; empty for the server as a whole.</param>
public sealed record GrpcHealthCheck(string Service = "") : HealthCheck
{
    /// <summary>The <c>:authority</c>; null for the endpoint's.</summary>
    public string? Host { get; init; }
}

/// <summary>
/// What happens when too few endpoints of a backend are usable (checks, ejections): Envoy's panic threshold, or the opposite.
/// </summary>
/// <param name="BelowPercent">
/// The share of usable endpoints, 0 to 100, below which it happens; 0: only when none is left.
/// </param>
/// <param name="Refuse">
/// True: requests are answered 503 (Kong, Traefik). False: health is disregarded and all endpoints serve, since the checks
/// are then more likely wrong than all endpoints (Envoy).
/// </param>
public sealed record HealthPanic(double BelowPercent = 0, bool Refuse = false);
