namespace Polygate.Model;

/// <summary>What is spoken to a backend.</summary>
public enum BackendProtocol
{
    /// <summary>HTTP/1.1; a gRPC request goes over HTTP/2.</summary>
    Http1,

    /// <summary>HTTP/2: prior knowledge without TLS (h2c), by ALPN with TLS.</summary>
    Http2,

    /// <summary>FastCGI 1.0, a connection for each request; see <see cref="ForwardAction.FastCgi"/>.</summary>
    FastCgi,
}

/// <summary>Versions of the PROXY protocol (haproxy.org/download/3.0/doc/proxy-protocol.txt).</summary>
public enum ProxyProtocolVersion
{
    None,

    /// <summary>A line of text.</summary>
    V1,

    /// <summary>Binary.</summary>
    V2,
}

/// <summary>Where requests are sent: a set of endpoints and how they are used.</summary>
/// <param name="Id">Stable across edits; connection pools, health and breakers are keyed by it. Unique in a configuration.</param>
/// <param name="Endpoints">Where they are.</param>
public sealed record Backend(string Id, EndpointSource Endpoints)
{
    /// <summary>The name people see in logs, metrics and the route table; usually <c>namespace/service:port</c>.</summary>
    public string Name { get; init; } = Id;

    public BackendProtocol Protocol { get; init; } = BackendProtocol.Http1;

    /// <summary>TLS to the endpoints; null for cleartext.</summary>
    public BackendTls? Tls { get; init; }

    public LoadBalancing Balancing { get; init; } = new();

    /// <summary>Keeps clients on their endpoints; null for none. See also <see cref="ForwardAction.Sticky"/>.</summary>
    public Stickiness? Sticky { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Limits; null for none.</summary>
    public CircuitBreaker? CircuitBreaker { get; init; }

    /// <summary>Limits retries of all routes' requests to this backend that bring no budget of their own (<see cref="RetryPolicy.Budget"/>); null for none.</summary>
    public RetryBudget? RetryBudget { get; init; }

    /// <summary>Active checks of every endpoint; null for none.</summary>
    public HealthCheck? HealthCheck { get; init; }

    /// <summary>
    /// Which endpoints are passed over for their failures; null: those to which three connections in a row could not be made, for 5
    /// seconds that double up to a minute while it stays so.
    /// </summary>
    public OutlierDetection? Outliers { get; init; }

    /// <summary>What happens when too few endpoints are usable; null: all serve when none is.</summary>
    public HealthPanic? Panic { get; init; }

    /// <summary>Gives new endpoints a growing share; null: all of it at once.</summary>
    public SlowStart? SlowStart { get; init; }

    /// <summary>The header in front of each connection that tells the backend who the client is; for <see cref="StreamRoute"/>s.</summary>
    public ProxyProtocolVersion ProxyProtocol { get; init; }

    /// <summary>Whether <c>Host</c> becomes the endpoint's own host name (or address and port) instead of the client's.</summary>
    public bool UseEndpointHost { get; init; }
}

/// <summary>Where a backend's endpoints come from.</summary>
public abstract record EndpointSource
{
    private protected EndpointSource()
    {
    }
}

/// <summary>A named set kept beside the configuration (<see cref="GatewayConfiguration.EndpointSets"/>), so that a change of endpoints touches no route.</summary>
public sealed record NamedEndpoints(string Set) : EndpointSource;

/// <summary>Written out in the configuration.</summary>
public sealed record StaticEndpoints(ValueList<Endpoint> Endpoints) : EndpointSource;

/// <summary>One instance of a backend.</summary>
/// <param name="Host">An IP address, or a host name that the engine resolves (and resolves again).</param>
/// <param name="Port">1 to 65535.</param>
public sealed record Endpoint(string Host, int Port)
{
    /// <summary>Its share among the endpoints, 0 or more.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>False while it is going away: it gets no new sessions.</summary>
    public bool Ready { get; init; } = true;
}

/// <summary>A set of endpoints by name.</summary>
/// <param name="Name">As in <see cref="NamedEndpoints"/>.</param>
/// <param name="Endpoints">Empty: requests are answered 503.</param>
public sealed record EndpointSet(string Name, ValueList<Endpoint> Endpoints);

/// <summary>TLS to a backend.</summary>
public sealed record BackendTls
{
    /// <summary>The server name sent and (unless <see cref="SkipVerification"/>) verified; null for the endpoint's host.</summary>
    public string? ServerName { get; init; }

    /// <summary>Trusted authorities in PEM; null for the system's.</summary>
    public string? TrustedCertificatesPem { get; init; }

    public bool SkipVerification { get; init; }

    /// <summary>Alternative names of which the certificate must carry one; empty: <see cref="ServerName"/> is verified.</summary>
    public ValueList<string> SubjectAlternativeNames { get; init; }

    /// <summary>The identity of the client <see cref="Certificate"/>; null for none.</summary>
    public string? ClientCertificate { get; init; }
}
