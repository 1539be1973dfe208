using System.Text;
using Polygate.Dialects.GatewayApi;
using Polygate.Dialects.Tests.Golden;

namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>Gateway API routes written in few words, and which of their rules answers a request.</summary>
internal sealed class RouteTable
{
    private readonly ServedRequests requests;

    private RouteTable(string yaml) => requests = new ServedRequests(yaml, new GatewayApiDialect());

    public static RouteTable Of(string yaml) => new(yaml);

    /// <summary>
    /// Routes written one rule a line (see <see cref="Routes"/>), on a Gateway that admits every namespace and takes every host, by listeners of their
    /// own those that are named.
    /// </summary>
    public static RouteTable OfRoutes(string lines, params IEnumerable<string> listenerHosts) => new($$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: gw }
        spec:
          gatewayClassName: any
          listeners:
            - { name: http, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }
        {{string.Concat(listenerHosts.Select((host, place) => $$"""
            - { name: own-{{place}}, hostname: "{{host}}", port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }

        """))}}
        {{Routes(lines)}}
        """);

    /// <summary>The rule that answers, as <c>route/rule</c>; null when none does.</summary>
    /// <param name="request">As <see cref="ServedRequests.RouteOf"/> takes it.</param>
    public string? Answer(string request)
    {
        // gateway-api/HTTPRoute/namespace/name/rule@gateway
        var id = requests.RouteOf(request);
        return id is null ? null : string.Join('/', id[..id.IndexOf('@', StringComparison.Ordinal)].Split('/')[3..]);
    }

    /// <summary>
    /// Routes of the Gateway <c>gw</c>, one rule a line: the route's name, then any of <c>host:</c>, <c>exact:</c>, <c>prefix:</c>,
    /// <c>regex:</c>, <c>method:</c>, <c>header:name=value</c>, <c>query:name=value</c>, <c>created:</c>, <c>ns:</c>; a line with <c>service:</c>, <c>call:</c> or
    /// <c>GRPCRoute</c> is a GRPCRoute's; <c>or</c> begins another match of the same rule. Lines of one name are rules of one route.
    /// </summary>
    private static string Routes(string lines)
    {
        var yaml = new StringBuilder();
        var rules = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => line.Split(' '));
        foreach (var route in rules.GroupBy(words => words[0]))
        {
            var words = route.SelectMany(line => line[1..]).ToList();
            var kind = words.Any(word => word.StartsWith("service:", StringComparison.Ordinal) || word.StartsWith("call:", StringComparison.Ordinal) || word == "GRPCRoute") ? "GRPCRoute" : "HTTPRoute";
            var created = Values(words, "created:").FirstOrDefault() is { } time ? $", creationTimestamp: \"{time}T00:00:00Z\"" : "";
            yaml.Append($$"""
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: {{kind}}
                metadata: { name: {{route.Key}}, namespace: {{Values(words, "ns:").FirstOrDefault() ?? "default"}}{{created}} }
                spec:
                  parentRefs: [{ name: gw, namespace: default }]
                  hostnames: [{{string.Join(", ", Values(words, "host:").Distinct().Select(host => $"\"{host}\""))}}]
                  rules:

                """);
            foreach (var line in route)
            {
                yaml.Append("    - matches:\n");
                foreach (var match in string.Join(' ', line[1..]).Split(" or "))
                {
                    yaml.Append($"        - {{ {string.Join(", ", Conditions(match.Split(' ')))} }}\n");
                }
            }
        }

        return yaml.ToString();
    }

    private static IEnumerable<string> Conditions(IReadOnlyList<string> words)
    {
        foreach (var (prefix, type) in new[] { ("exact:", "Exact"), ("prefix:", "PathPrefix"), ("regex:", "RegularExpression") })
        {
            foreach (var path in Values(words, prefix))
            {
                yield return $"path: {{ type: {type}, value: \"{path}\" }}";
            }
        }

        if (Values(words, "method:").FirstOrDefault() is { } method)
        {
            yield return $"method: {method}";
        }

        var service = Values(words, "service:").Select(value => $"service: \"{value}\"");
        var call = service.Concat(Values(words, "call:").Select(value => $"method: \"{value}\"")).ToList();
        if (call.Count > 0)
        {
            yield return $"method: {{ {string.Join(", ", call)} }}";
        }

        foreach (var (prefix, field) in new[] { ("header:", "headers"), ("query:", "queryParams") })
        {
            var values = Values(words, prefix).Select(value => value.Split('=')).Select(pair => $"{{ name: \"{pair[0]}\", value: \"{pair[1]}\" }}").ToList();
            if (values.Count > 0)
            {
                yield return $"{field}: [{string.Join(", ", values)}]";
            }
        }
    }

    private static IEnumerable<string> Values(IEnumerable<string> words, string prefix) =>
        words.Where(word => word.StartsWith(prefix, StringComparison.Ordinal)).Select(word => word[prefix.Length..]);
}
