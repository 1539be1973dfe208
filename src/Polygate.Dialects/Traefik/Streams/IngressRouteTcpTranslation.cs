using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik.Resources;
using Polygate.Dialects.Traefik.Rules;
using Polygate.Dialects.Traefik.Tls;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Streams;

/// <summary>Translates one IngressRouteTCP.</summary>
internal sealed class IngressRouteTcpTranslation
{
    private readonly TranslationContext context;
    private readonly TraefikOptions options;
    private readonly IngressRouteTcpSpec spec;
    private readonly bool isLegacy;
    private readonly Findings findings;

    public IngressRouteTcpTranslation(TranslationContext context, TraefikOptions options, IngressRouteTcpSpec spec)
    {
        this.context = context;
        this.options = options;
        this.spec = spec;
        isLegacy = context.Root.Type.Group == TraefikTypes.LegacyGroup;
        findings = new Findings(context, context.Root);
    }

    private Resource Root => context.Root;

    private StreamTls Tls => spec.Tls is null ? StreamTls.None : spec.Tls.Passthrough == true ? StreamTls.Passthrough : StreamTls.Terminate;

    public void Translate()
    {
        var entryPoints = RouterBinding.EntryPoints(options, spec.EntryPoints, spec.Tls is not null, findings, "spec.entryPoints");
        if (entryPoints.Count == 0)
        {
            return;
        }

        RouterBinding.Listen(context, entryPoints, "spec.entryPoints");
        findings.Unsupported(spec.Tls?.CertResolver, "spec.tls.certResolver");
        findings.Unsupported(spec.Tls?.CertResolver is null ? spec.Tls?.Domains : null, "spec.tls.domains");
        var settings = TlsSettings.Default;
        var bindings = new TlsBindings(context, entryPoints, context.Origin("spec.tls"));
        var certificate = Tls == StreamTls.Terminate ? bindings.Certificate(Root.Namespace, spec.Tls?.SecretName, findings, "spec.tls.secretName") : null;
        if (Tls == StreamTls.Terminate)
        {
            settings = TlsSettings.For(context, options, spec.Tls?.Options, Root.Namespace, findings, "spec.tls.options");
            if (certificate is not null)
            {
                bindings.Present(certificate);
            }
        }

        if (spec.Routes is not { Count: > 0 })
        {
            findings.Warning("no-routes", "There are no routes.", "spec.routes");
        }

        for (var i = 0; i < (spec.Routes?.Count ?? 0); i++)
        {
            var field = $"spec.routes[{i}]";
            if (Matches(spec.Routes![i], i, field) is { IsEmpty: false } matches)
            {
                context.Add(Route(spec.Routes[i], i, field, entryPoints, matches, settings));
                bindings.Apply(settings, matches.Select(match => match.ServerName), certificate);
            }
        }

        if (Tls == StreamTls.Terminate)
        {
            bindings.Publish();
        }
    }

    /// <summary>The matches of a rule; empty after a report when it is not one, or never holds.</summary>
    private ValueList<StreamMatch> Matches(TcpRouteSpec route, int index, string field)
    {
        if (string.IsNullOrEmpty(route.Match))
        {
            findings.Error("missing-field", $"{field}.match is required: the route is not served.", field);
            return [];
        }

        var isV2 = route.Syntax == "v2" || (string.IsNullOrEmpty(route.Syntax) && (isLegacy || options.DefaultRuleSyntax == RuleSyntax.V2));
        try
        {
            var precedence = RulePriority.Precedence(route.Match, route.Priority, RulePriority.CustomResource, $"{Root.FullName}/{index:D4}");
            var matches = TcpRules.Matches(RuleParser.Parse(route.Match, isV2 ? RuleSyntax.TcpV2 : RuleSyntax.TcpV3), precedence);
            if (matches.IsEmpty)
            {
                findings.Warning("rule-never-matches", "No connection can satisfy this rule.", field + ".match");
            }

            if (Tls == StreamTls.None && !TcpRules.IsForAnyName(matches))
            {
                findings.Error("invalid-rule", "Without tls there is no server name: only HostSNI(`*`) is possible. The route is not served.", field + ".match");
                return [];
            }

            return matches;
        }
        catch (RuleSyntaxException exception)
        {
            findings.Error("invalid-rule", exception.Message + ". The route is not served.", field + ".match");
            return [];
        }
    }

    private StreamRoute Route(
        TcpRouteSpec route, int index, string field, IReadOnlyList<EntryPoint> entryPoints, ValueList<StreamMatch> matches, TlsSettings settings)
    {
        var services = new StreamServices(context, options, findings);
        var backends = services.Tcp(route.Services, field + ".services");
        var middlewares = TcpMiddlewares.Read(context, options, route.Middlewares, Root.Namespace, findings, field + ".middlewares");
        return new StreamRoute(
            $"traefik/IngressRouteTCP{(isLegacy ? "." + TraefikTypes.LegacyGroup : "")}/{Root.FullName}/{index}",
            context.Origin(field),
            IngressRouteTranslation.Scope,
            Root.Created,
            Bindings(entryPoints, matches),
            middlewares.IsRefused || settings.Refused ? [] : backends)
        {
            Tls = Tls,
            HalfCloseTimeout = services.TerminationDelay,
            AllowClients = middlewares.AllowClients,
            MaxConnectionsPerClient = middlewares.MaxConnectionsPerClient,
        };
    }

    /// <summary>A claim for each server name, so that the names of HTTPS routers that are more specific stay theirs.</summary>
    private static ValueList<StreamBinding> Bindings(IReadOnlyList<EntryPoint> entryPoints, ValueList<StreamMatch> matches) =>
        entryPoints.SelectMany(entryPoint => matches.GroupBy(match => match.ServerName)
            .Select(group => new StreamBinding(new ListenerKey(entryPoint.Port), group.Key, group.ToValueList()))).ToValueList();
}
