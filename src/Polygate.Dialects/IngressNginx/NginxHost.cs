using Polygate.Dialects.Common;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>
/// What all Ingresses that share a host decide together: ingress-nginx makes one server of them, in which one
/// Ingress's setting can concern the paths of another. The oldest Ingress goes first.
/// </summary>
internal sealed class NginxHost
{
    private readonly IResourceLookup lookup;
    private readonly IngressNginxDialect dialect;
    private readonly HashSet<string> prefixes = new(StringComparer.Ordinal);
    private readonly HashSet<string> exactPaths = new(StringComparer.Ordinal);

    private NginxHost(string name, IResourceLookup lookup, IngressNginxDialect dialect)
    {
        Name = name;
        this.lookup = lookup;
        this.dialect = dialect;
        Primaries = Members(name);
        foreach (var (ingress, path) in Primaries.SelectMany(ingress => PathsOf(ingress).Select(path => (ingress, path))))
        {
            (path.Exact ? exactPaths : prefixes).Add(path.Path);
            UsesRegex |= ingress.Rewriting.WantsRegex(path);
        }

        HasTls = TlsOwner is not null || WildcardHasTls();
    }

    /// <summary>Lower case; empty for the catch-all.</summary>
    public string Name { get; }

    /// <summary>The Ingresses that make the host up, the oldest first; canaries and ignored ones are not among them.</summary>
    public IReadOnlyList<NginxIngress> Primaries { get; }

    /// <summary>Whether every path of the host is a regular expression: one path that is rewritten or asks for it is enough.</summary>
    public bool UsesRegex { get; }

    public bool IsDenied => Primaries.Any(ingress => ingress.IsServerDenied);

    /// <summary>The Ingress whose certificate the host has; null for none.</summary>
    public NginxIngress? TlsOwner => Name.Length == 0 ? null : Primaries.FirstOrDefault(ingress => ingress.HasTls);

    /// <summary>Whether a certificate is configured for the host, or for the wildcard that covers it.</summary>
    public bool HasTls { get; }

    public static NginxHost Of(string name, IResourceLookup lookup, IngressNginxDialect dialect) => new(name, lookup, dialect);

    /// <summary>The host and its aliases; the oldest Ingress with aliases decides, and a name that is a host itself is none.</summary>
    public IEnumerable<HostPattern> Names() =>
        (Primaries.FirstOrDefault(ingress => !ingress.Aliases.IsEmpty)?.Aliases ?? [])
            .Where(alias => Name.Length > 0 && !IsConfigured(alias.ToString()))
            .Prepend(HostPattern.Parse(Name, singleLabel: true));

    /// <summary>Whether a host has rules of its own.</summary>
    public bool IsConfigured(string host) => Members(host).Count > 0;

    public bool HasPrefix(string path) => prefixes.Contains(path);

    public bool HasExact(string path) => exactPaths.Contains(path);

    /// <summary>The paths that an Ingress has on this host.</summary>
    public IEnumerable<IngressPath> PathsOf(NginxIngress ingress) =>
        ingress.Rules.Rules.Where(rule => rule.Host == Name).SelectMany(rule => rule.Paths);

    private bool WildcardHasTls() =>
        Name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot
        && Name[0] != '*'
        && Members("*" + Name[dot..]).Any(ingress => ingress.HasTls);

    private List<NginxIngress> Members(string host)
    {
        var members = lookup.Find(IngressIndexes.ByHost, host)
            .Where(candidate => dialect.IsOurs(lookup, candidate))
            .Select(dialect.Parse)
            .Where(ingress => !ingress.IsIgnored && ingress.Canary is null)
            .ToList();
        members.Sort((left, right) => IngressIndexes.BySeniority(left.Resource, right.Resource));
        return members;
    }
}
