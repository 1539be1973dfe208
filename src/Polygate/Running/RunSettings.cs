using System.Net;
using Polygate.Dialects.Pipeline;
using Polygate.Logging;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Transport;

namespace Polygate.Running;

/// <summary>What the command line says about a run.</summary>
internal sealed record RunSettings(IReadOnlyList<IDialect> Dialects, PortMap Ports)
{
    /// <summary>The admin port.</summary>
    public IPEndPoint Admin { get; init; } = new(IPAddress.Loopback, 9901);

    /// <summary>Where kubelets and Prometheus ask the same; null for nowhere but the admin port.</summary>
    public IPEndPoint? Probes { get; init; }

    /// <summary>Null for none.</summary>
    public AccessLogFormat? AccessLog { get; init; }

    /// <summary>Whether metrics are told under the names of ingress-nginx as well.</summary>
    public bool TellsNginxMetrics { get; init; }

    public int Loops { get; init; } = Environment.ProcessorCount;

    public Func<TransportOptions, ITransport> Transport { get; init; } = Transports.Create;

    public TrustedProxies TrustedProxies { get; init; } = TrustedProxies.None;

    public ForwardedHeader Forwarded { get; init; }

    /// <summary>Whether backends on this machine's loopback and link-local addresses are refused.</summary>
    public bool RefusesLocalBackends { get; init; }

    /// <summary>How long requests under way may take once the program is asked to end.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
