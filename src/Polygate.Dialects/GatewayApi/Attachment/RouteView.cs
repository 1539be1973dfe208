using System.Runtime.CompilerServices;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Rules;
using Polygate.Dialects.GatewayApi.Streams;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>
/// A route with what can be said about it from its own object alone. The route's translation, its
/// Gateways' counts and its backends' policies all look at it, so it is read once.
/// </summary>
internal sealed class RouteView
{
    /// <summary>Stands in <see cref="Domains"/> for host names that are not of one domain.</summary>
    public const string AnyDomain = "*";

    private static readonly ConditionalWeakTable<Resource, RouteView> Known = [];
    private static readonly RecentValues<string?[]> Keys = new(256, new ArrayComparer<string?>());
    private static readonly string[] AnyDomainAlone = [AnyDomain];

    private RouteView(Resource resource, RouteSpec spec, IReadOnlyList<RuleView> rules)
    {
        Resource = resource;
        Parents = spec.ParentRefs ?? [];
        ParentKeys = KeysOf(Parents, resource.Namespace);
        Hostnames = ((spec as HostRouteSpec)?.Hostnames ?? []).Select(Attachment.Hostnames.Normalize).Distinct(StringComparer.Ordinal).ToArray();
        Domains = Hostnames.Count == 0
            ? AnyDomainAlone
            : Hostnames.Select(hostname => Attachment.Hostnames.Domain(hostname) ?? AnyDomain).Distinct(StringComparer.Ordinal).ToArray();
        Rules = rules;
        Rejection = rules.Count > 0 && rules.All(rule => rule.Problem is not null) ? rules[0].Problem : null;
        UsesDefaultGateways = spec.UseDefaultGateways is "All";
    }

    private RouteView(RouteView route, IEnumerable<ParentReference> further)
    {
        Resource = route.Resource;
        Parents = [.. route.Parents, .. further];
        ParentKeys = KeysOf(Parents, Resource.Namespace);
        Hostnames = route.Hostnames;
        Domains = route.Domains;
        Rules = route.Rules;
        Rejection = route.Rejection;
        UsesDefaultGateways = route.UsesDefaultGateways;
    }

    /// <summary>A route of any kind; null for other objects.</summary>
    public static RouteView? TryOf(Resource resource) => resource switch
    {
        Resource<HTTPRoute> route => Of(route),
        Resource<GRPCRoute> route => Of(route),
        Resource<TLSRoute> route => Known.GetValue(route, static found => Of(found, ((Resource<TLSRoute>)found).Value.Spec, ((Resource<TLSRoute>)found).Value.Spec.Rules)),
        Resource<TCPRoute> route => Known.GetValue(route, static found => Of(found, ((Resource<TCPRoute>)found).Value.Spec, ((Resource<TCPRoute>)found).Value.Spec.Rules)),
        Resource<UDPRoute> route => Known.GetValue(route, static found => Of(found, ((Resource<UDPRoute>)found).Value.Spec, ((Resource<UDPRoute>)found).Value.Spec.Rules)),
        _ => null,
    };

    public Resource Resource { get; }

    /// <summary>Whether it is for HTTP requests, otherwise for streams.</summary>
    public bool IsHttp => Kind is "HTTPRoute" or "GRPCRoute";

    public string Kind => Resource.Key.Kind;

    public IReadOnlyList<ParentReference> Parents { get; }

    /// <summary>The keys of <see cref="Parents"/>; null for kinds that routes cannot be attached to.</summary>
    public IReadOnlyList<string?> ParentKeys { get; }

    /// <summary>Normalized; none: every host of the listener.</summary>
    public IReadOnlyList<string> Hostnames { get; }

    /// <summary>The domains of the host names (see <see cref="Attachment.Hostnames.Domain"/>): only routes with one in common may exclude each other.</summary>
    public IReadOnlyList<string> Domains { get; }

    public IReadOnlyList<RuleView> Rules { get; }

    /// <summary>Whether it has parents that it does not name (<see cref="DefaultGateways"/>).</summary>
    public bool UsesDefaultGateways { get; }

    /// <summary>The first rule's problem when no rule can be served; null when some can, or there are none.</summary>
    public Problem? Rejection { get; }

    public static RouteView Of(Resource<HTTPRoute> route) =>
        Known.GetValue(route, static found => new RouteView(found, ((Resource<HTTPRoute>)found).Value.Spec, HttpRules.Read(((Resource<HTTPRoute>)found).Value.Spec)));

    public static RouteView Of(Resource<GRPCRoute> route) =>
        Known.GetValue(route, static found => new RouteView(found, ((Resource<GRPCRoute>)found).Value.Spec, GrpcRules.Read(((Resource<GRPCRoute>)found).Value.Spec)));

    private static string?[] KeysOf(IReadOnlyList<ParentReference> parents, string ns) =>
        Keys.Share([.. parents.Select(parent => GatewayApiIndexes.ParentKey(parent, ns))]);

    private static RouteView Of(Resource route, RouteSpec spec, IReadOnlyList<StreamRouteRule>? rules) => new(route, spec, StreamRules.Read(rules));

    /// <summary>The same route with further parents.</summary>
    public RouteView With(IEnumerable<ParentReference> further) => new(this, further);

    /// <summary>Whether this route comes before another of the other kind where only one of them can be had.</summary>
    public bool Precedes(RouteView other)
    {
        var order = Resource.Created.CompareTo(other.Resource.Created);
        order = order != 0 ? order : string.CompareOrdinal(Resource.FullName, other.Resource.FullName);
        return (order != 0 ? order : string.CompareOrdinal(Kind, other.Kind)) < 0;
    }

    /// <summary>Whether another state of this route is attached in the same way: all that <see cref="RouteAttachment"/> reads is the same.</summary>
    public bool AttachesLike(RouteView other) =>
        Resource.Created == other.Resource.Created
        && Rejection == other.Rejection
        && UsesDefaultGateways == other.UsesDefaultGateways
        && Hostnames.SequenceEqual(other.Hostnames, StringComparer.Ordinal)
        && ParentKeys.SequenceEqual(other.ParentKeys, StringComparer.Ordinal)
        && Parents.Count == other.Parents.Count
        && Enumerable.Range(0, Parents.Count).All(i => Parents[i].SectionName == other.Parents[i].SectionName && Parents[i].Port == other.Parents[i].Port);

    /// <summary>The keys (<see cref="GatewayApiIndexes.BackendKey"/>) of the Services and XBackends that requests, or copies of them, are sent to.</summary>
    public IEnumerable<string> Backends() =>
        Rules.SelectMany(rule => rule.BackendReferences()).Select(entry => entry.Reference)
            .Select(reference => GatewayApiIndexes.BackendKey(reference.Group, reference.Kind, reference.Namespace ?? Resource.Namespace, reference.Name)).OfType<string>();
}
