using k8s.Models;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Common;

/// <summary>Which class an Ingress has and whose it is.</summary>
/// <param name="Name">The class's name; null when the Ingress names none and there is no default class.</param>
/// <param name="Controller">The controller string (<c>IngressClass.spec.controller</c>); null when the class is unknown.</param>
/// <param name="Class">The IngressClass; null when there is no such object.</param>
public readonly record struct ResolvedIngressClass(string? Name, string? Controller, Resource<V1IngressClass>? Class);

/// <summary>
/// Decides which controller, and so which dialect, an Ingress belongs to (Ingress v1, "Ingress class"):
/// <c>spec.ingressClassName</c>, else the annotation <c>kubernetes.io/ingress.class</c>, else the default class.
/// A class without an IngressClass object is known by its usual name; an Ingress that says nothing is a plain one.
/// </summary>
public static class IngressClasses
{
    /// <summary>Ingresses as the API defines them, without a vendor's annotations.</summary>
    public const string Plain = "gateway.polygate.io/ingress-controller";

    public const string IngressNginx = "k8s.io/ingress-nginx";

    public const string Kong = "ingress-controllers.konghq.com/kong";

    public const string Traefik = "traefik.io/ingress-controller";

    public const string Ambassador = "getambassador.io/ingress-controller";

    /// <summary>The annotation that named the class before <c>spec.ingressClassName</c> existed.</summary>
    public const string LegacyAnnotation = "kubernetes.io/ingress.class";

    private const string DefaultAnnotation = "ingressclass.kubernetes.io/is-default-class";

    /// <summary>The controller strings that this gateway answers to.</summary>
    public static bool IsServed(string? controller) =>
        controller is Plain or IngressNginx or Kong or Traefik or Ambassador;

    /// <summary>The class of an Ingress and its controller.</summary>
    /// <param name="lookup">Where IngressClasses are found.</param>
    /// <param name="ingress">The Ingress.</param>
    public static ResolvedIngressClass Resolve(IResourceLookup lookup, Resource<V1Ingress> ingress) =>
        Resolve(lookup, NamedClass(ingress));

    /// <summary>The class that a name means, or that holds where none is given.</summary>
    /// <param name="lookup">Where IngressClasses are found.</param>
    /// <param name="name">As <see cref="NamedClass"/> gives it.</param>
    public static ResolvedIngressClass Resolve(IResourceLookup lookup, string? name)
    {
        if (name is not null)
        {
            return lookup.Get<V1IngressClass>("", name) is { } found
                ? new ResolvedIngressClass(name, found.Value.Spec?.Controller, found)
                : new ResolvedIngressClass(name, WellKnownController(name), null);
        }

        return DefaultClass(lookup) is { } standard
            ? new ResolvedIngressClass(standard.Name, standard.Value.Spec?.Controller, standard)
            : new ResolvedIngressClass(null, Plain, null);
    }

    /// <summary>The class an Ingress names: the field, else the annotation; null when neither is set.</summary>
    public static string? NamedClass(Resource<V1Ingress> ingress) =>
        NotEmpty(ingress.Value.Spec?.IngressClassName) ?? NotEmpty(ingress.Annotation(LegacyAnnotation));

    private static string? WellKnownController(string className) => className switch
    {
        "polygate" => Plain,
        "nginx" => IngressNginx,
        "kong" => Kong,
        "traefik" => Traefik,
        "ambassador" => Ambassador,
        _ => null,
    };

    /// <summary>Of several default classes the newest counts, then the first by name (the DefaultIngressClass admission plugin).</summary>
    private static Resource<V1IngressClass>? DefaultClass(IResourceLookup lookup) =>
        lookup.List<V1IngressClass>()
            .Where(candidate => candidate.Annotation(DefaultAnnotation) == "true")
            .OrderByDescending(candidate => candidate.Created)
            .ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .FirstOrDefault();

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
