using System.Text;
using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Cluster.Api;

/// <summary>Paths of the Kubernetes API, relative to the server's address.</summary>
public static class ApiPath
{
    /// <summary>A collection, in one namespace or in all.</summary>
    /// <param name="group">Empty for the core group.</param>
    /// <param name="version">For example <c>v1</c>.</param>
    /// <param name="plural">The resource's name in URLs.</param>
    /// <param name="ns">Empty for all namespaces and for cluster-scoped kinds.</param>
    public static string Collection(string group, string version, string plural, string ns = "")
    {
        var path = new StringBuilder(group.Length == 0 ? "api/" : $"apis/{group}/").Append(version).Append('/');
        if (ns.Length > 0)
        {
            path.Append("namespaces/").Append(Uri.EscapeDataString(ns)).Append('/');
        }

        return path.Append(plural).ToString();
    }

    /// <summary>One object.</summary>
    public static string Object(string group, string version, string plural, string ns, string name) =>
        $"{Collection(group, version, plural, ns)}/{Uri.EscapeDataString(name)}";

    /// <summary>One object of a kind in its preferred version.</summary>
    public static string Object(ResourceType type, string ns, string name) => Object(type.Group, type.Versions[0], type.Plural, ns, name);
}
