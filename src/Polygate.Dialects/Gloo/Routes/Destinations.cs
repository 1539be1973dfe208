using Polygate.Dialects.Common;
using Polygate.Dialects.Gloo.Options;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Dialects.Gloo.Upstreams;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.Routes;

/// <summary>Resolves destinations to backends and collects the backends. What is missing answers its share with an error.</summary>
internal sealed class Destinations
{
    private readonly IResourceLookup lookup;
    private readonly Findings findings;
    private readonly GlooSettings settings;
    private readonly Dictionary<string, Backend> backends = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Certificate> certificates = new(StringComparer.Ordinal);

    public Destinations(IResourceLookup lookup, Findings findings, GlooSettings settings)
    {
        this.lookup = lookup;
        this.findings = findings;
        this.settings = settings;
    }

    /// <summary>Every backend that was resolved.</summary>
    public IEnumerable<Backend> Backends => backends.Values;

    /// <summary>The client certificates they show.</summary>
    public IEnumerable<Certificate> Certificates => certificates.Values;

    /// <summary>One destination. A reference without namespace means the namespace of <paramref name="owner"/>.</summary>
    public WeightedBackend Single(DestinationSpec destination, string field, Resource owner, Func<Backend, Backend>? adapt = null) =>
        Weighted(Resolve(destination, field, owner, owner.Namespace), 1, adapt);

    /// <summary>Weighted destinations written in a route.</summary>
    public ValueList<WeightedBackend> Multi(
        IReadOnlyList<WeightedDestination>? destinations, string field, Resource owner, Func<Backend, Backend>? adapt = null) =>
        Shares(destinations, field, owner, owner.Namespace, adapt);

    /// <summary>The destinations of an upstream group; their references must name a namespace.</summary>
    /// <param name="group">The group.</param>
    /// <param name="owner">The object whose verdict counts.</param>
    /// <param name="field">Where the group is named, or its destinations stand.</param>
    /// <param name="adapt">What the route makes of each backend.</param>
    public ValueList<WeightedBackend> Group(
        Resource<UpstreamGroup> group, Resource owner, string field, Func<Backend, Backend>? adapt = null) =>
        Shares(group.Value.Spec.Destinations, group.Key == owner.Key ? field : "spec.destinations", group, "", adapt);

    /// <summary>An upstream by name, as mirrored requests need it; null (and a finding) when it does not exist.</summary>
    public Backend? Upstream(ResourceRef? reference, string field, Resource owner) =>
        Keep(ByName(reference, field, owner, owner.Namespace));

    private ValueList<WeightedBackend> Shares(
        IReadOnlyList<WeightedDestination>? destinations, string field, Resource owner, string ns, Func<Backend, Backend>? adapt)
    {
        var result = new List<WeightedBackend>();
        for (var i = 0; i < (destinations?.Count ?? 0); i++)
        {
            var (weighted, at) = (destinations![i], $"{field}[{i}]");
            var resolved = Resolve(weighted.Destination ?? new DestinationSpec(), at + ".destination", owner, ns);
            result.Add(Weighted(resolved, (int)Math.Clamp(weighted.Weight ?? 0, 0, int.MaxValue), adapt) with
            {
                Filters = Filters(weighted.Options, at + ".options", owner),
            });
        }

        if (result.Sum(backend => (long)backend.Weight) < 1)
        {
            findings.Reject("invalid-field", "The weights must add up to at least 1; a destination without weight has 0.", field, owner);
        }

        return result.ToValueList();
    }

    private ValueList<Filter> Filters(DestinationOptions? options, string field, Resource owner)
    {
        if (options is null)
        {
            return [];
        }

        findings.Fields(DestinationOptions.Fields, options, field, owner);
        var headers = HeaderFilters.Of(options.HeaderManipulation, field + ".headerManipulation", owner, findings);
        var restricted = DestinationOptions.Fields.Restricting.Any(name => options.Field(name) is { } value && !FieldTable.IsSwitchedOff(value));
        return (restricted ? headers.Prepend(new RefuseFilter(503)) : headers).ToValueList();
    }

    private WeightedBackend Weighted(Backend? backend, int weight, Func<Backend, Backend>? adapt) =>
        Keep(backend is null || adapt is null ? backend : adapt(backend)) is { } kept
            ? new WeightedBackend(kept.Id, weight)
            : new WeightedBackend(null, weight) { ErrorStatus = settings.MissingDestinationAnswer.Status };

    private Backend? Keep(Backend? backend)
    {
        if (backend is not null)
        {
            backends[backend.Id] = backend;
        }

        return backend;
    }

    private Backend? Resolve(DestinationSpec destination, string field, Resource owner, string ns)
    {
        findings.Unsupported(destination.FunctionSpec is not null, field + ".destinationSpec", owner);
        findings.Unsupported(destination.Subset is not null, field + ".subset", owner);
        if (destination.Consul is not null)
        {
            findings.Refuse("unsupported-field", "Consul destinations are not supported yet; the destination answers with an error.", field + ".consul", owner);
            return null;
        }

        if (destination.Kube is { } kube)
        {
            return Service(kube, field + ".kube", owner, ns);
        }

        if (destination.Upstream is null)
        {
            findings.Reject("invalid-field", "A destination needs an upstream or a kube Service.", field, owner);
            return null;
        }

        return ByName(destination.Upstream, field + ".upstream", owner, ns);
    }

    private Backend? Service(KubeDestination kube, string field, Resource owner, string ns)
    {
        if (!settings.AllowsServiceDestinations)
        {
            findings.Reject("invalid-field", "The settings disable kube destinations (disableKubernetesDestinations).", field, owner);
            return null;
        }

        ns = string.IsNullOrEmpty(kube.Ref?.Namespace) ? ns : kube.Ref.Namespace;
        if (ServiceBackends.ByNumber(lookup, ns, kube.Ref?.Name ?? "", kube.Port ?? 0) is not { } port)
        {
            findings.Warn("missing-reference", $"The Service {ns}/{kube.Ref?.Name} with port {kube.Port} does not exist.", field, owner);
            return null;
        }

        var name = $"kube-svc:{DiscoveredUpstreams.NameOf(port.Service, port.Port)}";
        return Take(UpstreamBackends.Make(lookup, ns, name, DiscoveredUpstreams.SpecOf(port.Service, port.Port)), $"The Service {port.Name}", field, owner);
    }

    private Backend? ByName(ResourceRef? reference, string field, Resource owner, string ns)
    {
        var name = reference?.Name ?? "";
        ns = string.IsNullOrEmpty(reference?.Namespace) ? ns : reference.Namespace;
        var spec = lookup.Get<Upstream>(ns, name)?.Value.Spec;
        if (spec is null && ns == settings.DiscoveryNamespace)
        {
            spec = DiscoveredUpstreams.Find(lookup, settings, name);
        }

        if (spec is null)
        {
            findings.Warn(
                "missing-reference",
                $"There is no Upstream {ns}/{name}, and no Service port is discovered under this name; its share is answered {settings.MissingDestinationAnswer.Status}.",
                field, owner);
            return null;
        }

        return Take(UpstreamBackends.Make(lookup, ns, name, spec), $"The Upstream {ns}/{name}", field, owner);
    }

    private Backend? Take(UpstreamBackend made, string what, string field, Resource owner)
    {
        if (made.Backend is null)
        {
            findings.Warn("unusable-upstream", $"{what} cannot be used: {made.Problem}", field, owner);
        }

        if (made.ClientCertificate is { } certificate)
        {
            certificates[certificate.Id] = certificate;
        }

        return made.Backend;
    }
}
