using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik.Middlewares;
using Polygate.Dialects.Traefik.Resources;
using Polygate.Dialects.Traefik.Services;
using Polygate.Dialects.Traefik.Streams;
using Polygate.Dialects.Traefik.Tls;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Traefik;

/// <summary>
/// Traefik's CRDs (of the groups <c>traefik.io</c> and <c>traefik.containo.us</c>) and Ingresses of its class. Objects that others refer to are
/// roots as well: they report what is wrong with them once, where it is written.
/// </summary>
public sealed class TraefikDialect : IDialect
{
    private static readonly HashSet<ResourceType> Roots = [.. TraefikTypes.All, CoreTypes.Ingress];

    private readonly TraefikOptions options;

    public TraefikDialect(TraefikOptions? options = null) => this.options = options ?? new TraefikOptions();

    public string Name => "traefik";

    public IReadOnlyList<ResourceType> ResourceTypes { get; } = [.. TraefikTypes.All, .. CoreTypes.All];

    public IReadOnlyList<ResourceIndex> Indexes => [];

    public bool IsRoot(ResourceType type) => Roots.Contains(type);

    public void Translate(Resource root, TranslationContext context)
    {
        switch (root)
        {
            case Resource<V1Ingress> ingress:
                new TraefikIngress(context, options, ingress).Translate();
                break;
            case Resource<IngressRoute> route:
                TranslateRoute(route.Value.Spec, route.Value.Spec.IngressClassName, context);
                break;
            case Resource<LegacyIngressRoute> route:
                if (IsShadowed(context.Get<IngressRoute>(root.Namespace, root.Name), context) is false)
                {
                    TranslateRoute(route.Value.Spec, route.Value.Spec.IngressClassName, context);
                }

                break;
            case Resource<IngressRouteTcp> route:
                TranslateRoute(route.Value.Spec, context);
                break;
            case Resource<LegacyIngressRouteTcp> route:
                if (IsShadowed(context.Get<IngressRouteTcp>(root.Namespace, root.Name), context) is false)
                {
                    TranslateRoute(route.Value.Spec, context);
                }

                break;
            case Resource<IngressRouteUdp> route:
                TranslateRoute(route.Value.Spec, context);
                break;
            case Resource<LegacyIngressRouteUdp> route:
                if (IsShadowed(context.Get<IngressRouteUdp>(root.Namespace, root.Name), context) is false)
                {
                    TranslateRoute(route.Value.Spec, context);
                }

                break;
            default:
                Check(root, context);
                break;
        }
    }

    private void TranslateRoute(IngressRouteSpec spec, string? className, TranslationContext context)
    {
        if (IsOurs(className, context))
        {
            new IngressRouteTranslation(context, options, spec).Translate();
        }
    }

    private void TranslateRoute(IngressRouteTcpSpec spec, TranslationContext context)
    {
        if (IsOurs(spec.IngressClassName, context))
        {
            new IngressRouteTcpTranslation(context, options, spec).Translate();
        }
    }

    private void TranslateRoute(IngressRouteUdpSpec spec, TranslationContext context)
    {
        if (IsOurs(spec.IngressClassName, context))
        {
            IngressRouteUdpTranslation.Translate(context, options, spec);
        }
    }

    private bool IsOurs(string? className, TranslationContext context)
    {
        var written = string.IsNullOrEmpty(className) ? context.Root.Annotation("kubernetes.io/ingress.class") ?? "" : className;
        if (options.IngressClass.Length == 0 ? written is "" or "traefik" : written == options.IngressClass)
        {
            return true;
        }

        context.Info("other-class", $"The class {written} is not this gateway's: the routes are not served.");
        return false;
    }

    private static bool IsShadowed(Resource? newer, TranslationContext context)
    {
        if (newer is not null)
        {
            context.Info("shadowed", $"The {newer.Key.Kind} of the same name in the group {TraefikTypes.Group} takes this one's place.");
        }

        return newer is not null;
    }

    /// <summary>Reports what is wrong with an object that others refer to.</summary>
    private void Check(Resource root, TranslationContext context)
    {
        var findings = new Findings(context, root);
        switch (root)
        {
            case Resource<Middleware> middleware:
                MiddlewareChain.Check(context, options, new Found<MiddlewareSpec>(root, middleware.Value.Spec));
                break;
            case Resource<LegacyMiddleware> middleware:
                MiddlewareChain.Check(context, options, new Found<MiddlewareSpec>(root, middleware.Value.Spec));
                break;
            case Resource<TraefikService> service:
                new ServiceResolver(context, options).Check(new Found<TraefikServiceSpec>(root, service.Value.Spec));
                break;
            case Resource<LegacyTraefikService> service:
                new ServiceResolver(context, options).Check(new Found<TraefikServiceSpec>(root, service.Value.Spec));
                break;
            case Resource<ServersTransport> transport:
                TransportSettings.Read(context, new Found<ServersTransportSpec>(root, transport.Value.Spec), findings);
                break;
            case Resource<LegacyServersTransport> transport:
                TransportSettings.Read(context, new Found<ServersTransportSpec>(root, transport.Value.Spec), findings);
                break;
            case Resource<MiddlewareTcp> middleware:
                TcpMiddlewares.Of(new Found<MiddlewareTcpSpec>(root, middleware.Value.Spec), findings);
                break;
            case Resource<LegacyMiddlewareTcp> middleware:
                TcpMiddlewares.Of(new Found<MiddlewareTcpSpec>(root, middleware.Value.Spec), findings);
                break;
            case Resource<ServersTransportTcp> transport:
                TcpTransport.Check(context, transport.Value.Spec, root.Namespace, findings);
                break;
            case Resource<TlsOption> option:
                CheckOption(new Found<TlsOptionSpec>(root, option.Value.Spec), context, findings);
                break;
            case Resource<LegacyTlsOption> option:
                CheckOption(new Found<TlsOptionSpec>(root, option.Value.Spec), context, findings);
                break;
            case Resource<TlsStore> store:
                new TlsStoreTranslation(context, options, store.Value.Spec, findings).Translate();
                break;
            case Resource<LegacyTlsStore> store:
                new TlsStoreTranslation(context, options, store.Value.Spec, findings).Translate();
                break;
        }
    }

    private static void CheckOption(Found<TlsOptionSpec> option, TranslationContext context, Findings findings)
    {
        TlsSettings.Read(option, findings);
        if (option.Resource.Name == "default" && TraefikObjects.DefaultTlsOptions(context).Count > 1)
        {
            findings.Error("ambiguous-default", "There are several TLSOptions named default; none of them is used.", "metadata.name");
        }
    }
}
