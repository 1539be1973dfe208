using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik.Ingresses;
using Polygate.Dialects.Traefik.Middlewares;
using Polygate.Dialects.Traefik.Resources;
using Polygate.Dialects.Traefik.Rules;
using Polygate.Dialects.Traefik.Services;
using Polygate.Dialects.Traefik.Tls;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik;

/// <summary>
/// Translates an Ingress of Traefik's class: every path becomes a router with the rule that Traefik would write, competing
/// with those of IngressRoutes.
/// </summary>
internal sealed class TraefikIngress
{
    private readonly TranslationContext context;
    private readonly Resource<V1Ingress> ingress;
    private readonly TraefikOptions options;
    private readonly IngressAnnotations annotations;
    private readonly Findings findings;

    /// <summary>References of Ingresses name the namespace themselves, and may (the option is the CRDs').</summary>
    public TraefikIngress(TranslationContext context, TraefikOptions options, Resource<V1Ingress> ingress)
    {
        this.context = context;
        this.ingress = ingress;
        this.options = options with { AllowCrossNamespace = true };
        annotations = new IngressAnnotations(ingress);
        findings = new Findings(context, ingress);
    }

    public void Translate()
    {
        if (options.Classes.Resolve(context, ingress).Controller != IngressClasses.Traefik)
        {
            return;
        }

        context.PublishAddresses(ingress);
        var isTls = annotations.Flag("router.tls", findings) == true;
        var entryPoints = RouterBinding.EntryPoints(
            options, annotations.List("router.entrypoints"), isTls, findings, IngressAnnotations.Field("router.entrypoints"));
        RouterBinding.Listen(context, entryPoints, "spec");
        var bindings = Certificates([.. options.EntryPoints.Where(entryPoint => entryPoint.Tls)]);
        var optionName = annotations.Text("router.tls.options");
        var tls = entryPoints.Any(entryPoint => entryPoint.Tls)
            ? TlsSettings.For(
                context, options, new ObjectReference { Name = optionName }, ingress.Namespace, findings, IngressAnnotations.Field("router.tls.options"))
            : TlsSettings.Default;
        var middlewares = MiddlewareChain.Expand(
            context,
            options,
            [.. annotations.List("router.middlewares").Select(name => new ObjectReference { Name = name })],
            ingress.Namespace,
            findings,
            IngressAnnotations.Field("router.middlewares"));
        foreach (var (rule, priority, backend, field, place) in Rules())
        {
            if (entryPoints.Count > 0 && Matches(rule, priority, place, field) is { IsEmpty: false } matches)
            {
                context.Add(RouterAssembly.Make(
                    $"traefik/Ingress/{ingress.FullName}/{place}",
                    context.Origin(field),
                    ingress.Created,
                    RouterBinding.Bind(entryPoints, matches),
                    tls,
                    middlewares,
                    Service(backend, field)));
                bindings.Apply(tls, matches.Select(match => match.Host), null);
            }
        }

        bindings.Publish();
        foreach (var key in annotations.Unread)
        {
            findings.Warning(
                "unsupported-annotation", $"The annotation {IngressAnnotations.Prefix}{key} is not supported and has no effect.", IngressAnnotations.Field(key));
        }
    }

    /// <summary><c>spec.tls</c> loads certificates; it does not make the routes TLS-only.</summary>
    private TlsBindings Certificates(IReadOnlyList<EntryPoint> entryPoints)
    {
        var bindings = new TlsBindings(context, entryPoints, context.Origin("spec.tls"));
        for (var i = 0; i < (ingress.Value.Spec?.Tls?.Count ?? 0); i++)
        {
            var name = ingress.Value.Spec!.Tls[i].SecretName;
            if (bindings.Certificate(ingress.Namespace, name, findings, $"spec.tls[{i}].secretName") is { } certificate)
            {
                bindings.Present(certificate);
            }
        }

        return bindings;
    }

    private IEnumerable<(string Rule, long? Priority, V1IngressBackend? Backend, string Field, string Place)> Rules()
    {
        var written = annotations.Number("router.priority", findings);
        var pathMatcher = annotations.Text("router.pathmatcher") ?? "PathPrefix";
        var spec = ingress.Value.Spec;
        for (var i = 0; i < (spec?.Rules?.Count ?? 0); i++)
        {
            var paths = spec!.Rules[i].Http?.Paths;
            for (var j = 0; j < (paths?.Count ?? 0); j++)
            {
                var rule = IngressPathRules.Of(spec.Rules[i].Host, paths![j], pathMatcher, options.StrictPrefixMatching);
                yield return (rule, written, paths[j].Backend, $"spec.rules[{i}].http.paths[{j}]", $"{i}/{j}");
            }
        }

        if (spec?.DefaultBackend is not null)
        {
            // Below everything else, whatever the annotation says.
            yield return ("PathPrefix(\"/\")", int.MinValue, spec.DefaultBackend, "spec.defaultBackend", "default");
        }
    }

    private ValueList<RouteMatch> Matches(string rule, long? priority, string place, string field)
    {
        try
        {
            var syntax = annotations.Text("router.rulesyntax") switch
            {
                null => options.DefaultRuleSyntax,
                "v2" => RuleSyntax.V2,
                _ => RuleSyntax.V3,
            };
            var precedence = RulePriority.Precedence(rule, priority, RulePriority.Ingress, $"{ingress.FullName}/{place}");
            return DisjunctiveForm.Matches(RuleParser.Parse(rule, syntax), precedence);
        }
        catch (RuleSyntaxException exception)
        {
            findings.Error("invalid-rule", $"The rule {rule} is not valid: {exception.Message}. The path is not served.", field);
            return [];
        }
    }

    private ResolvedService Service(V1IngressBackend? backend, string field) =>
        IngressServices.Reference(context, backend, ingress.Namespace, findings, field + ".backend") is { } reference
            ? new ServiceResolver(context, options).Resolve(reference, ingress.Namespace, findings, field + ".backend")
            : ResolvedService.Unavailable;
}
