using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Pipeline;

/// <summary>What a dialect works with while it translates one root: tracked lookups in, pieces of the model out.</summary>
public sealed class TranslationContext : IResourceLookup
{
    /// <summary>Routes to one Service have the same backend.</summary>
    private static readonly RecentValues<Backend> SharedBackends = new(1024, EqualityComparer<Backend>.Default);

    private static readonly RecentValues<RouteAction> SharedActions = new(1024, EqualityComparer<RouteAction>.Default);

    private readonly TrackedLookup lookup;

    // Most objects mean nothing to most dialects, which then add nothing.
    private List<Listener>? listeners;
    private List<VirtualHost>? virtualHosts;
    private List<TlsBinding>? tlsBindings;
    private List<Route>? routes;
    private List<StreamRoute>? streamRoutes;
    private Dictionary<string, Backend>? backends;
    private Dictionary<string, Certificate>? certificates;
    private List<Diagnostic>? diagnostics;
    private Dictionary<ResourceKey, byte[]>? statuses;
    private List<FinalizerWish>? finalizers;
    private HashSet<ResourceKey>? addressed;

    public TranslationContext(string dialect, Resource root, TrackedLookup lookup)
    {
        Dialect = dialect;
        Root = root;
        this.lookup = lookup;
    }

    public string Dialect { get; }

    /// <summary>The object being translated.</summary>
    public Resource Root { get; }

    public Resource<T>? Get<T>(string ns, string name)
        where T : class, IKubernetesObject<V1ObjectMeta> => lookup.Get<T>(ns, name);

    public IReadOnlyList<Resource<T>> List<T>()
        where T : class, IKubernetesObject<V1ObjectMeta> => lookup.List<T>();

    public IReadOnlyList<Resource<T>> List<T>(string ns)
        where T : class, IKubernetesObject<V1ObjectMeta> => lookup.List<T>(ns);

    public IReadOnlyList<Resource<T>> Find<T>(ResourceIndex<T> index, string key)
        where T : class, IKubernetesObject<V1ObjectMeta> => lookup.Find(index, key);

    public void Add(Listener listener) => (listeners ??= []).Add(listener);

    public void Add(VirtualHost virtualHost) => (virtualHosts ??= []).Add(virtualHost);

    public void Add(TlsBinding binding) => (tlsBindings ??= []).Add(binding);

    public void Add(Route route) => (routes ??= []).Add(route with { Action = SharedActions.Share(route.Action) });

    public void Add(StreamRoute route) => (streamRoutes ??= []).Add(route);

    /// <summary>Whether backends at a <see cref="LocalAddress"/> are errors.</summary>
    internal bool RefusesLocalBackends { get; init; }

    /// <summary>Adds a backend; the same identity again means the same backend.</summary>
    public void Add(Backend backend) => (backends ??= new(StringComparer.Ordinal))[backend.Id] = RefusesLocalBackends ? LocalBackends.Refuse(this, backend) : backend;

    /// <summary>Adds a certificate; the same identity again means the same certificate.</summary>
    public void Add(Certificate certificate) => (certificates ??= new(StringComparer.Ordinal))[certificate.Id] = certificate;

    /// <summary>What was reported so far.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => diagnostics ?? [];

    /// <summary>Reports an error: the object, or the part the field names, is not served.</summary>
    public void Error(string code, string message, string field = "", Resource? on = null) =>
        Report(DiagnosticSeverity.Error, code, message, field, on);

    /// <summary>Reports a warning: the field has no effect or a surprising one, the rest is served.</summary>
    public void Warning(string code, string message, string field = "", Resource? on = null) =>
        Report(DiagnosticSeverity.Warning, code, message, field, on);

    /// <summary>Reports something worth knowing.</summary>
    public void Info(string code, string message, string field = "", Resource? on = null) =>
        Report(DiagnosticSeverity.Info, code, message, field, on);

    /// <summary>Sets the status of an object; a later call replaces an earlier one.</summary>
    public void SetStatus(Resource resource, JsonObject status) => SetStatus(resource, JsonText.Of(status));

    /// <inheritdoc cref="SetStatus(Resource, JsonObject)"/>
    /// <param name="resource">The object.</param>
    /// <param name="status">As JSON text in UTF-8.</param>
    public void SetStatus(Resource resource, byte[] status) => (statuses ??= [])[resource.Key] = status;

    /// <summary>Says whether an object should have a finalizer.</summary>
    public void SetFinalizer(Resource resource, string finalizer, bool wanted) => (finalizers ??= []).Add(new FinalizerWish(resource.Key, finalizer, wanted));

    /// <summary>
    /// Has the object's status tell where the gateway is reached (<c>status.loadBalancer</c> of an Ingress). Which addresses
    /// these are is the installation's to say.
    /// </summary>
    public void PublishAddresses(Resource resource) => (addressed ??= []).Add(resource.Key);

    /// <summary>The origin of something the root (or another object) says.</summary>
    public Origin Origin(string field = "", Resource? on = null) => (on ?? Root).Origin(Dialect, field);

    /// <summary>Whether nothing was added.</summary>
    internal bool IsEmpty => listeners is null && virtualHosts is null && tlsBindings is null && routes is null && streamRoutes is null && backends is null
        && certificates is null && diagnostics is null && statuses is null && finalizers is null && addressed is null;

    /// <param name="pieceId">The name of the piece.</param>
    /// <param name="keepsStatuses">Whether anybody writes statuses.</param>
    internal Translation Complete(string pieceId, bool keepsStatuses) => new(
        new ConfigurationPiece(pieceId)
        {
            Listeners = listeners?.ToValueList() ?? [],
            VirtualHosts = virtualHosts?.ToValueList() ?? [],
            TlsBindings = tlsBindings?.ToValueList() ?? [],
            Routes = routes?.ToValueList() ?? [],
            StreamRoutes = streamRoutes?.ToValueList() ?? [],
            Backends = backends?.Values.Select(SharedBackends.Share).ToValueList() ?? [],
            Certificates = certificates?.Values.ToValueList() ?? [],
        },
        diagnostics?.ToArray() ?? [],
        keepsStatuses && statuses is not null ? statuses.Select(pair => new ResourceStatus(pair.Key, pair.Value)).ToArray() : [])
    {
        Finalizers = finalizers?.ToArray() ?? [],
        Addressed = addressed?.ToArray() ?? [],
    };

    private void Report(DiagnosticSeverity severity, string code, string message, string field, Resource? on)
    {
        // What several parts of an object come across is said once.
        var diagnostic = new Diagnostic(severity, code, message, Origin(field, on));
        diagnostics ??= [];
        if (!diagnostics.Contains(diagnostic))
        {
            diagnostics.Add(diagnostic);
        }
    }
}
