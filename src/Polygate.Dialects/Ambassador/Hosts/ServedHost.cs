using System.Text.Json;
using Polygate.Dialects.Ambassador.Mappings;
using Polygate.Dialects.Ambassador.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Ambassador.Hosts;

/// <summary>What happens to requests that came without TLS.</summary>
internal enum InsecureAction
{
    Redirect,
    Reject,
    Route,
}

/// <summary>A Host in force, or the one for every name that stands in when no Host is written.</summary>
/// <param name="Name">Namespace/name; <c>*</c> for the one that stands in.</param>
/// <param name="Hostname">The names it is for.</param>
/// <param name="Insecure">What happens to requests without TLS.</param>
internal sealed record ServedHost(string Name, Glob Hostname, InsecureAction Insecure)
{
    /// <summary>The Host; null for the one that stands in.</summary>
    public Resource<AmbassadorHost>? Source { get; init; }

    /// <summary>Its TLS; null without.</summary>
    public HostTls? Tls { get; init; }

    private LabelSelector? Selector => Source?.Value.Spec is { } spec ? spec.MappingSelector ?? spec.Selector : null;

    /// <summary>The Hosts in force. When none is written, every name is served without TLS.</summary>
    public static IReadOnlyList<ServedHost> All(IResourceLookup lookup) => Where(lookup, _ => true);

    /// <summary>The Hosts in force that take a Mapping.</summary>
    public static IReadOnlyList<ServedHost> For(IResourceLookup lookup, MappingView mapping) => Where(lookup, host => host.Takes(mapping));

    /// <summary>A Host in force; null with a problem when it cannot be.</summary>
    public static ServedHost? Read(IResourceLookup lookup, Resource<AmbassadorHost> host, out HostProblem problem)
    {
        var served = WithoutTls(host);
        if (!served.Hostname.IsValid)
        {
            problem = new HostProblem("invalid-field", $"{served.Hostname} is not a host name: a * stands alone, first or last.", "spec.hostname");
            return null;
        }

        var tls = HostTls.Read(lookup, host, out problem);
        return problem.Message.Length > 0 ? null : served with { Tls = tls };
    }

    /// <summary>Certificates are looked at only for the Hosts that are wanted: there may be thousands.</summary>
    private static IReadOnlyList<ServedHost> Where(IResourceLookup lookup, Func<ServedHost, bool> isWanted)
    {
        var written = lookup.List<AmbassadorHost>().Where(host => Installation.IsOurs(host.Value.Spec.AmbassadorId)).ToList();
        return written.Count == 0
            ? [.. new[] { new ServedHost("*", new Glob("*"), InsecureAction.Route) }.Where(isWanted)]
            : [.. written.Where(host => isWanted(WithoutTls(host))).Select(host => Read(lookup, host, out _)).OfType<ServedHost>()];
    }

    private static ServedHost WithoutTls(Resource<AmbassadorHost> host)
    {
        var spec = host.Value.Spec;
        var action = spec.RequestPolicy?.Insecure?.Action switch
        {
            "Reject" => InsecureAction.Reject,
            "Route" => InsecureAction.Route,
            _ => InsecureAction.Redirect,
        };
        return new ServedHost(host.FullName, new Glob(string.IsNullOrEmpty(spec.Hostname) ? "*" : spec.Hostname), action) { Source = host };
    }

    /// <summary>
    /// Whether a Mapping belongs here: by selector where there is one (all labels), by host name where the Mapping has one (the
    /// globs overlap), by both where there are both, and never by neither.
    /// </summary>
    public bool Takes(MappingView mapping)
    {
        if (Selector is { } selector)
        {
            return HasLabels(mapping.Resource, selector) && (mapping.Hostname is null || mapping.Overlaps(Hostname));
        }

        return mapping.Hostname is not null && mapping.Overlaps(Hostname);
    }

    /// <summary>Whether an object has all labels of a selector; one with expressions, which are not supported, selects nothing.</summary>
    public static bool HasLabels(Resource resource, LabelSelector selector) =>
        selector.MatchExpressions is not { ValueKind: JsonValueKind.Array }
        && (selector.MatchLabels ?? new Dictionary<string, string>()).All(pair => resource.Label(pair.Key) == pair.Value);
}

/// <summary>Why a Host is not in force.</summary>
internal readonly record struct HostProblem(string Code, string Message, string Field)
{
    public static HostProblem None => new("", "", "");
}
