using Polygate.Dialects.Common;
using Polygate.Dialects.Kong.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Kong;

/// <summary>How the endpoints of a Service are balanced: by its KongUpstreamPolicy, else by the <c>upstream</c> section of its KongIngress.</summary>
/// <param name="Balancing">The algorithm.</param>
/// <param name="Sticky">The cookie of sticky sessions; null for none.</param>
internal sealed record UpstreamSettings(LoadBalancing Balancing, StickyCookie? Sticky)
{
    public static UpstreamSettings Default { get; } = new(new LoadBalancing(), null);

    public static UpstreamSettings Read(UpstreamPolicySpec spec, Findings findings)
    {
        findings.Unsupported(spec.Healthchecks, "spec.healthchecks");
        findings.Unsupported(spec.HashOnFallback, "spec.hashOnFallback");
        Slots(spec.Slots, "spec.slots", findings);
        if (spec.Algorithm == "sticky-sessions")
        {
            return new UpstreamSettings(
                new LoadBalancing(),
                new StickyCookie(spec.StickySessions?.Cookie is { Length: > 0 } name ? name : "kong-sticky")
                {
                    Path = spec.StickySessions?.CookiePath is { Length: > 0 } path ? path : "/",
                });
        }

        var source = spec.HashOn;
        findings.Unsupported(source?.CookiePath, "spec.hashOn.cookiePath");
        return Hashing(
            spec.Algorithm,
            source switch
            {
                { Header: { Length: > 0 } header } => (HashInput.Header, header),
                { Cookie: { Length: > 0 } cookie } => (HashInput.Cookie, cookie),
                { QueryArg: { Length: > 0 } query } => (HashInput.QueryParameter, query),
                { Input: "ip" } => (HashInput.ClientAddress, ""),
                { Input: "path" } => (HashInput.Path, ""),
                _ => null,
            },
            "spec",
            findings);
    }

    public static UpstreamSettings Read(UpstreamSection section, Findings findings)
    {
        findings.Unsupported(section.Healthchecks, "upstream.healthchecks");
        findings.Unsupported(section.HashFallback is null or "none" ? null : section.HashFallback, "upstream.hash_fallback");
        findings.Unsupported(section.HashFallbackHeader, "upstream.hash_fallback_header");
        findings.Unsupported(section.HashFallbackQueryArg, "upstream.hash_fallback_query_arg");
        findings.Unsupported(section.HashFallbackUriCapture, "upstream.hash_fallback_uri_capture");
        findings.Unsupported(section.HashOnCookiePath, "upstream.hash_on_cookie_path");
        findings.Unsupported(section.HashOnUriCapture, "upstream.hash_on_uri_capture");
        Slots(section.Slots, "upstream.slots", findings);
        var algorithm = section.HashOn is null or "none" ? section.Algorithm : section.Algorithm ?? "consistent-hashing";
        return Hashing(
            algorithm,
            section.HashOn switch
            {
                "header" => (HashInput.Header, section.HashOnHeader ?? ""),
                "cookie" => (HashInput.Cookie, section.HashOnCookie ?? ""),
                "query_arg" => (HashInput.QueryParameter, section.HashOnQueryArg ?? ""),
                "ip" => (HashInput.ClientAddress, ""),
                "path" => (HashInput.Path, ""),
                _ => null,
            },
            "upstream",
            findings);
    }

    private static UpstreamSettings Hashing(string? algorithm, (HashInput Input, string Name)? source, string field, Findings findings)
    {
        switch (algorithm)
        {
            case null or "" or "round-robin":
                return Default;
            case "least-connections":
                return new UpstreamSettings(new LoadBalancing(BalancingAlgorithm.LeastRequests), null);
            case "latency":
                findings.Warning("unsupported-field", "The algorithm latency is not supported yet: the endpoint with the fewest requests is taken.", field + ".algorithm");
                return new UpstreamSettings(new LoadBalancing(BalancingAlgorithm.LeastRequests), null);
            case "consistent-hashing" when source is { } hashed:
                return new UpstreamSettings(new LoadBalancing(BalancingAlgorithm.RingHash) { HashOn = hashed.Input, HashName = hashed.Name }, null);
            case "consistent-hashing":
                findings.Warning(
                    "unsupported-field", "Consistent hashing needs an address, header, cookie, path or query argument to hash; endpoints take turns.", field);
                return Default;
            default:
                findings.Warning("invalid-algorithm", $"There is no algorithm {algorithm}: endpoints take turns.", field + ".algorithm");
                return Default;
        }
    }

    private static void Slots(int? slots, string field, Findings findings)
    {
        if (slots is not null)
        {
            findings.Info("no-effect", "The ring has the size it needs: a number of slots has no effect.", field);
        }
    }
}
