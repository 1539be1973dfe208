using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik.Middlewares;
using Polygate.Dialects.Traefik.Resources;
using Polygate.Dialects.Traefik.Rules;
using Polygate.Dialects.Traefik.Services;
using Polygate.Dialects.Traefik.Tls;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik;

/// <summary>Translates one IngressRoute.</summary>
internal sealed class IngressRouteTranslation
{
    /// <summary>The scope that all of Traefik's routers share.</summary>
    public const string Scope = "traefik";

    private readonly TranslationContext context;
    private readonly TraefikOptions options;
    private readonly IngressRouteSpec spec;
    private readonly bool isLegacy;
    private readonly Findings findings;

    public IngressRouteTranslation(TranslationContext context, TraefikOptions options, IngressRouteSpec spec)
    {
        this.context = context;
        this.options = options;
        this.spec = spec;
        isLegacy = context.Root.Type.Group == TraefikTypes.LegacyGroup;
        findings = new Findings(context, context.Root);
    }

    private Resource Root => context.Root;

    public void Translate()
    {
        if (spec.ParentRefs is { Count: > 0 })
        {
            findings.Error("unsupported-field", "spec.parentRefs is not supported yet: the routes are not served.", "spec.parentRefs");
            return;
        }

        var entryPoints = RouterBinding.EntryPoints(options, spec.EntryPoints, spec.Tls is not null, findings, "spec.entryPoints");
        if (entryPoints.Count == 0)
        {
            return;
        }

        RouterBinding.Listen(context, entryPoints, "spec.entryPoints");
        ReportTls(spec.Tls);
        var tlsEntryPoints = entryPoints.Where(entryPoint => entryPoint.Tls).ToList();
        var bindings = new TlsBindings(context, tlsEntryPoints, context.Origin("spec.tls"));
        var certificate = bindings.Certificate(Root.Namespace, spec.Tls?.SecretName, findings, "spec.tls.secretName");
        if (certificate is not null)
        {
            bindings.Present(certificate);
        }

        var tls = tlsEntryPoints.Count == 0
            ? TlsSettings.Default
            : TlsSettings.For(context, options, spec.Tls?.Options, Root.Namespace, findings, "spec.tls.options");
        foreach (var match in Routes(entryPoints, tls))
        {
            bindings.Apply(tls, [match.Host], certificate);
        }

        bindings.Publish();
    }

    private void ReportTls(RouterTls? tls)
    {
        findings.Unsupported(tls?.CertResolver, "spec.tls.certResolver");
        findings.Unsupported(tls?.CertResolver is null ? tls?.Domains : null, "spec.tls.domains");
        if (tls?.Store is not null)
        {
            findings.Warning("no-effect", "spec.tls.store has no effect in Traefik either: only the store named default exists.", "spec.tls.store");
        }
    }

    /// <summary>Adds the routes and gives their matches.</summary>
    private List<RouteMatch> Routes(IReadOnlyList<EntryPoint> entryPoints, TlsSettings tls)
    {
        var matches = new List<RouteMatch>();
        var routes = spec.Routes ?? [];
        if (routes.Count == 0)
        {
            findings.Warning("no-routes", "There are no routes.", "spec.routes");
        }

        for (var i = 0; i < routes.Count; i++)
        {
            var field = $"spec.routes[{i}]";
            var duplicate = i;
            if (routes.Skip(i + 1).Any(later => later.Match == routes[duplicate].Match))
            {
                findings.Warning("duplicate-match", "A later route of this object has the same match; of several the last counts.", field + ".match");
            }
            else if (Matches(routes[i], i, field) is { IsEmpty: false } found)
            {
                context.Add(Route(routes[i], i, field, RouterBinding.Bind(entryPoints, found), tls));
                matches.AddRange(found);
            }
        }

        return matches;
    }

    /// <summary>The matches of a rule; empty after a report when it is not one, or never holds.</summary>
    private ValueList<RouteMatch> Matches(RouteSpec route, int index, string field)
    {
        if (string.IsNullOrEmpty(route.Match))
        {
            findings.Error("missing-field", $"{field}.match is required: the route is not served.", field);
            return [];
        }

        var syntax = (route.Syntax, isLegacy) switch
        {
            ("v2", _) or (null or "", true) => RuleSyntax.V2,
            (null or "", false) => options.DefaultRuleSyntax,
            _ => RuleSyntax.V3,
        };
        try
        {
            var precedence = RulePriority.Precedence(route.Match, route.Priority, RulePriority.CustomResource, $"{Root.FullName}/{index:D4}");
            var matches = DisjunctiveForm.Matches(RuleParser.Parse(route.Match, syntax), precedence);
            if (matches.IsEmpty)
            {
                findings.Warning("rule-never-matches", "No request can satisfy this rule.", field + ".match");
            }

            return matches;
        }
        catch (RuleSyntaxException exception)
        {
            findings.Error("invalid-rule", exception.Message + ". The route is not served.", field + ".match");
            return [];
        }
    }

    private Route Route(RouteSpec route, int index, string field, ValueList<RouteBinding> bindings, TlsSettings tls)
    {
        findings.Unsupported(route.Observability, field + ".observability");
        var middlewares = MiddlewareChain.Expand(context, options, route.Middlewares, Root.Namespace, findings, field + ".middlewares");
        var service = new ServiceResolver(context, options).Resolve(route.Services, Root.Namespace, findings, field + ".services");
        var group = isLegacy ? "." + TraefikTypes.LegacyGroup : "";
        return RouterAssembly.Make(
            $"traefik/IngressRoute{group}/{Root.FullName}/{index}", context.Origin(field), Root.Created, bindings, tls, middlewares, service);
    }
}
