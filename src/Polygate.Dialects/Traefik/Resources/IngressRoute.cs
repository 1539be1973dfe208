namespace Polygate.Dialects.Traefik.Resources;

/// <summary>The <c>spec</c> of an <c>IngressRoute</c>: HTTP routers of one object.</summary>
public sealed record IngressRouteSpec
{
    public IReadOnlyList<string>? EntryPoints { get; init; }

    public string? IngressClassName { get; init; }

    public IReadOnlyList<ObjectReference>? ParentRefs { get; init; }

    public IReadOnlyList<RouteSpec>? Routes { get; init; }

    public RouterTls? Tls { get; init; }
}

/// <summary>One router: a rule, the middlewares it runs and the services behind it.</summary>
public sealed record RouteSpec
{
    public string? Kind { get; init; }

    public string? Match { get; init; }

    public IReadOnlyList<ObjectReference>? Middlewares { get; init; }

    public RouterObservability? Observability { get; init; }

    /// <summary>0 or absent: the length of the rule in bytes.</summary>
    public long? Priority { get; init; }

    public IReadOnlyList<ServiceReference>? Services { get; init; }

    /// <summary><c>v2</c>, or anything else for v3.</summary>
    public string? Syntax { get; init; }
}

/// <summary>Which signals a router emits.</summary>
public sealed record RouterObservability
{
    public bool? AccessLogs { get; init; }

    public bool? Metrics { get; init; }

    public string? TraceVerbosity { get; init; }

    public bool? Tracing { get; init; }
}

/// <summary>TLS of an object's routers. Its mere presence makes them answer TLS connections only.</summary>
public sealed record RouterTls
{
    public string? CertResolver { get; init; }

    public IReadOnlyList<TlsDomain>? Domains { get; init; }

    public ObjectReference? Options { get; init; }

    /// <summary>For TCP routers: forward the TLS bytes instead of terminating.</summary>
    public bool? Passthrough { get; init; }

    public string? SecretName { get; init; }

    /// <summary>Ignored by Traefik too: only the store named <c>default</c> exists.</summary>
    public ObjectReference? Store { get; init; }
}

/// <summary>Names for a certificate that a resolver is to obtain.</summary>
public sealed record TlsDomain
{
    public string? Main { get; init; }

    public IReadOnlyList<string>? Sans { get; init; }
}

/// <summary>A reference to an object; without a namespace, one in the referrer's own.</summary>
public sealed record ObjectReference
{
    public string? Name { get; init; }

    public string? Namespace { get; init; }
}
