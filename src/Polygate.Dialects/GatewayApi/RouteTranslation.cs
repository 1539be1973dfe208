using System.Text.Json;
using Polygate.Dialects.GatewayApi.Addresses;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Backends;
using Polygate.Dialects.GatewayApi.Policies;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Rules;
using Polygate.Dialects.GatewayApi.Status;
using Polygate.Dialects.GatewayApi.Streams;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi;

/// <summary>Translates a route: a route of the model for each rule on each Gateway, and its status.</summary>
internal sealed class RouteTranslation
{
    private readonly TranslationContext context;
    private readonly GatewayApiOptions options;
    private readonly RouteView route;
    private readonly RouteReport report;

    public RouteTranslation(TranslationContext context, GatewayApiOptions options, RouteView route)
    {
        this.context = context;
        this.options = options;
        this.route = route;
        report = new RouteReport(context);
    }

    public void Run()
    {
        ReportUnsupported();
        var parents = Attach();
        if (parents.Count == 0)
        {
            return;
        }

        foreach (var rule in route.Rules.Where(rule => rule.Problem is not null))
        {
            report.Problem(rule.Problem!);
        }

        var served = parents.Where(parent => parent.Result.Rejection is null).GroupBy(parent => parent.Parent.Gateway!).ToList();
        foreach (var gateway in served)
        {
            Translate(gateway.Key, gateway.SelectMany(parent => parent.Result.Listeners));
        }

        if (served.Count == 0)
        {
            CheckReferences();
        }

        SetStatus(parents);
    }

    private void ReportUnsupported()
    {
        if (route.Parents.Count == 0)
        {
            context.Warning(
                "no-parent",
                route.UsesDefaultGateways ? "There is no default Gateway, so nothing is served by the route." : "The route names no parent, so nothing is served by it.",
                route.UsesDefaultGateways ? "spec.useDefaultGateways" : "spec.parentRefs");
        }

        for (var i = 0; i < route.Hostnames.Count; i++)
        {
            if (Hostnames.Problem(route.Hostnames[i]) is { } problem)
            {
                context.Error("unsupported-value", $"No request has this host name: {problem}.", "spec.hostnames");
            }
        }
    }

    /// <summary>The parents that are this gateway's business, with what became of the route there.</summary>
    private List<AttachedParent> Attach()
    {
        var attached = new List<AttachedParent>();
        for (var i = 0; i < route.Parents.Count; i++)
        {
            var reference = route.Parents[i];
            var parent = Parent.Resolve(context, options, route.Resource, reference, i);
            var field = $"spec.parentRefs[{i}]";
            switch (parent.Kind)
            {
                case ParentKind.Ours:
                    var result = parent.Attach(context, route, i);
                    attached.Add(new AttachedParent(reference, parent, result));
                    if (result.Rejection is { } rejection)
                    {
                        report.Problem(rejection);
                    }

                    break;
                case ParentKind.Missing:
                    context.Error("missing-parent", $"There is no {reference.Kind ?? "Gateway"} {reference.Namespace ?? route.Resource.Namespace}/{reference.Name} to attach to.", field);
                    break;
                case ParentKind.Unsupported:
                    context.Warning("unsupported-field", $"Routes are attached to Gateways and ListenerSets, not to a {reference.Kind}.", field);
                    break;
            }
        }

        return attached;
    }

    private void Translate(GatewayView gateway, IEnumerable<AttachedListener> attached)
    {
        // Several parent references may select one listener; what is not sound, or has lost its port to another Gateway, is counted but not served.
        var conflicts = new PortConflicts(context, options);
        var listeners = GatewayClasses.Rejection(context, gateway) is null
            ? attached.Where(entry => entry.Listener.IsSound).DistinctBy(entry => entry.Listener.Field + "/" + entry.Listener.Owner.Key)
                .Where(entry => !conflicts.IsLost(entry.Listener)).ToList()
            : [];
        if (listeners.Count == 0)
        {
            CheckReferences();
            return;
        }

        var backends = new RouteBackends(context, route.Resource, gateway.Gateway, report);
        if (!route.IsHttp)
        {
            var streams = new StreamTranslation(context, options, route, backends);
            foreach (var rule in route.Rules.Where(rule => rule.Problem is null))
            {
                streams.Add(gateway, rule, listeners);
            }

            return;
        }

        var rules = new RuleTranslation(route, backends, report, listeners.All(entry => entry.Listener.IsHttps));
        foreach (var rule in route.Rules.Where(rule => rule.Problem is null))
        {
            var (filters, action) = rules.Translate(rule);
            var id = $"gateway-api/{route.Kind}/{route.Resource.FullName}/{rules.Key(rule)}@{gateway.Gateway.FullName}";

            // Listeners with different policies are different routes.
            foreach (var alike in listeners.GroupBy(entry => EffectivePolicies.Of(context, route, rule, entry.Listener), EffectiveGroupComparer.Instance))
            {
                context.Add(new Route(
                    alike.Count() == listeners.Count ? id : $"{id}?listener={alike.First().Listener.Owner.Name}/{alike.First().Listener.Name}",
                    context.Origin(rule.Field),
                    gateway.Scope,
                    route.Resource.Created,
                    alike.Select(entry => Binding(entry, rule)).ToValueList(),
                    RoutePolicyFilters.Join(context, alike.Key, gateway.Gateway, filters),
                    action));
            }
        }
    }

    private RouteBinding Binding(AttachedListener attached, RuleView rule)
    {
        var matches = attached.Hostnames.SelectMany(hostname => rule.Matches.Select((match, place) => new RouteMatch(
            HostPattern.Parse(hostname), match.Path, match.Conditions, Precedence.Of(hostname, match, route, rule.Index, place)))).ToValueList();
        var host = HostPattern.Parse(attached.Listener.Hostname);
        return new RouteBinding(GatewayAddresses.Key(options, attached.Listener), host, matches);
    }

    /// <summary>References are resolved, and reported, also where nothing is served.</summary>
    private void CheckReferences()
    {
        foreach (var rule in route.Rules.Where(rule => rule.Problem is null))
        {
            foreach (var (reference, field) in rule.BackendReferences())
            {
                if (BackendReferences.Resolve(context, route.Resource, reference, field).Problem is { } problem)
                {
                    report.Unresolved(problem);
                }
            }
        }
    }

    private void SetStatus(List<AttachedParent> attached) =>
        context.SetStatus(route.Resource, JsonText.Of((Translation: this, Attached: attached), static (all, writer) => all.Translation.WriteStatus(all.Attached, writer)));

    private void WriteStatus(List<AttachedParent> attached, Utf8JsonWriter writer)
    {
        var dropped = route.Rules.Where(rule => rule.Problem is not null).ToList();
        writer.WriteStartObject();
        writer.WriteStartArray("parents"u8);
        foreach (var (reference, _, result) in attached)
        {
            writer.WriteStartObject();
            writer.WritePropertyName("parentRef"u8);
            Write(reference, writer);
            writer.WriteString("controllerName"u8, options.ControllerName);
            writer.WritePropertyName("conditions"u8);
            Condition.Write(Conditions(result, dropped), route.Resource, writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private Condition[] Conditions(AttachmentResult result, List<RuleView> dropped)
    {
        var accepted = Condition.Of("Accepted", "Accepted", "The route is attached.", result.Rejection);
        var resolved = Condition.Of("ResolvedRefs", "ResolvedRefs", "All references are resolved.", report.FirstUnresolved);
        return dropped.Count == 0 || result.Rejection is not null ? [accepted, resolved] :
        [
            accepted,
            resolved,
            new Condition(
                "PartiallyInvalid",
                true,
                "UnsupportedValue",
                $"Dropped Rule {string.Join(", ", dropped.Select(rule => rule.Index))}: {dropped[0].Problem!.Field}: {dropped[0].Problem!.Message}"),
        ];
    }

    /// <summary>The reference as the route writes it, with the API's defaults.</summary>
    private static void Write(ParentReference reference, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("group"u8, reference.Group ?? GatewayApiTypes.Group);
        writer.WriteString("kind"u8, reference.Kind ?? "Gateway");
        if (reference.Namespace is { } ns)
        {
            writer.WriteString("namespace"u8, ns);
        }

        writer.WriteString("name"u8, reference.Name);
        if (reference.SectionName is { } section)
        {
            writer.WriteString("sectionName"u8, section);
        }

        if (reference.Port is { } port)
        {
            writer.WriteNumber("port"u8, port);
        }

        writer.WriteEndObject();
    }

    private sealed record AttachedParent(ParentReference Reference, Parent Parent, AttachmentResult Result);
}
