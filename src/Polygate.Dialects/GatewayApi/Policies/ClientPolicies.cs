using System.Net;
using System.Text.Json.Serialization.Metadata;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Rules;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Policies;

/// <summary>
/// Finds ClientPolicies and makes settings of them. They hold for a port of a Gateway: on a connection nothing tells yet which listener of the
/// port a request will be for. Of each group a policy for one of the Gateway's listeners on the port comes before one for the Gateway, then
/// the older, then the first by name. Listeners of ListenerSets follow their Gateway: who is believed is its owner's to say.
/// </summary>
internal static class ClientPolicies
{
    /// <summary>How clients of a Gateway's port are treated; null where no policy says anything.</summary>
    public static ClientSettings? Of(IResourceLookup lookup, Resource<Gateway> gateway, int port)
    {
        ClientSettings? settings = null;
        foreach (var (group, _) in PolicyGroups.OfClients)
        {
            if ((Winner(lookup, gateway, port, group) ?? Winner(lookup, gateway, null, group)) is { } policy)
            {
                settings = Read(policy, group, settings ?? new ClientSettings()).Settings;
            }
        }

        return settings;
    }

    /// <summary>The policy in force for a group among those for listeners on a port, or (null) for the Gateway as a whole.</summary>
    public static Resource<ClientPolicy>? Winner(IResourceLookup lookup, Resource<Gateway> gateway, int? port, string group) =>
        lookup.Find(GatewayApiIndexes.ClientPoliciesByGateway, gateway.FullName)
            .Where(policy => policy.Value.Spec.Groups?.ContainsKey(group) == true
                && (policy.Value.Spec.TargetRefs ?? []).Any(target => IsFor(target, policy, gateway) && PortOf(target, gateway) == port))
            .OrderBy(policy => policy.Created).ThenBy(policy => policy.FullName, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>The port of the listener that a target names; null where it names none, 0 where there is no such listener with HTTP clients.</summary>
    public static int? PortOf(PolicyTargetReference target, Resource<Gateway> gateway) => string.IsNullOrEmpty(target.SectionName)
        ? null
        : gateway.Value.Spec.Listeners?.FirstOrDefault(listener => listener.Name == target.SectionName && listener.Protocol is "HTTP" or "HTTPS")?.Port ?? 0;

    /// <summary>
    /// Settings with a group of a policy, and why it cannot be obeyed: then the installation's hold, and nobody is believed.
    /// </summary>
    public static (ClientSettings Settings, Problem? Problem) Read(Resource<ClientPolicy> policy, string group, ClientSettings settings) => group switch
    {
        PolicyGroups.Timeouts => With(policy, group, PolicyGroupJson.Default.ClientTimeoutGroup, settings, Timeouts),
        PolicyGroups.Limits => With(policy, group, PolicyGroupJson.Default.ClientLimitGroup, settings, Limits),
        PolicyGroups.TrustedProxies => With(policy, group, PolicyGroupJson.Default.TrustedProxyGroup, settings with { TrustedProxies = (ValueList<string>)[] }, Proxies),
        _ => (settings, new Problem("Invalid", $"There is no group \"{group}\" in a ClientPolicy.", "spec." + group)),
    };

    private static bool IsFor(PolicyTargetReference target, Resource policy, Resource<Gateway> gateway) =>
        target is { Group: GatewayApiTypes.Group, Kind: "Gateway" } && target.Name == gateway.Name && policy.Namespace == gateway.Namespace;

    private static (ClientSettings, Problem?) With<T>(
        Resource<ClientPolicy> policy, string group, JsonTypeInfo<T> type, ClientSettings settings, Func<T, ClientSettings, (ClientSettings?, Problem?)> apply)
        where T : class
    {
        var (value, problem) = PolicyGroups.Read(policy.Value.Spec.Groups, group, type);
        if (value is null)
        {
            return (settings, problem);
        }

        (var changed, problem) = apply(value, settings);
        return (changed ?? settings, problem);
    }

    private static (ClientSettings?, Problem?) Timeouts(ClientTimeoutGroup group, ClientSettings settings)
    {
        foreach (var (text, field) in new[] { (group.Header, "header"), (group.Idle, "idle"), (group.Body, "body") })
        {
            if (text is not null && Durations.Limit(text) is null)
            {
                return Invalid($"\"{text}\" is not a duration above zero such as 10s.", "spec.timeouts." + field);
            }
        }

        return group is { Header: null, Idle: null, Body: null }
            ? Invalid("The group needs a time.", "spec.timeouts")
            : (settings with { HeaderTimeout = Durations.Limit(group.Header), IdleTimeout = Durations.Limit(group.Idle), BodyTimeout = Durations.Limit(group.Body) }, null);
    }

    private static (ClientSettings?, Problem?) Limits(ClientLimitGroup group, ClientSettings settings) =>
        group is { RequestLineBytes: null, HeaderBytes: null, HeaderCount: null }
            or { RequestLineBytes: < 1 or > 65_536 } or { HeaderBytes: < 1 or > 262_144 } or { HeaderCount: < 1 or > 10_000 }
            ? Invalid("The group needs a limit, and each within its range: requestLineBytes to 65536, headerBytes to 262144, headerCount to 10000.", "spec.limits")
            : (settings with { RequestLineBytes = group.RequestLineBytes, HeaderBytes = group.HeaderBytes, HeaderCount = group.HeaderCount }, null);

    private static (ClientSettings?, Problem?) Proxies(TrustedProxyGroup group, ClientSettings settings) =>
        group.Networks.FirstOrDefault(text => !IPAddress.TryParse(text, out _) && !IPNetwork.TryParse(text, out _)) is { } wrong
            ? Invalid($"\"{wrong}\" is neither an address nor a network such as 10.0.0.0/8.", "spec.trustedProxies.networks")
            : (settings with { TrustedProxies = group.Networks.ToValueList() }, null);

    private static (ClientSettings?, Problem?) Invalid(string message, string field) => (null, new Problem("Invalid", message, field));
}
