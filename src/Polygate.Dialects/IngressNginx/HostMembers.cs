using System.Runtime.CompilerServices;
using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.IngressNginx;

/// <summary>The Ingresses that make one host up and what follows from them alone.</summary>
internal sealed class HostMembers
{
    private readonly HashSet<string> prefixes = new(StringComparer.Ordinal);
    private readonly HashSet<string> exactPaths = new(StringComparer.Ordinal);

    public HostMembers(string name, IReadOnlyList<NginxIngress> primaries)
    {
        Primaries = primaries;
        foreach (var ingress in primaries)
        {
            foreach (var path in ingress.PathsOf(name))
            {
                (path.Exact ? exactPaths : prefixes).Add(path.Path);
                UsesRegex |= ingress.Rewriting.WantsRegex(path);
            }

            IsDenied |= ingress.IsServerDenied;
            ClientCertificates ??= name.Length > 0 && ingress.ClientCertificates is not null ? ingress : null;
            TlsOwner ??= name.Length > 0 && ingress.HasTls ? ingress : null;
        }
    }

    /// <summary>The oldest first; canaries and ignored ones are not among them.</summary>
    public IReadOnlyList<NginxIngress> Primaries { get; }

    public bool UsesRegex { get; }

    public bool IsDenied { get; }

    public NginxIngress? TlsOwner { get; }

    /// <summary>The oldest Ingress that asks for client certificates; null for none.</summary>
    public NginxIngress? ClientCertificates { get; }

    public bool HasPrefix(string path) => prefixes.Contains(path);

    public bool HasExact(string path) => exactPaths.Contains(path);
}

/// <summary>
/// Finds the members of hosts. Every Ingress of a host asks for the same, so the answer is kept as long as the objects
/// it was made from are what a lookup finds.
/// </summary>
internal sealed class HostMemberCache
{
    private readonly NginxController controller;

    // By the first Ingress of the host, so that what is kept goes away with the objects.
    private readonly ConditionalWeakTable<Resource<V1Ingress>, Dictionary<string, Entry>> entries = [];

    public HostMemberCache(NginxController controller) => this.controller = controller;

    public HostMembers Find(IResourceLookup lookup, string host)
    {
        var found = lookup.Find(IngressIndexes.ByHost, host);
        if (found.Count == 0)
        {
            return new HostMembers(host, []);
        }

        var known = entries.GetOrCreateValue(found[0]);
        lock (known)
        {
            if (!known.TryGetValue(host, out var entry) || !entry.Holds(controller.Options.Classes, lookup, found))
            {
                known[host] = entry = Make(lookup, host, found);
            }

            return entry.Members;
        }
    }

    private Entry Make(IResourceLookup lookup, string host, IReadOnlyList<Resource<V1Ingress>> found)
    {
        var classes = found.Select(IngressClasses.NamedClass).Distinct()
            .Select(name => (name, controller.Options.Classes.Resolve(lookup, name).Controller))
            .ToArray();
        var ours = classes.Where(pair => pair.Controller == IngressClasses.IngressNginx).Select(pair => pair.name).ToHashSet();
        var primaries = found.Where(ingress => ours.Contains(IngressClasses.NamedClass(ingress)))
            .Select(controller.Parse)
            .Where(ingress => !ingress.IsIgnored && ingress.Canary is null)
            .ToList();
        primaries.Sort((left, right) => IngressIndexes.BySeniority(left.Resource, right.Resource));
        return new Entry(found, classes, new HostMembers(host, primaries));
    }

    private sealed record Entry(
        IReadOnlyList<Resource<V1Ingress>> Found, (string? Name, string? Controller)[] Classes, HostMembers Members)
    {
        /// <summary>Whether the same objects with the same classes are found; it looks at all classes, so that they are tracked.</summary>
        public bool Holds(IngressClasses rules, IResourceLookup lookup, IReadOnlyList<Resource<V1Ingress>> found)
        {
            var holds = Found.SequenceEqual(found);
            foreach (var (name, controller) in Classes)
            {
                holds &= rules.Resolve(lookup, name).Controller == controller;
            }

            return holds;
        }
    }
}
