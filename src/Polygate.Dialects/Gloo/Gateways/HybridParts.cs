using System.Text.Json;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Gloo.Gateways;

/// <summary>An HTTP part of a hybrid Gateway.</summary>
/// <param name="Field">Where it stands in the Gateway.</param>
/// <param name="Matcher">Which connections it is for.</param>
/// <param name="Http">What it serves.</param>
internal sealed record HybridPart(string Field, GatewayMatcher Matcher, HttpGateway Http)
{
    public bool Ssl => Matcher.SslConfig is not null;

    /// <summary>Whether it is for every connection of the port: neither client addresses, ciphers nor server names choose it.</summary>
    public bool IsSimple =>
        Matcher.PassthroughCipherSuites is not { Count: > 0 }
        && Matcher.SourcePrefixRanges is not { ValueKind: JsonValueKind.Array }
        && Matcher.SslConfig is null or { SniDomains: not { Count: > 0 }, SecretRef: null, SslFiles: null, Sds: null, VerifySubjectAltName: not { Count: > 0 } };
}

/// <summary>Finds the HTTP parts of hybrid Gateways, written inside or in MatchableHttpGateways.</summary>
internal static class HybridParts
{
    public static IReadOnlyList<HybridPart> Of(IResourceLookup lookup, Resource<GlooGateway> gateway)
    {
        var hybrid = gateway.Value.Spec.HybridGateway ?? new HybridGateway();

        // Parts written inside hide the delegated ones.
        return hybrid.MatchedGateways is { Count: > 0 } matched
            ? [.. matched.Select((part, index) => (part, index))
                .Where(pair => pair.part.HttpGateway is not null)
                .Select(pair => new HybridPart(
                    $"spec.hybridGateway.matchedGateways[{pair.index}]", pair.part.Matcher ?? new GatewayMatcher(), pair.part.HttpGateway!))]
            : [.. Delegated(lookup, gateway, hybrid.DelegatedHttpGateways)];
    }

    private static IEnumerable<HybridPart> Delegated(
        IResourceLookup lookup, Resource<GlooGateway> gateway, DelegatedHttpGateways? delegated)
    {
        const string Field = "spec.hybridGateway.delegatedHttpGateways";
        if (delegated is null)
        {
            return [];
        }

        IEnumerable<Resource<MatchableHttpGateway>> chosen = delegated.Ref is { Name: { } name } reference
            ? lookup.Get<MatchableHttpGateway>(reference.Namespace ?? gateway.Namespace, name) is { } one ? [one] : []
            : lookup.List<MatchableHttpGateway>().Where(candidate => IsSelected(candidate, delegated.Selector));
        return chosen
            .Where(part => part.Value.Spec.Matcher?.SslConfig is null == delegated.SslConfig is null)
            .Select(part => new HybridPart(
                Field, part.Value.Spec.Matcher ?? new GatewayMatcher(), WithSharedSettings(part.Value.Spec.HttpGateway ?? new HttpGateway(), delegated)));
    }

    private static bool IsSelected(Resource candidate, ObjectSelector? selector) =>
        selector is not null
        && Selectors.Includes(selector.Namespaces, candidate.Namespace)
        && Selectors.Matches(candidate, selector.Labels)
        && Selectors.Matches(candidate, selector.Expressions);

    private static HttpGateway WithSharedSettings(HttpGateway http, DelegatedHttpGateways delegated)
    {
        var options = http.Options ?? new HttpListenerOptions();
        var settings = delegated.PreventChildOverrides == true
            ? delegated.HttpConnectionManagerSettings ?? options.HttpConnectionManagerSettings
            : options.HttpConnectionManagerSettings ?? delegated.HttpConnectionManagerSettings;
        return http with { Options = options with { HttpConnectionManagerSettings = settings } };
    }
}
