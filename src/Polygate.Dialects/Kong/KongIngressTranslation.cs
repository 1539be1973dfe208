using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Kong.Plugins;
using Polygate.Dialects.Kong.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Kong;

/// <summary>Translates one Ingress of Kong's class: every path becomes a route that competes with those of all other Ingresses.</summary>
internal sealed class KongIngressTranslation
{
    /// <summary>The scope that all of Kong's routes share.</summary>
    public const string Scope = "kong";

    private readonly TranslationContext context;
    private readonly KongOptions options;
    private readonly Resource<V1Ingress> ingress;
    private readonly KongAnnotations annotations;
    private readonly Findings findings;
    private readonly RouteSettings settings;
    private readonly IngressClassParametersSpec parameters;
    private readonly Dictionary<string, Target> targets = new(StringComparer.Ordinal);

    public KongIngressTranslation(TranslationContext context, KongOptions options, Resource<V1Ingress> ingress, ResolvedIngressClass ingressClass)
    {
        this.context = context;
        this.options = options;
        this.ingress = ingress;
        annotations = new KongAnnotations(ingress);
        findings = new Findings(context, ingress);
        var section = KongObjects.OfIngress(context, ingress, annotations, findings)?.Value.Route;
        settings = RouteSettings.Read(section, ingress.Annotation("ingress.kubernetes.io/force-ssl-redirect"), annotations, findings);
        parameters = Parameters(ingressClass.Class);
    }

    /// <summary>Ingresses with a default backend, of any class.</summary>
    public static ResourceIndex<V1Ingress> WithDefaultBackend { get; } = new(
        "ingresses-with-default-backend", ingress => ingress.Value.Spec?.DefaultBackend is null ? [] : ["default"]);

    public void Translate()
    {
        KongIngressTls.Translate(context, options, ingress, findings);
        Listen();
        if (settings.AllowsPlaintext || settings.AllowsTls)
        {
            Routes();
        }

        annotations.Raw("tags");
        annotations.Raw("rewrite");
        annotations.Raw("plugins");
        annotations.ReportUnread(findings);
    }

    private void Routes()
    {
        var rules = ingress.Value.Spec?.Rules ?? [];
        for (var i = 0; i < rules.Count; i++)
        {
            Rule(rules[i], i);
        }

        DefaultBackend();
    }

    private IngressClassParametersSpec Parameters(Resource<V1IngressClass>? ingressClass)
    {
        var reference = ingressClass?.Value.Spec?.Parameters;
        return reference is { Kind: "IngressClassParameters" }
            && context.Get<IngressClassParameters>(reference.NamespaceProperty ?? "default", reference.Name) is { } found
            ? found.Value.Spec
            : new IngressClassParametersSpec();
    }

    private void Listen()
    {
        context.Add(new Listener(new ListenerKey(options.HttpPort), ListenerProtocol.Http, context.Origin()));
        context.Add(new Listener(new ListenerKey(options.HttpsPort), ListenerProtocol.Https, context.Origin()));
    }

    private void Rule(V1IngressRule rule, int index)
    {
        var field = $"spec.rules[{index}]";
        if (KongHosts.Parse(rule.Host ?? "") is not { } host)
        {
            findings.Error("invalid-host", $"'{rule.Host}' is not a host: the rule is not served.", field + ".host");
            return;
        }

        HostPattern[] hosts = host == HostPattern.Any ? [.. settings.HostAliases] : [host, .. settings.HostAliases];
        var paths = rule.Http?.Paths ?? [];
        for (var j = 0; j < paths.Count; j++)
        {
            var pathField = $"{field}.http.paths[{j}]";
            var variants = KongPath.FromIngress(
                paths[j].Path, paths[j].PathType, settings.RegexPrefix, parameters.EnableLegacyRegexDetection == true, out var problem);
            if (problem.Length > 0)
            {
                findings.Error("invalid-regex", $"The path is not a valid regular expression: {problem}", pathField + ".path");
            }

            Route(hosts.Distinct().ToList(), variants, paths[j].Backend, pathField, $"{index}/{j}");
        }
    }

    /// <summary>Only the oldest Ingress of the class has a default backend.</summary>
    private void DefaultBackend()
    {
        if (ingress.Value.Spec?.DefaultBackend is not { } backend)
        {
            return;
        }

        var older = context.Find(WithDefaultBackend, "default").FirstOrDefault(other =>
            IngressIndexes.BySeniority(other, ingress) < 0 && options.Classes.Resolve(context, other).Controller == IngressClasses.Kong);
        if (older is not null)
        {
            findings.Warning("default-backend-taken", $"Only one default backend is served, that of the older {older.Key}.", "spec.defaultBackend");
            return;
        }

        Route([], KongPath.FromIngress("/", "Prefix", settings.RegexPrefix, false, out _), backend, "spec.defaultBackend", "default");
    }

    private void Route(IReadOnlyList<HostPattern> hosts, IReadOnlyList<KongPath> paths, V1IngressBackend? backend, string field, string place)
    {
        var port = IngressBackends.Find(context, backend, field + ".backend");
        var target = TargetOf(port, field + ".backend");
        for (var i = 0; i < paths.Count; i++)
        {
            var id = $"kong/Ingress/{ingress.FullName}/{place}/{i}";
            var matches = new KongMatches(settings, hosts, paths[i], ingress.Created, $"{ingress.FullName}/{place}/{i}");
            context.Add(new Route(
                id,
                context.Origin(field),
                Scope,
                ingress.Created,
                Bindings(matches),
                Filters(paths[i], target.Service, target.Plugins),
                target.Plugins.Answer ?? target.Action));
            if (!settings.AllowsPlaintext && settings.AllowsTls)
            {
                context.Add(new Route(
                    id + "/http",
                    context.Origin(field),
                    Scope,
                    ingress.Created,
                    [new RouteBinding(new ListenerKey(options.HttpPort), HostPattern.Any, matches.Plain())],
                    [],
                    TlsRequired()));
            }
        }
    }

    /// <summary>What is behind a backend reference; paths that share one share it, so that its faults are told once.</summary>
    private Target TargetOf(ServicePort? port, string field)
    {
        if (!targets.TryGetValue(port?.Name ?? "", out var target))
        {
            var plugins = new PluginBindings(context, findings).Apply(annotations, port?.Service, field);
            var service = port is null ? null : new KongService(context, port, parameters.ServiceUpstream == true, findings, field);
            target = new Target(service, service?.Forward(settings.PreserveHost) ?? KongService.Unavailable, plugins);
            targets.Add(port?.Name ?? "", target);
        }

        return target;
    }

    private ValueList<Filter> Filters(KongPath path, KongService? service, PluginTarget plugins)
    {
        var filters = new List<Filter>();
        if (Rewrite(path, service) is { } rewrite)
        {
            filters.Add(new RewriteFilter { Path = rewrite });
        }

        if (!settings.PreserveHost && service?.HostHeader is { } host)
        {
            filters.Add(new RewriteFilter { Host = host });
        }

        // Plugins see the request as it came, and what they set is the last word.
        return plugins.Filters.Where(filter => filter is not (RewriteFilter or RequestHeaderFilter))
            .Concat(filters)
            .Concat(plugins.Filters.Where(filter => filter is RewriteFilter or RequestHeaderFilter))
            .ToValueList();
    }

    private PathRewrite? Rewrite(KongPath path, KongService? service)
    {
        if (annotations.Raw("rewrite") is { } template)
        {
            return KongRewrite.Of(template, path);
        }

        var basePath = service?.Path ?? "/";
        if (!settings.StripPath)
        {
            return basePath == "/" ? null : new JoinBasePath(basePath);
        }

        return new JoinBasePath(basePath, path.IsRegex ? 0 : path.Pattern.Value.Length, path.Regex) { RecordIn = "X-Forwarded-Prefix" };
    }

    private ValueList<RouteBinding> Bindings(KongMatches matches)
    {
        var bindings = new List<RouteBinding>();
        if (settings.AllowsPlaintext)
        {
            bindings.Add(new RouteBinding(new ListenerKey(options.HttpPort), HostPattern.Any, matches.Plain()));
        }

        if (settings.AllowsTls)
        {
            bindings.Add(new RouteBinding(new ListenerKey(options.HttpsPort), HostPattern.Any, matches.Tls()));
        }

        return bindings.ToValueList();
    }

    /// <summary>The answer to plaintext requests of a TLS-only route (RFC 9110 section 15.5.22).</summary>
    private RouteAction TlsRequired() => settings.HttpsRedirectStatus == 426
        ? new DirectResponseAction(426, KongAnswers.Message("Please use HTTPS protocol"), KongAnswers.JsonType)
        {
            Headers = [new HeaderValue("Connection", "Upgrade"), new HeaderValue("Upgrade", "TLS/1.2, HTTP/1.1")],
        }
        : new RedirectAction { Status = settings.HttpsRedirectStatus, Scheme = "https" };

    /// <summary>A Service with what its requests go through.</summary>
    private sealed record Target(KongService? Service, ForwardAction Action, PluginTarget Plugins);
}
