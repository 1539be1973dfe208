using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Policies;

/// <summary>What routes and Gateways demand of requests beyond what the Gateway API can say (policy attachment, GEP-713).</summary>
public sealed class RoutePolicy : CustomResource<RoutePolicySpec>;

/// <summary>
/// What a RoutePolicy says. Its groups are read one by one, and strictly: what cannot be read must not be taken for something that is
/// not asked for.
/// </summary>
public sealed class RoutePolicySpec
{
    public IReadOnlyList<PolicyTargetReference>? TargetRefs { get; set; }

    /// <summary>By the names of <see cref="PolicyGroups.OfRoutes"/>.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Groups { get; set; }
}

/// <summary>Networks from which requests are taken.</summary>
[Description("Networks from which requests are taken. Others are answered 403.")]
public sealed class AddressGroup
{
    [Description("Addresses and networks in CIDR notation. Empty: all that are not denied.")]
    public IReadOnlyList<string>? Allow { get; set; }

    [Description("Addresses and networks in CIDR notation. Comes before allow.")]
    public IReadOnlyList<string>? Deny { get; set; }
}

/// <summary>How many requests each client may make.</summary>
[Description("How many requests each client may make to a target. Beyond it they are answered 429.")]
public sealed class RateLimitGroup
{
    [Description("Requests in each interval.")]
    [Range(1, 1_000_000)]
    [JsonRequired]
    public int Requests { get; set; }

    [Description("A duration such as 1s or 1m.")]
    [JsonRequired]
    public string Interval { get; set; } = "";

    [Description("Requests that may come at once. As many as in an interval when absent.")]
    [Range(1, 1_000_000)]
    public int? Burst { get; set; }

    [Description("The request header whose value tells clients apart. Their addresses do when absent.")]
    public string? Header { get; set; }

    [Description("Networks in CIDR notation whose clients are not limited.")]
    public IReadOnlyList<string>? Exempt { get; set; }
}

/// <summary>How large requests may be.</summary>
[Description("How large requests may be.")]
public sealed class LimitGroup
{
    [Description("Bytes of a body. Larger ones are answered 413.")]
    [Range(1, 1_099_511_627_776)]
    public long? BodyBytes { get; set; }

    [Description("Bytes of all header fields together. More are answered 431. The gateway's own limit holds too.")]
    [Range(1, 1_048_576)]
    public int? HeaderBytes { get; set; }

    [Description("Header fields. More are answered 431. The gateway's own limit holds too.")]
    [Range(1, 10_000)]
    public int? HeaderCount { get; set; }
}

/// <summary>Which answers are compressed.</summary>
[Description("Compresses answers for clients that accept it.")]
public sealed class CompressionGroup
{
    [Description("Codings in order of preference: gzip, br. Both when absent.")]
    public IReadOnlyList<string>? Codings { get; set; }

    [Description("Media types such as text/html or text/*. Text, JSON, XML, scripts and SVG when absent.")]
    public IReadOnlyList<string>? Types { get; set; }

    [Description("Bodies known to be smaller are left alone.")]
    [Range(0, 1_073_741_824)]
    public int? MinBytes { get; set; }
}

/// <summary>Who clients have to be.</summary>
[Description("Who clients have to be. Exactly one way.")]
public sealed class AuthenticationGroup
{
    public BasicAuthentication? Basic { get; set; }

    public ApiKeyAuthentication? ApiKey { get; set; }

    public JwtAuthentication? Jwt { get; set; }

    [Description("A service decides, as in the filter ExternalAuth of HTTPRoutes.")]
    public HTTPExternalAuth? External { get; set; }
}

/// <summary>Names and passwords.</summary>
[Description("Names and passwords (RFC 7617).")]
public sealed class BasicAuthentication
{
    [Description("A Secret with lines of name:hash (bcrypt, apr1, SHA-1, SHA-256 crypt) under the key auth.")]
    [JsonRequired]
    public SecretObjectReference SecretRef { get; set; } = new();

    [Description("Told to clients.")]
    public string? Realm { get; set; }

    [Description("The request header in which the backend gets the name.")]
    public string? UserHeader { get; set; }
}

/// <summary>Keys that clients send.</summary>
[Description("Keys that clients send.")]
public sealed class ApiKeyAuthentication
{
    [Description("A Secret with a key for each consumer, under the consumer's name.")]
    [JsonRequired]
    public SecretObjectReference SecretRef { get; set; } = new();

    [Description("The header that holds the key. X-API-Key when neither it nor queryParameter is given.")]
    public string? Header { get; set; }

    [Description("The query parameter that holds the key.")]
    public string? QueryParameter { get; set; }

    [Description("The request header in which the backend gets the consumer's name.")]
    public string? ConsumerHeader { get; set; }
}

/// <summary>JSON Web Tokens.</summary>
[Description("JSON Web Tokens (RFC 7519) in Authorization: Bearer.")]
public sealed class JwtAuthentication
{
    [Description("Whose tokens are believed; one at least.")]
    [JsonRequired]
    public IReadOnlyList<JwtIssuer> Providers { get; set; } = [];

    [Description("Whether requests without a token pass.")]
    public bool? Optional { get; set; }
}

/// <summary>An issuer of tokens.</summary>
public sealed class JwtIssuer
{
    [JsonRequired]
    public string Name { get; set; } = "";

    [Description("The claim iss. Any when absent.")]
    public string? Issuer { get; set; }

    [Description("Of which the claim aud must have one. Any when absent.")]
    public IReadOnlyList<string>? Audiences { get; set; }

    [Description("What signatures are checked with. Exactly one of the three.")]
    [JsonRequired]
    public JwtKeySource Jwks { get; set; } = new();

    [Description("Claims that the backend gets in headers, in place of what the client sent under these names.")]
    public IReadOnlyList<JwtClaimHeader>? ClaimHeaders { get; set; }

    [Description("Whether the token is kept from the backend.")]
    public bool? RemoveToken { get; set; }
}

/// <summary>Where keys are.</summary>
public sealed class JwtKeySource
{
    [Description("A JSON Web Key Set (RFC 7517).")]
    public string? Inline { get; set; }

    [Description("A Secret with a JSON Web Key Set under the key jwks.json.")]
    public SecretObjectReference? SecretRef { get; set; }

    [Description("Fetched, and fetched again now and then.")]
    public RemoteJwks? Remote { get; set; }
}

/// <summary>Keys to fetch.</summary>
public sealed class RemoteJwks
{
    [Description("Who has them; with TLS where a BackendTLSPolicy or an XBackend says so.")]
    [JsonRequired]
    public BackendObjectReference BackendRef { get; set; } = new();

    [Description("The Host to ask for.")]
    [JsonRequired]
    public string Host { get; set; } = "";

    [Description("Path and query, beginning with a slash.")]
    [JsonRequired]
    public string Path { get; set; } = "";
}

/// <summary>A claim for a header.</summary>
public sealed class JwtClaimHeader
{
    [Description("Its name; nested ones with dots.")]
    [JsonRequired]
    public string Claim { get; set; } = "";

    [JsonRequired]
    public string Header { get; set; } = "";
}
