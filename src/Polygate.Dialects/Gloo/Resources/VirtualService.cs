using System.Text.Json;

namespace Polygate.Dialects.Gloo.Resources;

/// <summary>The <c>spec</c> of a <c>VirtualService</c>: domains, their routes and their TLS.</summary>
public sealed record VirtualServiceSpec
{
    public string? DisplayName { get; init; }

    public JsonElement? NamespacedStatuses { get; init; }

    public SslConfig? SslConfig { get; init; }

    public VirtualHostSpec? VirtualHost { get; init; }
}

/// <summary>The virtual host of a VirtualService.</summary>
public sealed record VirtualHostSpec
{
    /// <summary>None or empty: <c>*</c>.</summary>
    public IReadOnlyList<string>? Domains { get; init; }

    public VirtualHostOptions? Options { get; init; }

    public OptionReferences? OptionsConfigRefs { get; init; }

    public IReadOnlyList<RouteSpec>? Routes { get; init; }
}

/// <summary>The <c>spec</c> of a <c>RouteTable</c>: routes that others delegate to.</summary>
public sealed record RouteTableSpec
{
    public JsonElement? NamespacedStatuses { get; init; }

    public IReadOnlyList<RouteSpec>? Routes { get; init; }

    /// <summary>Tables of one selector are ordered by it, ascending.</summary>
    public int? Weight { get; init; }
}

/// <summary>A route: what it matches (any of the matchers), what is done.</summary>
public sealed record RouteSpec
{
    public DelegateAction? DelegateAction { get; init; }

    public DirectResponseSpec? DirectResponseAction { get; init; }

    public bool? InheritableMatchers { get; init; }

    public bool? InheritablePathMatchers { get; init; }

    public IReadOnlyList<MatcherSpec>? Matchers { get; init; }

    public string? Name { get; init; }

    public RouteOptions? Options { get; init; }

    public OptionReferences? OptionsConfigRefs { get; init; }

    public RedirectSpec? RedirectAction { get; init; }

    public RouteActionSpec? RouteAction { get; init; }
}

/// <summary>Conditions that must all hold.</summary>
public sealed record MatcherSpec
{
    public bool? CaseSensitive { get; init; }

    public JsonElement? ConnectMatcher { get; init; }

    public string? Exact { get; init; }

    public IReadOnlyList<HeaderMatcherSpec>? Headers { get; init; }

    public IReadOnlyList<string>? Methods { get; init; }

    public string? Prefix { get; init; }

    public IReadOnlyList<QueryMatcherSpec>? QueryParameters { get; init; }

    public string? Regex { get; init; }
}

/// <summary>A condition on a request header; an empty value means presence.</summary>
public sealed record HeaderMatcherSpec
{
    public bool? InvertMatch { get; init; }

    public string? Name { get; init; }

    public bool? Regex { get; init; }

    public string? Value { get; init; }
}

/// <summary>A condition on a query parameter; an empty value means presence.</summary>
public sealed record QueryMatcherSpec
{
    public string? Name { get; init; }

    public bool? Regex { get; init; }

    public string? Value { get; init; }
}

/// <summary>Hands the route's requests to route tables. The name beside <c>ref</c> is the older form and counts first.</summary>
public sealed record DelegateAction
{
    public string? Name { get; init; }

    public string? Namespace { get; init; }

    public ResourceRef? Ref { get; init; }

    public ObjectSelector? Selector { get; init; }
}

/// <summary>An answer by the gateway itself.</summary>
public sealed record DirectResponseSpec
{
    public string? Body { get; init; }

    public int? Status { get; init; }
}

/// <summary>A redirect.</summary>
public sealed record RedirectSpec
{
    public string? HostRedirect { get; init; }

    public bool? HttpsRedirect { get; init; }

    public string? PathRedirect { get; init; }

    public int? PortRedirect { get; init; }

    public string? PrefixRewrite { get; init; }

    public RegexMatchAndSubstitute? RegexRewrite { get; init; }

    /// <summary>MOVED_PERMANENTLY (0), FOUND, SEE_OTHER, TEMPORARY_REDIRECT, PERMANENT_REDIRECT (4).</summary>
    public JsonElement? ResponseCode { get; init; }

    public bool? StripQuery { get; init; }
}

/// <summary>Where requests go: one of its members.</summary>
public sealed record RouteActionSpec
{
    public string? ClusterHeader { get; init; }

    public JsonElement? DynamicForwardProxy { get; init; }

    public MultiDestination? Multi { get; init; }

    public DestinationSpec? Single { get; init; }

    public ResourceRef? UpstreamGroup { get; init; }
}

/// <summary>Destinations with shares.</summary>
public sealed record MultiDestination
{
    public IReadOnlyList<WeightedDestination>? Destinations { get; init; }
}

/// <summary>A destination, its share and its own options.</summary>
public sealed record WeightedDestination
{
    public DestinationSpec? Destination { get; init; }

    public DestinationOptions? Options { get; init; }

    /// <summary>Default 0.</summary>
    public long? Weight { get; init; }
}

/// <summary>An upstream or a Service.</summary>
public sealed record DestinationSpec
{
    public JsonElement? Consul { get; init; }

    /// <summary>The schema's <c>destinationSpec</c>: functions of the upstream.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("destinationSpec")]
    public JsonElement? FunctionSpec { get; init; }

    public KubeDestination? Kube { get; init; }

    public JsonElement? Subset { get; init; }

    public ResourceRef? Upstream { get; init; }
}

/// <summary>A port of a Service.</summary>
public sealed record KubeDestination
{
    public int? Port { get; init; }

    public ResourceRef? Ref { get; init; }
}
