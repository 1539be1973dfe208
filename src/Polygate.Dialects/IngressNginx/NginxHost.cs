using Polygate.Dialects.IngressNginx.Snippets;
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
    private readonly HostMemberCache hosts;
    private readonly HostMembers members;

    public NginxHost(string name, IResourceLookup lookup, HostMemberCache hosts)
    {
        Name = name;
        this.lookup = lookup;
        this.hosts = hosts;
        members = hosts.Find(lookup, name);
        HasTls = TlsOwner is not null || WildcardHasTls();
    }

    /// <summary>Lower case; empty for the catch-all.</summary>
    public string Name { get; }

    /// <summary>The Ingresses that make the host up, the oldest first; canaries and ignored ones are not among them.</summary>
    public IReadOnlyList<NginxIngress> Primaries => members.Primaries;

    /// <summary>Whether every path of the host is a regular expression: one path that is rewritten or asks for it is enough.</summary>
    public bool UsesRegex => members.UsesRegex;

    /// <summary>Whether everything on the host answers 403.</summary>
    public bool IsDenied => members.IsDenied;

    /// <summary>The Ingress whose certificate the host has; null for none.</summary>
    public NginxIngress? TlsOwner => members.TlsOwner;

    /// <summary>The Ingress whose demands for client certificates the host has; null for none.</summary>
    public NginxIngress? ClientCertificates => members.ClientCertificates;

    /// <summary>Whether a certificate is configured for the host, or for the wildcard that covers it.</summary>
    public bool HasTls { get; }

    /// <summary>What the oldest Ingress with a snippet for its hosts asks for.</summary>
    public Snippet Snippet => Primaries.FirstOrDefault(ingress => ingress.ServerSnippet != Snippet.Empty)?.ServerSnippet ?? Snippet.Empty;

    /// <summary>The host and its aliases; the oldest Ingress with aliases decides, and a name that is a host itself is none.</summary>
    public IEnumerable<HostPattern> Names() =>
        (Primaries.FirstOrDefault(ingress => !ingress.Aliases.IsEmpty)?.Aliases ?? [])
            .Where(alias => Name.Length > 0 && !IsConfigured(alias.ToString()))
            .Prepend(HostPattern.Parse(Name, singleLabel: true));

    /// <summary>Whether a host has rules of its own.</summary>
    public bool IsConfigured(string host) => hosts.Find(lookup, host).Primaries.Count > 0;

    public bool HasPrefix(string path) => members.HasPrefix(path);

    public bool HasExact(string path) => members.HasExact(path);

    private bool WildcardHasTls() =>
        Name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot
        && Name[0] != '*'
        && hosts.Find(lookup, "*" + Name[dot..]).TlsOwner is not null;
}
