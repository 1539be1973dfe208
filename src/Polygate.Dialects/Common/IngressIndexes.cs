using k8s.Models;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Common;

/// <summary>Finds the Ingresses that meet on a host or on the same path of it.</summary>
public static class IngressIndexes
{
    /// <summary>By the hosts of their rules, lower case; empty for rules without one. Ingresses of all classes.</summary>
    public static ResourceIndex<V1Ingress> ByHost { get; } = new(
        "ingresses-by-host", ingress => IngressSpecs.Read(ingress).Hosts);

    /// <summary>By what <see cref="Claim"/> makes of their paths. Ingresses of all classes.</summary>
    public static ResourceIndex<V1Ingress> ByClaim { get; } = new(
        "ingresses-by-host-and-path",
        ingress => IngressSpecs.Read(ingress).Rules.SelectMany(rule => rule.Paths.Select(path => Claim(rule.Host, path))));

    /// <summary>By the hosts of their TLS entries. Ingresses of all classes.</summary>
    public static ResourceIndex<V1Ingress> ByTlsHost { get; } = new(
        "ingresses-by-tls-host",
        ingress => (ingress.Value.Spec?.Tls ?? []).SelectMany(entry => IngressSpecs.TlsHosts(ingress, entry)));

    /// <summary>Host, path and type: what can be claimed only once.</summary>
    public static string Claim(string host, IngressPath path) => $"{host}|{(path.Exact ? "=" : "")}{path.Path}";

    /// <summary>The older object first, then by namespace and name: who wins where two say the same.</summary>
    public static int BySeniority(Resource left, Resource right)
    {
        var order = left.Created.CompareTo(right.Created);
        return order != 0 ? order : string.CompareOrdinal(left.FullName, right.FullName);
    }
}
