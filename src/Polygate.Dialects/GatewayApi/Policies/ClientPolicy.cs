using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Policies;

/// <summary>How the clients of Gateways are treated on their connections, before any route is known (policy attachment, GEP-713).</summary>
public sealed class ClientPolicy : CustomResource<ClientPolicySpec>;

/// <summary>What a ClientPolicy says, in groups as a <see cref="RoutePolicySpec"/>.</summary>
public sealed class ClientPolicySpec
{
    public IReadOnlyList<PolicyTargetReference>? TargetRefs { get; set; }

    /// <summary>By the names of <see cref="PolicyGroups.OfClients"/>.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Groups { get; set; }
}

/// <summary>How long clients are waited for.</summary>
[Description("How long clients are waited for. What is absent is the gateway's own.")]
public sealed class ClientTimeoutGroup
{
    [Description("From the first byte of a request's head to its last, such as 10s; the answer is 408. HTTP/1.1.")]
    public string? Header { get; set; }

    [Description("For a request on an open connection. HTTP/1.1.")]
    public string? Idle { get; set; }

    [Description("Between two parts of a request's body; the answer is 408.")]
    public string? Body { get; set; }
}

/// <summary>How large the heads of requests may be.</summary>
[Description("How large the heads of requests may be. What is absent is the gateway's own.")]
public sealed class ClientLimitGroup
{
    [Description("Bytes of a request line; beyond it the answer is 414. HTTP/1.1.")]
    [Range(1, 65_536)]
    public int? RequestLineBytes { get; set; }

    [Description("Bytes of all header fields together; beyond it the answer is 431. Over HTTP/2 the gateway's own limit holds too.")]
    [Range(1, 262_144)]
    public int? HeaderBytes { get; set; }

    [Description("Header fields; beyond it the answer is 431. Over HTTP/2 the gateway's own limit holds too.")]
    [Range(1, 10_000)]
    public int? HeaderCount { get; set; }
}

/// <summary>Who is believed about clients.</summary>
[Description("Proxies in front of the gateway that are believed about their clients (X-Forwarded-For, -Proto, -Host, -Port), in place of the gateway's own list.")]
public sealed class TrustedProxyGroup
{
    [Description("Addresses and networks in CIDR notation. Empty: nobody is believed.")]
    [JsonRequired]
    public IReadOnlyList<string> Networks { get; set; } = [];
}
