using System.Net;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Rules;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Policies;

/// <summary>
/// Turns the groups of RoutePolicies into filters. One that cannot be obeyed refuses: requests that were to be restricted do not pass as
/// if nothing had been said.
/// </summary>
internal sealed class RoutePolicyFilters
{
    private const int RefusalStatus = 503;

    private static readonly string[] CompressedTypes =
    [
        "text/*", "application/json", "application/javascript", "application/xml", "application/xhtml+xml", "application/rss+xml", "application/wasm", "image/svg+xml",
    ];

    private readonly TranslationContext context;
    private readonly Resource<RoutePolicy> policy;
    private readonly Resource<Gateway>? gateway;

    /// <param name="context">Where Secrets and backends are found, and backends go.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="gateway">The Gateway; null to only check.</param>
    public RoutePolicyFilters(TranslationContext context, Resource<RoutePolicy> policy, Resource<Gateway>? gateway)
    {
        this.context = context;
        this.policy = policy;
        this.gateway = gateway;
    }

    /// <summary>The filters of a rule: those of the policies in force, after the answers to CORS preflights, which carry no credentials.</summary>
    /// <param name="context">Where everything is found, and backends go.</param>
    /// <param name="groups">What is in force.</param>
    /// <param name="gateway">The Gateway.</param>
    /// <param name="filters">The rule's own.</param>
    public static ValueList<Filter> Join(TranslationContext context, IReadOnlyList<EffectiveGroup> groups, Resource<Gateway> gateway, ValueList<Filter> filters)
    {
        if (groups.Count == 0)
        {
            return filters;
        }

        var own = groups.SelectMany(entry => new RoutePolicyFilters(context, entry.Policy, gateway).Translate(entry.Group, entry.Target).Filters);
        return [.. filters.Where(filter => filter is CorsFilter), .. own, .. filters.Where(filter => filter is not CorsFilter)];
    }

    /// <summary>The filters of a group, and why it cannot be obeyed.</summary>
    /// <param name="group">Its name.</param>
    /// <param name="target">What it is in force for: its limits are counted together there.</param>
    public (IReadOnlyList<Filter> Filters, Problem? Problem) Translate(string group, PolicyTarget target)
    {
        var (filters, problem) = group switch
        {
            PolicyGroups.Addresses => With(group, PolicyGroupJson.Default.AddressGroup, Addresses),
            PolicyGroups.RateLimit => With(group, PolicyGroupJson.Default.RateLimitGroup, rate => RateLimit(rate, target)),
            PolicyGroups.Authentication => With(
                group, PolicyGroupJson.Default.AuthenticationGroup, found => new PolicyAuthentication(context, policy, gateway).Translate(found)),
            PolicyGroups.Limits => With(group, PolicyGroupJson.Default.LimitGroup, Limits),
            PolicyGroups.Compression => With(group, PolicyGroupJson.Default.CompressionGroup, Compression),
            _ => ([], new Problem("Invalid", $"There is no group \"{group}\" in a RoutePolicy.", "spec." + group)),
        };
        return problem is null ? (filters, null) : ([new RefuseFilter(RefusalStatus)], problem);
    }

    private (IReadOnlyList<Filter> Filters, Problem? Problem) With<T>(
        string name, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, Func<T, (IReadOnlyList<Filter>, Problem?)> translate)
        where T : class
    {
        var (value, problem) = PolicyGroups.Read(policy.Value.Spec.Groups, name, type);
        return value is null ? ([], problem) : translate(value);
    }

    private static (IReadOnlyList<Filter>, Problem?) Addresses(AddressGroup group)
    {
        var (allow, deny) = (group.Allow ?? [], group.Deny ?? []);
        if (allow.Concat(deny).FirstOrDefault(text => !IsNetwork(text)) is { } wrong)
        {
            return ([], new Problem("Invalid", $"\"{wrong}\" is neither an address nor a network such as 10.0.0.0/8.", "spec.addresses"));
        }

        return allow.Count + deny.Count == 0
            ? ([], new Problem("Invalid", "The group names no addresses.", "spec.addresses"))
            : ([new AddressAccessFilter { Allow = allow.ToValueList(), Deny = deny.ToValueList() }], null);
    }

    private (IReadOnlyList<Filter>, Problem?) RateLimit(RateLimitGroup group, PolicyTarget target)
    {
        if (group.Requests < 1 || group.Burst < 1 || Durations.Limit(group.Interval) is not { } interval)
        {
            return ([], new Problem("Invalid", "A limit is one request or more in an interval such as 1s.", "spec.rateLimit"));
        }

        if (group.Header is { } header && !RuleChecks.IsToken(header))
        {
            return ([], new Problem("Invalid", $"\"{header}\" is not a header name.", "spec.rateLimit.header"));
        }

        if (group.Exempt?.FirstOrDefault(text => !IsNetwork(text)) is { } wrong)
        {
            return ([], new Problem("Invalid", $"\"{wrong}\" is neither an address nor a network such as 10.0.0.0/8.", "spec.rateLimit.exempt"));
        }

        return (
            [
                new RateLimitFilter(group.Requests, interval, group.Burst ?? group.Requests)
                {
                    ByHeader = group.Header,
                    Exempt = (group.Exempt ?? []).ToValueList(),
                    Counter = $"gateway-api/RoutePolicy/{policy.FullName}/{target}",
                },
            ],
            null);
    }

    private static (IReadOnlyList<Filter>, Problem?) Limits(LimitGroup group)
    {
        if (group is { BodyBytes: < 1 } or { HeaderBytes: < 1 } or { HeaderCount: < 1 } or { BodyBytes: null, HeaderBytes: null, HeaderCount: null })
        {
            return ([], new Problem("Invalid", "The group needs a limit, and every limit is 1 or more.", "spec.limits"));
        }

        var filters = new List<Filter>();
        if (group.HeaderBytes is not null || group.HeaderCount is not null)
        {
            filters.Add(new HeaderLimitFilter(group.HeaderBytes ?? 0, group.HeaderCount ?? 0));
        }

        if (group.BodyBytes is { } body)
        {
            filters.Add(new BodyLimitFilter(body));
        }

        return (filters, null);
    }

    private static (IReadOnlyList<Filter>, Problem?) Compression(CompressionGroup group)
    {
        var codings = new List<ContentCoding>();
        foreach (var name in group.Codings ?? ["br", "gzip"])
        {
            switch (name)
            {
                case "gzip":
                    codings.Add(ContentCoding.Gzip);
                    break;
                case "br":
                    codings.Add(ContentCoding.Brotli);
                    break;
                default:
                    return ([], new Problem("Invalid", $"\"{name}\" is not gzip or br.", "spec.compression.codings"));
            }
        }

        return group.MinBytes < 0
            ? ([], new Problem("Invalid", "A size is not negative.", "spec.compression.minBytes"))
            : ([
                new CompressionFilter
                {
                    Codings = codings.ToValueList(),
                    Types = (group.Types ?? CompressedTypes).ToValueList(),
                    MinimumBytes = group.MinBytes ?? 1024,
                },
            ],
            null);
    }

    private static bool IsNetwork(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return IPAddress.TryParse(slash < 0 ? text : text.AsSpan(0, slash), out var address)
            && (slash < 0 || (int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out var bits)
                && bits <= (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128)));
    }
}
