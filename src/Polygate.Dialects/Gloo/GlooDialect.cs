using Polygate.Dialects.Gloo.Gateways;
using Polygate.Dialects.Gloo.Options;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Dialects.Gloo.Upstreams;
using Polygate.Dialects.Gloo.VirtualServices;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Gloo;

/// <summary>
/// Gloo Edge 1.x: VirtualServices served by Gateways, with route tables, upstreams and options. Every object is a root
/// that says what is wrong with itself; traffic comes of VirtualServices alone. Each Gateway is a scope of its own.
/// </summary>
public sealed class GlooDialect : IDialect
{
    public string Name => "gloo";

    public IReadOnlyList<ResourceType> ResourceTypes { get; } = [.. GlooKinds.All, CoreTypes.Service, CoreTypes.EndpointSlice, CoreTypes.Pod, CoreTypes.Secret];

    public IReadOnlyList<ResourceIndex> Indexes { get; } = [Domains.ServicesByDomain, DiscoveredUpstreams.ServicesByUpstream];

    public bool IsRoot(ResourceType type) => GlooKinds.All.Contains(type);

    public void Translate(Resource root, TranslationContext context)
    {
        switch (root)
        {
            case Resource<VirtualService> service:
                VirtualServiceTranslation.Translate(service, context);
                break;
            case Resource<RouteTable> table:
                RouteTableCheck.Check(table, context);
                break;
            case Resource<GlooGateway> gateway:
                GatewayCheck.Check(gateway, context);
                break;
            case Resource<MatchableHttpGateway> part:
                GatewayCheck.Check(part, context);
                break;
            case Resource<Upstream> upstream:
                UpstreamCheck.Check(upstream, context);
                break;
            case Resource<UpstreamGroup> group:
                UpstreamCheck.Check(group, context);
                break;
            case Resource<RouteOption> option:
                Check(option, context);
                break;
            case Resource<VirtualHostOption> option:
                Check(option, context);
                break;
            case Resource<Settings> settings:
                SettingsCheck.Check(settings, context);
                break;
            case Resource<Proxy>:
                context.Info("not-read", "Proxy objects are what Gloo computes from the other kinds; they are not read.");
                break;
            case Resource<ListenerOption> or Resource<HttpListenerOption>:
                context.Warning("not-read", "This kind has an effect in Gloo's Gateway API mode only, which is not supported yet.");
                break;
            case Resource<MatchableTcpGateway>:
                context.Error("unsupported-kind", "TCP gateways are not supported yet.");
                break;
            case Resource<AuthConfig>:
                context.Warning("unsupported-kind", "External authentication is not served yet: routes that refer to it answer 503.");
                break;
            case Resource<RateLimitConfig>:
                context.Warning("unsupported-kind", "Rate limits of this kind are not served yet: routes that refer to it answer 503.");
                break;
        }
    }

    private static void Check(Resource<RouteOption> option, TranslationContext context)
    {
        var findings = new Findings(context);
        OptionCheck.Check(option.Value.Spec.Options, "spec.options", findings);
        findings.Unsupported(option.Value.Spec.TargetRefs is not null, "spec.targetRefs");
        findings.WriteStatus();
    }

    private static void Check(Resource<VirtualHostOption> option, TranslationContext context)
    {
        var findings = new Findings(context);
        OptionCheck.Check(option.Value.Spec.Options, "spec.options", findings);
        findings.Unsupported(option.Value.Spec.TargetRefs is not null, "spec.targetRefs");
        findings.WriteStatus();
    }
}
