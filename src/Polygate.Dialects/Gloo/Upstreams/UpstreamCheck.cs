using Polygate.Dialects.Common;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.Upstreams;

/// <summary>Says of an upstream and of an upstream group, on the object itself, what is wrong with it and what is not served.</summary>
internal static class UpstreamCheck
{
    /// <summary>Checks an Upstream and writes its status.</summary>
    public static void Check(Resource<Upstream> upstream, TranslationContext context)
    {
        var findings = new Findings(context);
        var spec = upstream.Value.Spec;
        var made = UpstreamBackends.Make(context, upstream.Namespace, upstream.Name, spec);
        if (made.Backend is null)
        {
            findings.Reject(made.Field.Length > "spec.".Length && UpstreamSpec.UnsupportedTypes.Contains(made.Field["spec.".Length..])
                ? "unsupported-field" : "invalid-upstream", made.Problem, made.Field);
        }

        findings.Fields(UpstreamSpec.FieldsBesideTypes, spec, "spec");
        findings.Fields(UpstreamCircuitBreakers.Fields, spec.CircuitBreakers, "spec.circuitBreakers");
        findings.Fields(ConnectionConfig.Fields, spec.ConnectionConfig, "spec.connectionConfig");
        findings.Fields(LoadBalancerConfig.Fields, spec.LoadBalancerConfig, "spec.loadBalancerConfig");
        findings.Fields(SslConfig.UpstreamFields, spec.SslConfig, "spec.sslConfig");
        Durations(spec, findings);
        findings.Unsupported(spec.SslConfig?.Parameters is not null, "spec.sslConfig.parameters");
        findings.Unsupported(spec.SslConfig?.SniDomains is { Count: > 0 }, "spec.sslConfig.sniDomains");
        findings.Unsupported(spec.LoadBalancerConfig?.LeastRequest?.ChoiceCount is not (null or 2), "spec.loadBalancerConfig.leastRequest.choiceCount");
        findings.Unsupported(spec.LoadBalancerConfig?.LeastRequest?.SlowStartConfig is not null, "spec.loadBalancerConfig.leastRequest.slowStartConfig");
        findings.Unsupported(spec.LoadBalancerConfig?.RoundRobin?.SlowStartConfig is not null, "spec.loadBalancerConfig.roundRobin.slowStartConfig");
        findings.Unsupported(spec.LoadBalancerConfig?.RingHash?.Size is not null, "spec.loadBalancerConfig.ringHash.ringHashConfig");
        Kube(spec.Kube, upstream.Namespace, context, findings);
        Static(spec.Static, context.RefusesLocalBackends, findings);
        findings.WriteStatus();
    }

    /// <summary>Checks an UpstreamGroup and writes its status.</summary>
    public static void Check(Resource<UpstreamGroup> group, TranslationContext context)
    {
        var findings = new Findings(context);
        var destinations = new Routes.Destinations(context, findings, GlooSettings.Read(context));
        destinations.Group(group, group, "spec.destinations");
        findings.WriteStatus();
    }

    private static void Durations(UpstreamSpec spec, Findings findings)
    {
        if (spec.ConnectionConfig?.ConnectTimeout is { } text && !GoDuration.TryParse(text, out _))
        {
            findings.Warn("invalid-field", $"{text} is not a duration; 5s is used.", "spec.connectionConfig.connectTimeout");
        }
    }

    private static void Kube(KubeUpstream? kube, string ns, TranslationContext context, Findings findings)
    {
        if (kube is null)
        {
            return;
        }

        findings.Unsupported(kube.ServiceSpec is not null, "spec.kube.serviceSpec");
        findings.Unsupported(kube.SubsetSpec is not null, "spec.kube.subsetSpec");

        // A selector as wide as the Service's own changes nothing.
        var service = context.Get<k8s.Models.V1Service>(kube.ServiceNamespace ?? ns, kube.ServiceName ?? "")?.Value.Spec?.Selector;
        findings.Unsupported(
            kube.Selector?.Any(pair => service is null || !service.TryGetValue(pair.Key, out var value) || value != pair.Value) == true,
            "spec.kube.selector");
    }

    private static void Static(StaticUpstream? upstream, bool refusesLocal, Findings findings)
    {
        findings.Unsupported(upstream?.AutoSniRewrite == false, "spec.static.autoSniRewrite");
        findings.Unsupported(upstream?.ServiceSpec is not null, "spec.static.serviceSpec");
        for (var i = 0; i < (upstream?.Hosts?.Count ?? 0); i++)
        {
            var host = upstream!.Hosts![i];
            findings.Unsupported(host.HealthCheckConfig is not null, $"spec.static.hosts[{i}].healthCheckConfig");
            if (refusesLocal && LocalAddress.IsLocal(host.Addr ?? ""))
            {
                findings.Refuse(LocalBackends.Code, LocalBackends.Message(host.Addr!), $"spec.static.hosts[{i}].addr");
            }
        }

        findings.Unsupported(
            (upstream?.Hosts ?? []).Select(host => host.SniAddr).Distinct().Count() > 1, "spec.static.hosts[].sniAddr");
    }
}
