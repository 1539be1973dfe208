using System.Globalization;
using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Ingress;

/// <summary>
/// Translates one Ingress. Each rule host is a virtual host: precise before wildcard before none, without falling
/// through. Inside it the longest path wins, Exact over Prefix, then the older Ingress, then namespace and name.
/// </summary>
internal sealed class IngressTranslation
{
    public const string Scope = "ingress";

    private static readonly ListenerKey Http = new(80);
    private static readonly ListenerKey Https = new(443);

    private readonly IngressDialect dialect;
    /// <summary>The Ingress conformance suite asks every answer to say what served it.</summary>
    private static readonly ResponseHeaderFilter SaysServer = new(new HeaderChanges { SetIfAbsent = [new HeaderValue("Server", "polygate")] });

    private readonly Resource<V1Ingress> ingress;
    private readonly TranslationContext context;
    private readonly IngressRules rules;
    private int routes;

    public IngressTranslation(IngressDialect dialect, Resource<V1Ingress> ingress, TranslationContext context)
    {
        this.dialect = dialect;
        this.ingress = ingress;
        this.context = context;
        rules = IngressSpecs.Read(ingress);
    }

    public void Run()
    {
        foreach (var problem in rules.Problems)
        {
            context.Error("invalid-field", problem.Message, problem.Field);
        }

        context.Add(new Listener(Http, ListenerProtocol.Http, context.Origin()));
        foreach (var rule in rules.Rules)
        {
            AddRule(rule);
        }

        AddDefaultBackend();
        new IngressTls(dialect, ingress, context).Run(Https);
    }

    private void AddRule(IngressRule rule)
    {
        // A rule without paths still claims its host: what is not there is the default backend's or a 404, not another rule's.
        if (rule.Paths.Count == 0)
        {
            foreach (var listener in (ReadOnlySpan<ListenerKey>)[Http, Https])
            {
                context.Add(new VirtualHost(Scope, listener, HostPattern.Parse(rule.Host, singleLabel: true), context.Origin(rule.Field)));
            }
        }

        foreach (var path in rule.Paths)
        {
            WarnOfConflict(rule.Host, path);
            var pattern = path.Exact ? PathPattern.Exact(path.Path) : PathPattern.ElementPrefix(path.Path);
            AddRoute(path.Field, [rule.Host], pattern, [0, -path.Path.Length, path.Exact ? 0 : 1, ingress.Created], path.Backend, path.Field + ".backend");
        }
    }

    /// <summary>Serves what no path matches: on the hosts of this Ingress, and on hosts that no rule names.</summary>
    private void AddDefaultBackend()
    {
        if (ingress.Value.Spec?.DefaultBackend is { } backend)
        {
            AddRoute(
                "spec.defaultBackend", rules.Hosts.Append("").Distinct(StringComparer.Ordinal), PathPattern.Any,
                [1, ingress.Created], backend, "spec.defaultBackend");
        }
    }

    private void AddRoute(
        string field, IEnumerable<string> hosts, PathPattern path, ValueList<long> precedence, V1IngressBackend? backend, string backendField)
    {
        // The number keeps paths of one Ingress in the order written where everything else is equal.
        var tieBreak = ingress.FullName + "#" + routes++.ToString("D4", CultureInfo.InvariantCulture);
        var match = new RouteMatch(HostPattern.Any, path, [], new RoutePrecedence(precedence, tieBreak));
        var bindings = hosts
            .Select(host => HostPattern.Parse(host, singleLabel: true))
            .SelectMany(host => new[] { new RouteBinding(Http, host, [match]), new RouteBinding(Https, host, [match]) });
        context.Add(new Route(
            $"{Scope}/{ingress.FullName}/{field}", context.Origin(field), Scope, ingress.Created, bindings.ToValueList(), [SaysServer],
            Forward(backend, backendField)));
    }

    private ForwardAction Forward(V1IngressBackend? backend, string field)
    {
        if (IngressBackends.Find(context, backend, field) is not { } port)
        {
            return new ForwardAction([]) { NoBackendStatus = 503 };
        }

        var plain = ServiceBackends.Plain(port);
        context.Add(plain);
        return new ForwardAction([new WeightedBackend(plain.Id)]);
    }

    private void WarnOfConflict(string host, IngressPath path)
    {
        var older = context.Find(IngressIndexes.ByClaim, IngressIndexes.Claim(host, path))
            .Where(other => other.Key != ingress.Key && dialect.IsOurs(context, other))
            .FirstOrDefault(other => IngressIndexes.BySeniority(other, ingress) < 0);
        if (older is not null)
        {
            context.Warning(
                "conflicting-path",
                $"{(path.Exact ? "Exact" : "Prefix")} {path.Path} of {(host.Length == 0 ? "every host" : host)} is served by the older Ingress {older.FullName}.",
                path.Field);
        }
    }
}
