using System.Net;
using Polygate.Dialects.Common;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.Upstreams;

/// <summary>An upstream as a backend, or why it cannot be one.</summary>
/// <param name="Backend">The backend; null when there is a problem.</param>
/// <param name="ClientCertificate">What it shows to its endpoints; null for nothing.</param>
/// <param name="Problem">One sentence; empty without a problem.</param>
/// <param name="Field">The field that is at fault.</param>
internal sealed record UpstreamBackend(Backend? Backend, Certificate? ClientCertificate, string Problem, string Field)
{
    public static UpstreamBackend Failed(string problem, string field) => new(null, null, problem, field);
}

/// <summary>Turns upstreams into backends.</summary>
internal static class UpstreamBackends
{
    /// <summary>The backend of an upstream.</summary>
    /// <param name="lookup">Where Services and Secrets are found.</param>
    /// <param name="ns">The upstream's namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="spec">What it says.</param>
    public static UpstreamBackend Make(IResourceLookup lookup, string ns, string name, UpstreamSpec spec)
    {
        if (UpstreamSpec.UnsupportedTypes.FirstOrDefault(type => spec.Field(type) is not null) is { } unsupported)
        {
            return UpstreamBackend.Failed($"Upstreams of type {unsupported} are not supported yet.", "spec." + unsupported);
        }

        var backend = spec switch
        {
            { Kube: { } kube } => Kube(lookup, ns, kube),
            { Static: { } addresses } => Static(addresses),
            _ => UpstreamBackend.Failed("The upstream has no type; expected kube or static.", "spec"),
        };
        return backend.Backend is null ? backend : WithSettings(lookup, ns, backend.Backend with { Id = $"gloo/{ns}/{name}" }, spec);
    }

    private static UpstreamBackend Kube(IResourceLookup lookup, string ns, KubeUpstream kube)
    {
        var service = string.IsNullOrEmpty(kube.ServiceNamespace) ? ns : kube.ServiceNamespace;
        var port = ServiceBackends.ByNumber(lookup, service, kube.ServiceName ?? "", kube.ServicePort ?? 0);
        return port is null
            ? UpstreamBackend.Failed($"The Service {service}/{kube.ServiceName} with port {kube.ServicePort} does not exist.", "spec.kube")
            : new UpstreamBackend(new Backend(port.Name, port.Endpoints) { Name = port.Name }, null, "", "");
    }

    private static UpstreamBackend Static(StaticUpstream upstream)
    {
        var endpoints = new List<Endpoint>();
        foreach (var host in upstream.Hosts ?? [])
        {
            if (string.IsNullOrEmpty(host.Addr) || host.Port is not (> 0 and < 65536))
            {
                return UpstreamBackend.Failed("A static host needs an addr and a port from 1 to 65535.", "spec.static.hosts");
            }

            endpoints.Add(new Endpoint(host.Addr, host.Port.Value) { Weight = host.LoadBalancingWeight is > 0 and var weight ? weight : 1 });
        }

        if (endpoints.Count == 0)
        {
            return UpstreamBackend.Failed("A static upstream needs at least one host.", "spec.static.hosts");
        }

        var backend = new Backend("", new StaticEndpoints(endpoints.ToValueList()))
        {
            Name = string.Join(',', endpoints.Select(endpoint => $"{endpoint.Host}:{endpoint.Port}")),
        };
        var usesTls = upstream.UseTls ?? endpoints.Any(endpoint => endpoint.Port == 443);
        return new UpstreamBackend(usesTls ? backend with { Tls = UpstreamTls.Unverified(ServerName(upstream)).Tls } : backend, null, "", "");
    }

    /// <summary>The one <c>sniAddr</c> of all hosts; otherwise each host's own name (<c>autoSniRewrite</c>).</summary>
    private static string? ServerName(StaticUpstream upstream) =>
        (upstream.Hosts ?? []).Select(host => host.SniAddr).Distinct().ToList() is [{ Length: > 0 } single] ? single : null;

    private static UpstreamBackend WithSettings(IResourceLookup lookup, string ns, Backend backend, UpstreamSpec spec)
    {
        UpstreamTls? tls = null;
        if (spec.SslConfig is { } ssl)
        {
            tls = UpstreamTls.Read(lookup, ssl, ns, out var problem);
            if (tls is null)
            {
                return UpstreamBackend.Failed($"The upstream's TLS cannot be set up: {problem}.", "spec.sslConfig");
            }

            var name = tls.Tls.ServerName ?? (spec.Static is null ? null : ServerName(spec.Static));
            backend = backend with { Tls = tls.Tls with { ServerName = name } };
        }

        if (spec.ConnectionConfig?.ConnectTimeout is { } text && GoDuration.TryParse(text, out var timeout))
        {
            backend = backend with { ConnectTimeout = timeout };
        }

        backend = backend with
        {
            Protocol = spec.UseHttp2 == true ? BackendProtocol.Http2 : BackendProtocol.Http1,
            Balancing = new LoadBalancing(Algorithm(spec.LoadBalancerConfig)),
            CircuitBreaker = spec.CircuitBreakers?.MaxConnections is > 0 and var limit ? new CircuitBreaker { MaxConnections = limit } : null,
        };
        return new UpstreamBackend(backend, tls?.ClientCertificate, "", "");
    }

    private static BalancingAlgorithm Algorithm(LoadBalancerConfig? config) => config switch
    {
        { LeastRequest: not null } => BalancingAlgorithm.TwoRandomChoices,
        { Random: not null } => BalancingAlgorithm.Random,
        { RingHash: not null } => BalancingAlgorithm.RingHash,
        { Maglev: not null } => BalancingAlgorithm.Maglev,
        _ => BalancingAlgorithm.RoundRobin,
    };

    /// <summary>Whether a static upstream's endpoints are host names, so that Gloo can rewrite the host to them.</summary>
    public static bool HasHostNames(Backend backend) =>
        backend.Endpoints is StaticEndpoints { Endpoints: var endpoints } && endpoints.Any(endpoint => !IPAddress.TryParse(endpoint.Host, out _));
}
