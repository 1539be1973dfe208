using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.IngressNginx.Snippets;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>An Ingress with its annotations as typed values. It depends on the object alone.</summary>
internal sealed class NginxIngress
{
    private NginxIngress(Resource<V1Ingress> resource, IngressNginxOptions options)
    {
        Resource = resource;
        options = options.ForClass(IngressClasses.NamedClass(resource));
        Rules = IngressSpecs.Read(resource);
        var reader = new AnnotationReader(resource, options);
        AnnotationCheck.Run(resource, reader, options);
        Rewriting = Rewriting.Parse(reader, options);
        Redirects = Redirects.Parse(reader, options);
        Canary = Canary.Parse(reader);
        Cors = IngressNginx.Cors.Parse(reader, options);
        Access = Access.Parse(reader, resource.FullName);
        ClientCertificates = ClientCertificates.Parse(reader);
        Limits = Limits.Parse(reader, resource.FullName, options);
        ErrorPages = ErrorPages.Parse(reader);
        Responses = ResponseRewriting.Parse(reader);
        Mirroring = Mirroring.Parse(reader);
        Upstreams = Upstreams.Parse(reader, options);
        Affinity = Affinity.Parse(reader);
        CustomHeaders = reader.Text("custom-headers") is null ? null : CustomHeaders.Parse(reader);
        Aliases = ServerAliases.Parse(reader);
        PassesThrough = reader.Boolean("ssl-passthrough") && options.AllowsPassthrough;
        LocationSnippet = CompileSnippet(reader, "configuration-snippet", options);
        ServerSnippet = CompileSnippet(reader, "server-snippet", options);
        NginxQuirkCheck.Run(this, reader, options);
        IsIgnored = reader.IsIngressIgnored;
        IsLocationDenied = reader.IsLocationDenied;
        IsServerDenied = reader.IsServerDenied;
        FoundProblems = reader.Problems;
    }

    public Resource<V1Ingress> Resource { get; }

    public IngressRules Rules { get; }

    public Rewriting Rewriting { get; }

    public Redirects Redirects { get; }

    /// <summary>Null for a primary.</summary>
    public Canary? Canary { get; }

    public CorsFilter? Cors { get; }

    public Access Access { get; }

    /// <summary>Null where clients need no certificate.</summary>
    public ClientCertificates? ClientCertificates { get; }

    public Limits Limits { get; }

    /// <summary>Null for none.</summary>
    public ErrorPages? ErrorPages { get; }

    public ResponseRewriting Responses { get; }

    /// <summary>Whether TLS of its hosts is passed on unopened.</summary>
    public bool PassesThrough { get; }

    /// <summary>What its paths' snippet asks for.</summary>
    public Snippet LocationSnippet { get; }

    /// <summary>What its hosts' snippet asks for.</summary>
    public Snippet ServerSnippet { get; }

    /// <summary>Null for none.</summary>
    public Mirroring? Mirroring { get; }

    public Upstreams Upstreams { get; }

    public Affinity Affinity { get; }

    public CustomHeaders? CustomHeaders { get; }

    /// <summary>Other names of its hosts.</summary>
    public ValueList<HostPattern> Aliases { get; }

    /// <summary>Whether the whole Ingress is treated as if it were not there.</summary>
    public bool IsIgnored { get; }

    /// <summary>Whether its paths answer 503.</summary>
    public bool IsLocationDenied { get; }

    /// <summary>Whether its hosts answer 403.</summary>
    public bool IsServerDenied { get; }

    public IReadOnlyList<AnnotationProblem> FoundProblems { get; }

    /// <summary>The paths that it has on a host.</summary>
    public IEnumerable<IngressPath> PathsOf(string host) => Rules.Rules.Where(rule => rule.Host == host).SelectMany(rule => rule.Paths);

    /// <summary>Whether it has a TLS section: each host of its rules then has TLS, if need be with the default certificate.</summary>
    public bool HasTls => Resource.Value.Spec?.Tls is { Count: > 0 };

    public static NginxIngress Parse(Resource<V1Ingress> resource, IngressNginxOptions options) => new(resource, options);

    /// <summary>What would be wrong with an Ingress that has these annotations.</summary>
    public static IReadOnlyList<AnnotationProblem> Problems(IReadOnlyDictionary<string, string> annotations) => new NginxIngress(
        new Resource<V1Ingress>(
            CoreTypes.Ingress,
            new V1Ingress
            {
                Metadata = new V1ObjectMeta
                {
                    Name = "defaults",
                    NamespaceProperty = "default",
                    Annotations = annotations.ToDictionary(pair => AnnotationReader.Prefix + pair.Key, pair => pair.Value),
                },
            },
            NoSource.Instance),
        IngressNginxOptions.Default).FoundProblems;

    /// <summary>A snippet is refused as a whole, and the paths with it, where it has anything that is not of the subset.</summary>
    private static Snippet CompileSnippet(AnnotationReader reader, string name, IngressNginxOptions options)
    {
        if (!options.AllowsSnippets || reader.Text(name) is not { } text)
        {
            return Snippet.Empty;
        }

        try
        {
            return SnippetCompiler.Compile(text);
        }
        catch (SnippetException exception)
        {
            reader.DenyLocation(name, exception.Message + ".", "refused-snippet");
            return Snippet.Empty;
        }
    }

    /// <summary>An object that stands nowhere.</summary>
    private sealed class NoSource : IResourceSource
    {
        public static NoSource Instance { get; } = new();

        public string? File => null;

        public int LineOf(string field) => 0;
    }
}
