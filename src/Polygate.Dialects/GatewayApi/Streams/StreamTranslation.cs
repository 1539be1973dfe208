using Polygate.Dialects.GatewayApi.Addresses;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Backends;
using Polygate.Dialects.GatewayApi.Policies;
using Polygate.Dialects.GatewayApi.Rules;
using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Streams;

/// <summary>
/// Translates the rule of a TLSRoute, TCPRoute or UDPRoute on one Gateway. TLS connections are told apart by server name; of several TCP or
/// UDP routes on a listener the oldest gets everything.
/// </summary>
internal sealed class StreamTranslation
{
    private readonly TranslationContext context;
    private readonly GatewayApiOptions options;
    private readonly RouteView route;
    private readonly RouteBackends backends;

    /// <param name="context">Where routes go.</param>
    /// <param name="options">How Gateways are served here.</param>
    /// <param name="route">The route.</param>
    /// <param name="backends">Where its backends go.</param>
    public StreamTranslation(TranslationContext context, GatewayApiOptions options, RouteView route, RouteBackends backends)
    {
        this.context = context;
        this.options = options;
        this.route = route;
        this.backends = backends;
    }

    /// <summary>Closes the connections to a TLS listener whose server names no route has, before any other listener of the port gets them.</summary>
    public static StreamRoute Refusal(GatewayView gateway, ListenerView listener, ListenerKey key, Origin origin)
    {
        var host = HostPattern.Parse(listener.Hostname);
        return new StreamRoute(
            $"gateway-api/{listener.Owner.Key.Kind}/{listener.Owner.FullName}/{listener.Name}/refusal",
            origin,
            gateway.Scope,
            long.MaxValue,
            [new StreamBinding(key, host, [new StreamMatch(host, [], new RoutePrecedence([long.MaxValue]))])],
            [])
        { Tls = StreamTls.Passthrough };
    }

    /// <summary>Adds the route of a rule; one for each of passthrough and termination where it is on listeners of both.</summary>
    public void Add(GatewayView gateway, RuleView rule, IReadOnlyList<AttachedListener> listeners)
    {
        foreach (var (tls, demands, group) in Alike(rule, listeners))
        {
            var bindings = group.Select(entry => new StreamBinding(
                GatewayAddresses.Key(options, entry.Listener),
                HostPattern.Parse(entry.Listener.Listener.Protocol == "TLS" ? entry.Listener.Hostname : ""),
                entry.Hostnames.Select(Match).ToValueList()));
            context.Add(new StreamRoute(
                $"gateway-api/{route.Kind}/{route.Resource.FullName}/{rule.Index}@{gateway.Gateway.FullName}{(tls == StreamTls.Terminate ? "?terminate" : "")}"
                    + (group.Count == listeners.Count(entry => TlsOf(entry.Listener) == tls) ? "" : $"?listener={group[0].Listener.Owner.Name}/{group[0].Listener.Name}"),
                context.Origin(rule.Field),
                gateway.Scope,
                route.Resource.Created,
                bindings.ToValueList(),
                demands.IsRefused ? [] : Backends(rule, tls))
            { Tls = tls, AllowClients = demands.Allow, DenyClients = demands.Deny });
        }
    }

    /// <summary>The listeners by what happens to TLS and what policies demand there: each kind is a route of its own.</summary>
    private IEnumerable<(StreamTls Tls, StreamDemands Demands, IReadOnlyList<AttachedListener> Listeners)> Alike(RuleView rule, IReadOnlyList<AttachedListener> listeners) =>
        listeners.GroupBy(entry => (Tls: TlsOf(entry.Listener), Demands: StreamDemands.Of(context, EffectivePolicies.Of(context, route, rule, entry.Listener))))
            .Select(group => (group.Key.Tls, group.Key.Demands, (IReadOnlyList<AttachedListener>)[.. group]));

    private static StreamTls TlsOf(ListenerView listener) =>
        listener.Listener.Protocol != "TLS" ? StreamTls.None : listener.TerminatesTls ? StreamTls.Terminate : StreamTls.Passthrough;

    private StreamMatch Match(string hostname)
    {
        var kind = hostname.Length == 0 ? 2 : Hostnames.IsWildcard(hostname) ? 1 : 0;
        var host = route.Kind == "TLSRoute" ? HostPattern.Parse(hostname) : HostPattern.Any;
        return new StreamMatch(host, [], new RoutePrecedence([kind, -hostname.Length, route.Resource.Created], route.Resource.FullName));
    }

    private ValueList<WeightedBackend> Backends(RuleView rule, StreamTls tls)
    {
        var targets = new List<WeightedBackend>();
        for (var i = 0; i < (rule.Rule.BackendRefs?.Count ?? 0); i++)
        {
            var reference = rule.Rule.BackendRefs![i];
            targets.Add(new WeightedBackend(backends.GetStream(reference, $"{rule.Field}.backendRefs[{i}]", tls == StreamTls.Terminate), reference.Weight ?? 1));
        }

        return targets.ToValueList();
    }
}
