using k8s.Models;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Common;

/// <summary>Which class an Ingress has and whose it is.</summary>
/// <param name="Name">The class's name; null when the Ingress names none and there is no default class.</param>
/// <param name="Controller">
/// The controller string by which this gateway serves the class, one of <see cref="IngressClasses"/>; null when the class is unknown or
/// another controller's.
/// </param>
/// <param name="Class">The IngressClass; null when there is no such object.</param>
public readonly record struct ResolvedIngressClass(string? Name, string? Controller, Resource<V1IngressClass>? Class);

/// <summary>
/// Decides which dialect, if any, an Ingress belongs to (Ingress v1, "Ingress class"): <c>spec.ingressClassName</c>, else the annotation
/// <c>kubernetes.io/ingress.class</c>, else the default class.
/// </summary>
/// <remarks>
/// A vendor's dialect is asked for by this gateway's own controller string for it (<c>gateway.polygate.io/kong</c>), or by
/// the vendor's, where that is claimed: in a cluster the vendor's own controller may still be at work, and two must not
/// serve one object. A claimed class without an IngressClass object is known by its usual name.
/// </remarks>
public sealed class IngressClasses
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

    /// <summary>The vendors' controller strings, by the name of the dialect.</summary>
    public static IReadOnlyDictionary<string, string> Vendors { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ingress-nginx"] = IngressNginx,
        ["traefik"] = Traefik,
        ["kong"] = Kong,
        ["ambassador"] = Ambassador,
    };

    /// <summary>For a folder, where nobody else would serve an Ingress: every class that is understood, and Ingresses without one.</summary>
    public static IngressClasses All { get; } = new(Vendors.Values, servesWithoutClass: true);

    private readonly HashSet<string> claimed;
    private readonly bool servesWithoutClass;

    /// <param name="claimed">The vendors' controller strings that this gateway answers to.</param>
    /// <param name="servesWithoutClass">Whether an Ingress without a class, where there is no default class, is served as a plain one.</param>
    public IngressClasses(IEnumerable<string> claimed, bool servesWithoutClass)
    {
        this.claimed = claimed.ToHashSet(StringComparer.Ordinal);
        this.servesWithoutClass = servesWithoutClass;
    }

    /// <summary>Whether this gateway takes a vendor's place.</summary>
    /// <param name="vendor">The vendor's controller string.</param>
    public bool Claims(string vendor) => claimed.Contains(vendor);

    /// <summary>The class an Ingress names: the field, else the annotation; null when neither is set.</summary>
    public static string? NamedClass(Resource<V1Ingress> ingress) =>
        NotEmpty(ingress.Value.Spec?.IngressClassName) ?? NotEmpty(ingress.Annotation(LegacyAnnotation));

    /// <summary>The class of an Ingress and its controller.</summary>
    /// <param name="lookup">Where IngressClasses are found.</param>
    /// <param name="ingress">The Ingress.</param>
    public ResolvedIngressClass Resolve(IResourceLookup lookup, Resource<V1Ingress> ingress) =>
        Resolve(lookup, NamedClass(ingress));

    /// <summary>The class that a name means, or that holds where none is given.</summary>
    /// <param name="lookup">Where IngressClasses are found.</param>
    /// <param name="name">As <see cref="NamedClass"/> gives it.</param>
    public ResolvedIngressClass Resolve(IResourceLookup lookup, string? name)
    {
        if (name is not null)
        {
            return lookup.Get<V1IngressClass>("", name) is { } found
                ? new ResolvedIngressClass(name, Served(found.Value.Spec?.Controller), found)
                : new ResolvedIngressClass(name, Served(WellKnownController(name)), null);
        }

        return DefaultClass(lookup) is { } standard
            ? new ResolvedIngressClass(standard.Name, Served(standard.Value.Spec?.Controller), standard)
            : new ResolvedIngressClass(null, servesWithoutClass ? Plain : null, null);
    }

    /// <summary>The dialect's controller string for one that is written; null for another controller's.</summary>
    private string? Served(string? controller) => controller switch
    {
        Plain or "gateway.polygate.io/ingress" => Plain,
        "gateway.polygate.io/ingress-nginx" => IngressNginx,
        "gateway.polygate.io/traefik" => Traefik,
        "gateway.polygate.io/kong" => Kong,
        "gateway.polygate.io/ambassador" => Ambassador,
        { } vendor when claimed.Contains(vendor) => vendor,
        _ => null,
    };

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
