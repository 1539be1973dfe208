using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>An Ingress with its annotations as typed values. It depends on the object alone.</summary>
internal sealed class NginxIngress
{
    private NginxIngress(Resource<V1Ingress> resource, IngressNginxOptions options)
    {
        Resource = resource;
        Rules = IngressSpecs.Read(resource);
        var reader = new AnnotationReader(resource);
        AnnotationCheck.Run(resource, reader, options.RiskLevel);
        Rewriting = Rewriting.Parse(reader);
        Redirects = Redirects.Parse(reader);
        Canary = Canary.Parse(reader);
        Cors = IngressNginx.Cors.Parse(reader);
        Access = Access.Parse(reader);
        Limits = Limits.Parse(reader, resource.FullName);
        Mirroring = Mirroring.Parse(reader);
        Upstreams = Upstreams.Parse(reader);
        Affinity = Affinity.Parse(reader);
        CustomHeaders = reader.Text("custom-headers") is null ? null : CustomHeaders.Parse(reader);
        Aliases = ServerAliases.Parse(reader);
        IsIgnored = reader.IsIngressIgnored;
        IsLocationDenied = reader.IsLocationDenied;
        IsServerDenied = reader.IsServerDenied;
        Problems = reader.Problems;
    }

    public Resource<V1Ingress> Resource { get; }

    public IngressRules Rules { get; }

    public Rewriting Rewriting { get; }

    public Redirects Redirects { get; }

    /// <summary>Null for a primary.</summary>
    public Canary? Canary { get; }

    public CorsFilter? Cors { get; }

    public Access Access { get; }

    public Limits Limits { get; }

    /// <summary>Null for none.</summary>
    public Mirroring? Mirroring { get; }

    public Upstreams Upstreams { get; }

    public Affinity Affinity { get; }

    public CustomHeaders? CustomHeaders { get; }

    /// <summary>Other names of its hosts.</summary>
    public ValueList<HostPattern> Aliases { get; }

    /// <summary>Whether the whole Ingress is treated as if it were not there.</summary>
    public bool IsIgnored { get; }

    /// <summary>Whether its paths answer 503.</summary>
    public bool IsLocationDenied { get; }

    /// <summary>Whether its hosts answer 403.</summary>
    public bool IsServerDenied { get; }

    public IReadOnlyList<AnnotationProblem> Problems { get; }

    /// <summary>The paths that it has on a host.</summary>
    public IEnumerable<IngressPath> PathsOf(string host) => Rules.Rules.Where(rule => rule.Host == host).SelectMany(rule => rule.Paths);

    /// <summary>Whether it has a TLS section: each host of its rules then has TLS, if need be with the default certificate.</summary>
    public bool HasTls => Resource.Value.Spec?.Tls is { Count: > 0 };

    public static NginxIngress Parse(Resource<V1Ingress> resource, IngressNginxOptions options) => new(resource, options);
}
