using k8s.Models;
using Polygate.Dialects.Ambassador.Resources;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.Ambassador.Mappings;

/// <summary>Finds the backend that a Mapping's service means.</summary>
internal static class MappingBackends
{
    /// <summary>The backend; null (and a warning) when there is none, so that requests are answered 503.</summary>
    /// <param name="mapping">The Mapping.</param>
    /// <param name="context">Where objects are found and findings go; only the root's are reported.</param>
    /// <param name="installation">Global settings.</param>
    public static Backend? Find(MappingView mapping, TranslationContext context, Installation installation)
    {
        var report = mapping.Resource.Key == context.Root.Key;
        var kind = Resolvers.KindOf(context, mapping.Spec.Resolver);
        if (kind is ResolverKind.Consul or ResolverKind.Unknown)
        {
            Warn(kind == ResolverKind.Consul
                ? "Consul resolvers are not supported yet; requests are answered 503."
                : $"There is no resolver {mapping.Spec.Resolver}; requests are answered 503.", "spec.resolver");
            return null;
        }

        if (ServiceName.Parse(mapping.Spec.Service ?? "") is not { } service)
        {
            Warn($"{mapping.Spec.Service} is not a service ([https://]name[.namespace][:port]); requests are answered 503.", "spec.service");
            return null;
        }

        if (service.HasPath)
        {
            Warn("The path after the service has no effect.", "spec.service");
        }

        var tls = MappingTls.Of(mapping, service, context, out var tlsProblem);
        if (tlsProblem.Length > 0)
        {
            Warn(tlsProblem + "; requests are answered 503.", "spec.tls");
            return null;
        }

        var port = service.Port ?? (tls is null ? 80 : 443);
        if (Endpoints(mapping, service, port, context, installation) is not { } backend)
        {
            Warn($"There is no Service {service.Host} with port {port} here; requests are answered 503.", "spec.service");
            return null;
        }

        return WithSettings(backend, mapping, tls, service, installation);

        void Warn(string message, string field)
        {
            if (report)
            {
                context.Warning("unusable-service", message, field);
            }
        }
    }

    /// <summary>The host name of a Mapping's service, for <c>auto_host_rewrite</c>.</summary>
    public static string? HostOf(MappingView mapping, Installation installation) =>
        ServiceName.Parse(mapping.Spec.Service ?? "") is { } service
            ? service.Host.Contains('.') || service.IsAddress || installation.UsesOwnNamespace ? service.Host : $"{service.Host}.{mapping.Resource.Namespace}"
            : null;

    private static Backend? Endpoints(MappingView mapping, ServiceName service, int port, TranslationContext context, Installation installation)
    {
        var ns = installation.UsesOwnNamespace ? Installation.OwnNamespace : mapping.Resource.Namespace;
        if (service.Kubernetes(ns) is { } name && context.Get<V1Service>(name.Namespace, name.Name) is not null)
        {
            return ServiceBackends.ByNumber(context, name.Namespace, name.Name, port) is { } found ? new Backend(found.Name, found.Endpoints) : null;
        }

        // A name with a dot may be outside the cluster; a bare one cannot.
        return service.Host.Contains('.') || service.IsAddress
            ? new Backend($"{service.Host}:{port}", new StaticEndpoints([new Endpoint(service.Host, port)]))
            : null;
    }

    /// <summary>The backend as the Mapping uses it; whatever differs between Mappings is part of the identity.</summary>
    private static Backend WithSettings(Backend backend, MappingView mapping, BackendTls? tls, ServiceName service, Installation installation)
    {
        var spec = mapping.Spec;
        var connect = spec.ConnectTimeoutMs ?? 3000;
        var limit = (spec.CircuitBreakers ?? []).FirstOrDefault(breaker => breaker.Priority is null or "default")?.MaxConnections ?? 0;
        var (balancing, sticky) = Balancing(spec.LoadBalancer);
        var id = new List<string> { $"ambassador/{backend.Id}" };
        Add(tls is not null, "tls=" + (JsonText.Scalar(spec.Tls) ?? ""));
        Add(spec.Grpc == true, "grpc");
        Add(connect != 3000, $"connect={connect}");
        Add(limit > 0, $"connections={limit}");
        Add(spec.LoadBalancer is not null, $"balancer={spec.LoadBalancer?.Policy},{balancing.HashOn},{balancing.HashName},{sticky?.Name},{sticky?.Path},{sticky?.MaxAge}");
        return backend with
        {
            Id = string.Join(';', id),
            Name = backend.Id,
            Protocol = spec.Grpc == true ? BackendProtocol.Http2 : BackendProtocol.Http1,
            Tls = tls is null || tls.ServerName is not null || service.IsAddress ? tls : tls with { ServerName = service.Host },
            ConnectTimeout = TimeSpan.FromMilliseconds(connect),
            CircuitBreaker = limit > 0 ? new Model.CircuitBreaker { MaxConnections = limit } : null,
            Balancing = balancing,
            Sticky = sticky,
        };

        void Add(bool differs, string text)
        {
            if (differs)
            {
                id.Add(text);
            }
        }
    }

    private static (LoadBalancing Balancing, StickyCookie? Sticky) Balancing(LoadBalancer? balancer)
    {
        var algorithm = balancer?.Policy switch
        {
            "least_request" => BalancingAlgorithm.TwoRandomChoices,
            "ring_hash" => BalancingAlgorithm.RingHash,
            "maglev" => BalancingAlgorithm.Maglev,
            _ => BalancingAlgorithm.RoundRobin,
        };
        return balancer switch
        {
            { Cookie: { Name: { } name, Ttl: { Length: > 0 } ttl } cookie } when GoDuration.TryParse(ttl, out var age) => (
                new LoadBalancing(algorithm) { HashOn = HashInput.Cookie, HashName = name },
                new StickyCookie(name) { Path = cookie.Path ?? "/", MaxAge = age > TimeSpan.Zero ? (int)age.TotalSeconds : null }),
            { Cookie.Name: { } name } => (new LoadBalancing(algorithm) { HashOn = HashInput.Cookie, HashName = name }, null),
            { Header: { Length: > 0 } header } => (new LoadBalancing(algorithm) { HashOn = HashInput.Header, HashName = header }, null),
            _ => (new LoadBalancing(algorithm), null),
        };
    }
}
