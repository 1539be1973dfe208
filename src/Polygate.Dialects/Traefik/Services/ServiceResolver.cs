using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik.Middlewares;
using Polygate.Dialects.Traefik.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Services;

/// <summary>
/// Follows service references, through TraefikServices, to backends. A service that is not to be had answers 503 for
/// its share, where Traefik would drop the router and let its requests fall through to another.
/// </summary>
internal sealed class ServiceResolver
{
    private readonly TranslationContext context;
    private readonly TraefikOptions options;
    private readonly HashSet<ResourceKey> open = [];

    public ServiceResolver(TranslationContext context, TraefikOptions options)
    {
        this.context = context;
        this.options = options;
    }

    /// <summary>The services of a router: one is used as it is, several are drawn by weight.</summary>
    public ResolvedService Resolve(IReadOnlyList<ServiceReference>? references, string ns, Findings findings, string field)
    {
        if (references is not { Count: > 0 })
        {
            findings.Error("missing-service", "There is no service: requests are answered 503.", field);
            return ResolvedService.Unavailable;
        }

        if (references.Count == 1)
        {
            return Resolve(references[0], ns, findings, field + "[0]");
        }

        var parts = new List<(ResolvedService, int)>();
        for (var i = 0; i < references.Count; i++)
        {
            parts.Add((Resolve(references[i], ns, findings, $"{field}[{i}]"), Weight(references[i], findings, $"{field}[{i}].weight")));
        }

        return ResolvedService.Weighted(parts);
    }

    /// <summary>Checks a TraefikService by itself and reports what is wrong with it.</summary>
    public void Check(Found<TraefikServiceSpec> service) => Compose(service);

    private static int Weight(ServiceReference reference, Findings findings, string field)
    {
        if (reference.Weight is null or >= 0)
        {
            return reference.Weight ?? 1;
        }

        findings.Warning("invalid-weight", "A negative weight counts as 0.", field);
        return 0;
    }

    /// <summary>One service.</summary>
    public ResolvedService Resolve(ServiceReference reference, string ns, Findings findings, string field)
    {
        var service = reference.Kind switch
        {
            null or "" or "Service" => KubernetesService(reference, ns, findings, field),
            "TraefikService" => TraefikService(reference, ns, findings, field),
            _ => Fail(findings, "unknown-kind", $"A service is a Service or a TraefikService, not a {reference.Kind}.", field + ".kind"),
        };
        if (reference.Middlewares is not { Count: > 0 })
        {
            return service;
        }

        var effects = MiddlewareChain.Expand(context, options, reference.Middlewares, ns, findings, field + ".middlewares");
        if (effects.Retry is not null)
        {
            findings.Warning("unsupported-field", "A retry middleware in front of a single service is not supported yet; name it on the route.", field + ".middlewares");
        }

        return service.With(effects.Filters);
    }

    private ResolvedService KubernetesService(ServiceReference reference, string ns, Findings findings, string field)
    {
        bool Exists(string otherNamespace, string name) => context.Get<k8s.Models.V1Service>(otherNamespace, name) is not null;
        var name = new ObjectReference { Name = reference.Name, Namespace = reference.Namespace };
        return References.Resolve(name, ns, options, Exists, findings, field + ".name") is { } target
            ? new ServiceBackend(context, options, reference, findings, field).Resolve(target.Namespace, target.Name)
            : ResolvedService.Unavailable;
    }

    private ResolvedService TraefikService(ServiceReference reference, string ns, Findings findings, string field)
    {
        bool Exists(string otherNamespace, string name) => TraefikObjects.Service(context, otherNamespace, name) is not null;
        var name = new ObjectReference { Name = reference.Name, Namespace = reference.Namespace };
        if (References.Resolve(name, ns, options, Exists, findings, field + ".name") is not { } target)
        {
            return ResolvedService.Unavailable;
        }

        if (TraefikObjects.Service(context, target.Namespace, target.Name) is not { } service)
        {
            return Fail(findings, "missing-service", $"The TraefikService {target.Namespace}/{target.Name} does not exist: its requests are answered 503.", field);
        }

        if (open.Contains(service.Resource.Key))
        {
            return Fail(findings, "recursive-service", $"The TraefikService {target.Namespace}/{target.Name} contains itself.", field);
        }

        var (resolved, failed) = Compose(service);
        if (failed)
        {
            findings.Error("broken-service", $"The TraefikService {target.Namespace}/{target.Name} has an error.", field);
        }

        return resolved;
    }

    private (ResolvedService Service, bool Failed) Compose(Found<TraefikServiceSpec> service)
    {
        open.Add(service.Resource.Key);
        var findings = new Findings(context, service.Resource);
        var ns = service.Resource.Namespace;
        var spec = service.Spec;
        ResolvedService resolved;
        if (spec.Weighted is { } weighted)
        {
            resolved = Resolve(weighted.Services, ns, findings, "spec.weighted.services");
            findings.Unsupported(weighted.Sticky?.Cookie, "spec.weighted.sticky");
        }
        else if (spec.Mirroring is { } mirroring)
        {
            resolved = Mirroring(mirroring, ns, findings);
        }
        else if (spec.HighestRandomWeight is { } hashed)
        {
            resolved = Resolve(hashed.Services, ns, findings, "spec.highestRandomWeight.services");
            findings.Warning(
                "unsupported-field", "Services are drawn by weight; keeping a client on one of them is not supported yet.", "spec.highestRandomWeight");
        }
        else
        {
            resolved = spec.Failover is not null
                ? Fail(findings, "unsupported-field", "spec.failover is not supported yet: its requests are answered 503.", "spec.failover")
                : Fail(findings, "invalid-service", "The TraefikService says nothing.", "spec");
        }

        open.Remove(service.Resource.Key);
        return (resolved, findings.Failed);
    }

    private ResolvedService Mirroring(MirroringSpec spec, string ns, Findings findings)
    {
        var filters = new List<Filter>();
        for (var i = 0; i < (spec.Mirrors?.Count ?? 0); i++)
        {
            var mirror = spec.Mirrors![i];
            var field = $"spec.mirroring.mirrors[{i}]";
            if (mirror.Percent is not > 0)
            {
                findings.Warning("no-effect", "A mirror without a percentage gets nothing.", field);
                continue;
            }

            var target = Resolve(mirror, ns, findings, field);
            if (target.Backends is [{ Backend: { } backend }])
            {
                filters.Add(new MirrorFilter(backend, Math.Min(1, mirror.Percent.Value / 100.0)));
            }
            else if (target.Backends.Count > 1)
            {
                findings.Warning("unsupported-field", "A mirror made of several services is not supported yet; it gets nothing.", field);
            }
        }

        findings.Unsupported(spec.MirrorBody == false ? spec.MirrorBody : null, "spec.mirroring.mirrorBody");
        findings.Unsupported(spec.MaxBodySize is >= 0 ? spec.MaxBodySize : null, "spec.mirroring.maxBodySize");
        return Resolve(spec, ns, findings, "spec.mirroring").With(filters);
    }

    private static ResolvedService Fail(Findings findings, string code, string message, string field)
    {
        findings.Error(code, message, field);
        return ResolvedService.Unavailable;
    }
}
