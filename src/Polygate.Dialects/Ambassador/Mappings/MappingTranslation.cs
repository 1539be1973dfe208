using System.Globalization;
using System.Text.Json.Nodes;
using Polygate.Dialects.Ambassador.Hosts;
using Polygate.Dialects.Ambassador.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Ambassador.Mappings;

/// <summary>
/// Translates one Mapping: on each Host that takes it, its share of its group's requests, and for requests without TLS
/// what the Host says about those.
/// </summary>
internal sealed class MappingTranslation
{
    private readonly MappingView mapping;
    private readonly TranslationContext context;
    private readonly Installation installation;
    private readonly IReadOnlyList<ServedListener> listeners;
    private readonly MappingReport report;
    private string inactive = "";

    private MappingTranslation(Resource<Mapping> resource, TranslationContext context)
    {
        mapping = new MappingView(resource);
        this.context = context;
        report = new MappingReport(context);
        installation = Installation.Read(context);
        listeners = ServedListener.All(context);
    }

    public static void Translate(Resource<Mapping> resource, TranslationContext context)
    {
        if (!Installation.IsOurs(resource.Value.Spec.AmbassadorId))
        {
            context.Info("other-installation", "The ambassador_id names another installation; the Mapping is not read.", "spec.ambassador_id");
            return;
        }

        var translation = new MappingTranslation(resource, context);
        translation.Translate();
        context.SetStatus(resource, translation.inactive.Length == 0
            ? new JsonObject { ["state"] = "Running" }
            : new JsonObject { ["state"] = "Inactive", ["reason"] = translation.inactive });
    }

    private void Translate()
    {
        MappingSpec.Fields.Report(mapping.Spec, "spec", context);
        MappingCheck.Report(mapping, context);
        if (MappingRules.Problem(mapping, context) is { } problem)
        {
            inactive = problem.Message;
            report.Error(problem.Code, problem.Message, problem.Field);
            return;
        }

        var hosts = ServedHost.For(context, mapping);
        if (hosts.Count == 0)
        {
            inactive = mapping.Hostname is null
                ? "No Host takes this Mapping: it has no hostname, and no Host's mappingSelector fits its labels."
                : $"No Host takes this Mapping: none has a hostname that overlaps {mapping.Hostname} (and a mappingSelector, if any, that fits its labels).";
            context.Warning("not-attached", inactive);
            return;
        }

        if (!hosts.Any(host => listeners.Any(listener => listener.Binds(host))))
        {
            inactive = listeners.Count == 0
                ? "There is no Listener: a port is open only where a Listener is written."
                : "No Listener binds a Host that takes this Mapping.";
            context.Warning("no-listener", inactive);
            return;
        }

        var backend = mapping.IsRedirect ? null : MappingBackends.Find(mapping, context, installation);
        foreach (var host in hosts)
        {
            Serve(host, backend);
        }
    }

    private void Serve(ServedHost host, Backend? backend)
    {
        var group = MappingGroup.Of(mapping, host, context);
        if (group.ProblemOf(mapping) is { } problem)
        {
            inactive = problem.Message;
            report.Error(problem.Code, problem.Message, problem.Field);
            return;
        }

        if (mapping.IsShadow)
        {
            return;
        }

        var bound = listeners.Where(listener => listener.Binds(host)).ToList();
        var id = $"ambassador/{mapping.Resource.FullName}/{host.Name}";
        var forward = bound.Select(listener => Binding(host, group, listener, SecureCondition(host, listener))).OfType<RouteBinding>().ToValueList();
        if (!forward.IsEmpty)
        {
            if (backend is not null)
            {
                context.Add(backend);
            }

            context.Add(new Route(
                id, context.Origin("spec"), AmbassadorDialect.Scope, mapping.Resource.Created, forward,
                MappingFilters.Of(mapping, group, Shadow(group), installation, report),
                mapping.IsRedirect ? MappingActions.Redirect(mapping) : MappingActions.Forward(mapping, group, backend, installation, report)));
        }

        var redirect = bound.Select(listener => Binding(host, group, listener, RedirectCondition(host, listener))).OfType<RouteBinding>().ToValueList();
        if (!redirect.IsEmpty)
        {
            context.Add(new Route(
                id + "/insecure", context.Origin("spec"), AmbassadorDialect.Scope, mapping.Resource.Created, redirect,
                [], new RedirectAction { Status = 301, Scheme = "https" }));
        }
    }

    private Backend? Shadow(MappingGroup group)
    {
        if (group.Shadow is null || MappingBackends.Find(group.Shadow, context, installation) is not { } shadow)
        {
            return null;
        }

        context.Add(shadow);
        return shadow;
    }

    /// <summary>Which requests are served: all where insecure ones are, otherwise the secure ones; null for none.</summary>
    private static ValueList<MatchCondition>? SecureCondition(ServedHost host, ServedListener listener) => (host.Insecure, listener.Security) switch
    {
        (InsecureAction.Route, _) or (_, SecurityModel.Secure) => [],
        (_, SecurityModel.ForwardedProtocol) => [new TlsCondition()],
        _ => null,
    };

    /// <summary>Which requests are redirected to TLS; null for none.</summary>
    private static ValueList<MatchCondition>? RedirectCondition(ServedHost host, ServedListener listener) => (host.Insecure, listener.Security) switch
    {
        (InsecureAction.Redirect, SecurityModel.ForwardedProtocol) => [new TlsCondition { Negated = true }],
        (InsecureAction.Redirect, SecurityModel.Insecure) => [],
        _ => null,
    };

    private RouteBinding? Binding(ServedHost host, MappingGroup group, ServedListener listener, ValueList<MatchCondition>? security)
    {
        if (security is null)
        {
            return null;
        }

        var index = group.IndexOf(mapping);
        var below = group.Members[index].Below;
        var conditions = MappingMatch.Conditions(mapping).Concat(security.Value);
        if (below < 1)
        {
            conditions = conditions.Append(new ShareCondition($"ambassador/{host.Name}/{mapping.GroupName}", below));
        }

        var precedence = new RoutePrecedence(group.Rank(), $"{mapping.GroupName} {index.ToString("D6", CultureInfo.InvariantCulture)}");
        return new RouteBinding(
            listener.Key, host.Hostname.Pattern,
            [new RouteMatch(MappingMatch.Host(mapping, host.Hostname), MappingMatch.Path(mapping), conditions.ToValueList(), precedence)]);
    }
}
