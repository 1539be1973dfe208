using Polygate.Dialects.Gloo.Gateways;
using Polygate.Dialects.Gloo.Options;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Dialects.Gloo.Routes;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.VirtualServices;

/// <summary>
/// Translates one VirtualService: its domains become virtual hosts on every Gateway that serves it, its routes keep the
/// order of the list. Anything invalid withholds the whole virtual host, as in Gloo, and nothing else.
/// </summary>
internal sealed class VirtualServiceTranslation
{
    private readonly Resource<VirtualService> service;
    private readonly TranslationContext context;
    private readonly Findings findings;
    private readonly GlooSettings settings;
    private readonly Destinations destinations;

    private VirtualServiceTranslation(Resource<VirtualService> service, TranslationContext context)
    {
        this.service = service;
        this.context = context;
        findings = new Findings(context);
        settings = GlooSettings.Read(context);
        destinations = new Destinations(context, findings, settings);
    }

    private VirtualServiceSpec Spec => service.Value.Spec;

    public static void Translate(Resource<VirtualService> service, TranslationContext context)
    {
        var translation = new VirtualServiceTranslation(service, context);
        if (!translation.settings.Watches(service.Namespace))
        {
            context.Warning("not-watched", $"The namespace {service.Namespace} is not among the settings' watchNamespaces; the object is not read.");
            return;
        }

        translation.Translate();
        translation.findings.WriteStatus();
    }

    private void Translate()
    {
        CheckOptions();
        var gateways = GatewayCatalog.All(context, settings).Where(gateway => gateway.Serves(service)).ToList();
        if (gateways.Count == 0)
        {
            findings.Warn("not-attached", $"No Gateway serves this object (it has {(Spec.SslConfig is null ? "no " : "an ")}sslConfig).", "");
        }

        var hosts = Domains.Parse(Spec, findings);
        Domains.RejectDuplicates(service, gateways, context, settings, findings);
        var tls = Spec.SslConfig is null ? null : ServiceTls.Read(Spec.SslConfig, service, context, settings, findings);
        var options = HostOptions();
        var expanded = new RouteExpander(context, findings, settings, options.StagedTransformations)
            .Expand(service, Spec.VirtualHost?.Routes ?? [], "spec.virtualHost.routes");
        var filters = new RouteFilters(findings, settings, destinations, service);
        var routes = gateways.SelectMany(gateway => new RouteAssembly(context, findings, settings, destinations, filters)
            .Assemble(service, expanded, options, gateway, hosts)).ToList();
        if (!findings.IsRejected)
        {
            Publish(gateways, hosts, tls, routes);
        }
    }

    private void Publish(IReadOnlyList<ServedGateway> gateways, IReadOnlyList<HostPattern> hosts, ServiceTls? tls, List<Route> routes)
    {
        foreach (var gateway in gateways)
        {
            var origin = gateway.Source is null ? context.Origin() : context.Origin("spec.bindPort", gateway.Source);
            context.Add(new Listener(gateway.Listener, gateway.Ssl ? ListenerProtocol.Https : ListenerProtocol.Http, origin));
            foreach (var host in routes.Count == 0 ? hosts : [])
            {
                context.Add(new VirtualHost(gateway.Scope, gateway.Listener, host, context.Origin("spec.virtualHost.domains")));
            }

            foreach (var name in tls?.ServerNames ?? [])
            {
                context.Add(new TlsBinding(
                    gateway.Listener, name, [tls!.Certificate.Id], context.Origin("spec.sslConfig"), tls.Minimum, tls.Maximum));
            }
        }

        routes.ForEach(context.Add);
        foreach (var backend in destinations.Backends)
        {
            context.Add(backend);
        }

        foreach (var certificate in tls is null ? destinations.Certificates : destinations.Certificates.Append(tls.Certificate))
        {
            context.Add(certificate);
        }
    }

    private void CheckOptions()
    {
        OptionCheck.Check(Spec.VirtualHost?.Options, "spec.virtualHost.options", findings);
        for (var i = 0; i < (Spec.VirtualHost?.Routes?.Count ?? 0); i++)
        {
            OptionCheck.Check(Spec.VirtualHost!.Routes![i].Options, $"spec.virtualHost.routes[{i}].options", findings);
        }
    }

    /// <summary>Own options, then the referenced ones in order; each fills what is still empty.</summary>
    private VirtualHostOptions HostOptions()
    {
        var options = Spec.VirtualHost?.Options ?? new VirtualHostOptions();
        var references = Spec.VirtualHost?.OptionsConfigRefs?.DelegateOptions ?? [];
        for (var i = 0; i < references.Count; i++)
        {
            var ns = string.IsNullOrEmpty(references[i].Namespace) ? service.Namespace : references[i].Namespace!;
            if (context.Get<VirtualHostOption>(ns, references[i].Name ?? "") is { } found)
            {
                options = OptionMerge.Fill(options, found.Value.Spec.Options);
            }
            else
            {
                findings.Warn(
                    "missing-reference", $"The VirtualHostOption {ns}/{references[i].Name} does not exist.",
                    $"spec.virtualHost.optionsConfigRefs.delegateOptions[{i}]");
            }
        }

        return options;
    }
}
