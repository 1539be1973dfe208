using System.Net;
using k8s.Models;
using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.IngressNginx.Migration;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Cluster;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Resources;

namespace Polygate.Migration;

/// <summary>
/// What a migration looks at in a cluster: Ingresses, classes and Services are listed, and of Secrets and ConfigMaps those that are named are
/// asked for one by one. Nothing is written. What may not be read counts as missing, and is told.
/// </summary>
internal sealed class ClusterIngresses
{
    /// <summary>Objects that are named by objects that were named before; more is a circle.</summary>
    private const int LongestDemandChain = 8;

    private static readonly Dictionary<Type, ResourceType> OnDemand = new() { [typeof(V1Secret)] = CoreTypes.Secret, [typeof(V1ConfigMap)] = CoreTypes.ConfigMap };

    private readonly ClusterReader reader;
    private readonly IngressNginxOptions options;
    private readonly Action<string> warn;
    private readonly HashSet<ResourceType> forbidden = [];

    /// <param name="api">The API server.</param>
    /// <param name="options">What the controller's flags say.</param>
    /// <param name="warn">Gets a sentence on what may not be read.</param>
    public ClusterIngresses(ApiClient api, IngressNginxOptions options, Action<string> warn)
    {
        reader = new ClusterReader(api);
        this.options = MigrationReport.Permissive(options);
        this.warn = warn;
    }

    /// <summary>Everything that matters, each object once.</summary>
    /// <param name="namespaces">Where; empty for everywhere.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="ApiException">Ingresses or Services may not be listed.</exception>
    /// <exception cref="HttpRequestException">There is no answer.</exception>
    public async Task<IReadOnlyList<Resource>> ReadAsync(IReadOnlyList<string> namespaces, CancellationToken stop)
    {
        var found = new List<Resource>();
        foreach (var ns in namespaces.Count == 0 ? [""] : namespaces)
        {
            found.AddRange(await reader.ListAsync(CoreTypes.Ingress, ns, stop));
            found.AddRange(await reader.ListAsync(CoreTypes.Service, ns, stop));
        }

        found.AddRange(await ClassesAsync(stop));
        foreach (var name in options.TcpServices.Concat(options.UdpServices).Distinct())
        {
            found.AddRange(await NamedAsync(CoreTypes.ConfigMap, name.Split('/')[0], name.Split('/')[1], stop));
        }

        var translator = new Translator([new IngressNginxDialect(options)], OnDemand.Keys.ToHashSet());
        translator.Apply(found, []);
        for (var i = 0; i < LongestDemandChain && translator.Demands.HasChanges; i++)
        {
            var more = new List<Resource>();
            foreach (var (demand, _) in translator.Demands.TakeChanges().Where(change => change.Value))
            {
                var type = OnDemand[(Type)demand.Subject];
                if (demand is { Namespace: { } ns, Key: { } name } && !found.Exists(known => known.Type == type && known.Namespace == ns && known.Name == name))
                {
                    more.AddRange(await NamedAsync(type, ns, name, stop));
                }
            }

            found.AddRange(more);
            translator.Apply(more, []);
        }

        return found;
    }

    private async Task<IReadOnlyList<Resource>> ClassesAsync(CancellationToken stop)
    {
        try
        {
            return await reader.ListAsync(CoreTypes.IngressClass, "", stop);
        }
        catch (ApiException exception) when (exception.IsForbidden)
        {
            Forbid(CoreTypes.IngressClass, "Ingresses of the class nginx are taken to be ingress-nginx's.");
            return [];
        }
    }

    private async Task<IReadOnlyList<Resource>> NamedAsync(ResourceType type, string ns, string name, CancellationToken stop)
    {
        try
        {
            return await reader.GetAsync(type, ns, name, stop) is { } found ? [found] : [];
        }
        catch (ApiException exception) when (exception.Status is HttpStatusCode.Forbidden)
        {
            Forbid(type, "What they say is not looked at.");
            return [];
        }
    }

    private void Forbid(ResourceType type, string consequence)
    {
        if (forbidden.Add(type))
        {
            warn($"{type.Kind} objects may not be read. {consequence}");
        }
    }
}
