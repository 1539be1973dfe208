using System.Text.Json.Nodes;
using Polygate.Dialects.Ambassador.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Ambassador.Hosts;

/// <summary>Translates Hosts (their claim on names, their certificate) and Listeners (the port).</summary>
internal static class HostTranslation
{
    public static void Translate(Resource<AmbassadorHost> host, TranslationContext context)
    {
        if (!Installation.IsOurs(host.Value.Spec.AmbassadorId))
        {
            return;
        }

        CheckFields(host, context);
        if (ServedHost.Read(context, host, out var problem) is not { } served)
        {
            context.Error(problem.Code, problem.Message, problem.Field);
            context.SetStatus(host, new JsonObject { ["state"] = "Error", ["errorReason"] = problem.Message });
            return;
        }

        var listeners = ServedListener.All(context).Where(listener => listener.Binds(served)).ToList();
        if (listeners.Count == 0)
        {
            context.Warning("no-listener", "No Listener binds this Host: nothing is served under its name.");
        }

        if (served is { Tls: null, Insecure: InsecureAction.Redirect } && listeners.Any(listener => listener.Security != SecurityModel.Secure))
        {
            context.Warning(
                "redirect-without-tls",
                "Requests without TLS are redirected to https, and this Host has no TLS; set requestPolicy.insecure.action to Route to serve them.",
                "spec.requestPolicy");
        }

        foreach (var listener in listeners)
        {
            context.Add(new VirtualHost(AmbassadorDialect.Scope, listener.Key, served.Hostname.Pattern, context.Origin("spec.hostname")));
            if (served.Tls is { } tls && listener.MayTerminateTls)
            {
                context.Add(tls.Certificate);
                context.Add(new TlsBinding(
                    listener.Key, served.Hostname.Pattern, [tls.Certificate.Id], context.Origin("spec.tlsSecret"), tls.Minimum, tls.Maximum));
            }
        }

        context.SetStatus(host, new JsonObject
        {
            ["state"] = "Ready",
            ["tlsCertificateSource"] = served.Tls is null ? "None" : "Other",
        });
    }

    public static void Translate(Resource<AmbassadorListener> listener, TranslationContext context)
    {
        var spec = listener.Value.Spec;
        if (!Installation.IsOurs(spec.AmbassadorId))
        {
            return;
        }

        ListenerSpec.Fields.Report(spec, "spec", context);
        if (spec.L7Depth is > 0)
        {
            context.Warning("unsupported-field", "l7Depth is not supported yet: which proxies are trusted is a setting of the gateway.", "spec.l7Depth");
        }

        CheckSelector(spec.HostBinding?.Selector, "spec.hostBinding.selector", context);
        if (spec.HostBinding?.Namespace?.From is not (null or "SELF" or "ALL"))
        {
            context.Warning("unsupported-field", $"{spec.HostBinding.Namespace.From} is not SELF or ALL; SELF is used.", "spec.hostBinding.namespace.from");
        }

        if (ServedListener.Read(listener, out var problem) is not { } served)
        {
            context.Error(problem.Code, problem.Message, problem.Field);
            return;
        }

        var hosts = ServedHost.All(context);
        var protocol = served.Protocol(hosts);
        context.Add(new Listener(served.Key, protocol, context.Origin("spec.port")));
        foreach (var host in protocol == ListenerProtocol.Https ? hosts.Where(host => host.Tls is null && served.Binds(host)) : [])
        {
            context.Warning(
                "cleartext-on-tls", $"The Host {host.Name} has no TLS, and this port speaks nothing else as other Hosts have; it is reached here only over TLS.");
        }
    }

    private static void CheckFields(Resource<AmbassadorHost> host, TranslationContext context)
    {
        var spec = host.Value.Spec;
        HostSpec.Fields.Report(spec, "spec", context);
        CheckSelector(spec.MappingSelector ?? spec.Selector, "spec.mappingSelector", context);
        if (spec.RequestPolicy?.Insecure?.AdditionalPort is > 0)
        {
            context.Warning("unsupported-field", "additionalPort has no effect; write a Listener.", "spec.requestPolicy.insecure.additionalPort");
        }

        if (spec.AcmeProvider?.Authority is { Length: > 0 } authority && authority != "none")
        {
            context.Warning("unsupported-field", "Certificates are not ordered; put one in the Secret.", "spec.acmeProvider");
        }

        if (spec.TlsSecret is null && (spec.TlsContext is not null || spec.Tls is not null))
        {
            context.Warning("no-effect", "TLS is terminated only where tlsSecret is set.", "spec.tlsSecret");
        }

        var settings = HostTls.Settings(context, host, out _);
        if (settings?.MinTlsVersion is "v1.0" or "v1.1" || settings?.MaxTlsVersion is "v1.0" or "v1.1")
        {
            context.Warning("unsupported-field", "TLS below 1.2 is not offered.", "spec.tls");
        }

        if (spec.Tls is not null)
        {
            TlsContextSpec.Fields.Report(spec.Tls, "spec.tls", context);
        }

        if (settings is { CaSecret.Length: > 0, CertRequired: not true })
        {
            context.Warning("unsupported-field", "Client certificates are not supported yet; none is asked for.", "spec.tls");
        }
    }

    private static void CheckSelector(LabelSelector? selector, string field, TranslationContext context)
    {
        if (selector?.MatchExpressions is not null)
        {
            context.Warning("unsupported-field", "matchExpressions are not supported; this selects nothing.", field + ".matchExpressions");
        }
    }
}
