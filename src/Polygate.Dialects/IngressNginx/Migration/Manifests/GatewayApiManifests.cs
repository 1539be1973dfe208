using System.Globalization;
using System.Text.Json.Nodes;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Migration.Manifests;

/// <summary>
/// Writes what was translated as Gateway API manifests: a Gateway, HTTPRoutes, and policies where these are asked for. What they have no words
/// for is named in comments. Where requests would then pass that must not, or reach something else than they should, the rule has no backends.
/// </summary>
public static class GatewayApiManifests
{
    private const int MostRules = 16;
    private const int MostTargets = 16;

    private const string Head = """
        # What ran on ingress-nginx, in the words of the Gateway API. Sessions and retries are fields of its experimental channel.
        # In all routes: paths are compared as they are written, with escapes and double slashes; timeouts count until an answer begins; backends do
        # not get X-Scheme and X-Forwarded-Scheme.

        """;

    public static MigratedManifests Write(MigrationReport report, ManifestSettings settings)
    {
        var listeners = ListenerPlan.Of(report, settings);
        var backends = new RuleBackends(report);
        var drafts = new RuleDrafts(report, settings, new PathForms(report.Configuration.Routes), backends);
        var all = report.Configuration.Routes.OrderBy(route => route.Id, StringComparer.Ordinal).SelectMany(drafts.Of).ToList();
        var text = new ManifestText(Head);
        text.Say(drafts.Missing);
        if (listeners.WithoutCertificate.Count > 0)
        {
            text.Comment($"not served over TLS, for want of a certificate (ingress-nginx has one that nobody trusts): {string.Join(", ", listeners.WithoutCertificate)}");
        }

        foreach (var document in listeners.Documents())
        {
            text.Add(document);
        }

        foreach (var owned in all.GroupBy(draft => (draft.Route.Origin.Namespace, draft.Route.Origin.Name)).OrderBy(owned => owned.Key.Namespace, StringComparer.Ordinal).ThenBy(owned => owned.Key.Name, StringComparer.Ordinal))
        {
            AddRoutes(text, [.. owned], listeners);
        }

        StreamManifests.Add(text, report, listeners, backends);
        foreach (var document in backends.Documents())
        {
            text.Add(document);
        }

        return new MigratedManifests(text.ToString(), text.NotExpressed);
    }

    /// <summary>The HTTPRoutes of one Ingress: a rule stands with those that have the same hosts, listeners and policy.</summary>
    private static void AddRoutes(ManifestText text, IReadOnlyList<RuleDraft> owned, ListenerPlan listeners)
    {
        var origin = owned[0].Route.Origin;
        var names = 0;
        var policies = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var together in owned.GroupBy(draft => (Hosts: string.Join(' ', HostsOf(draft.Route)), Ports: string.Join(' ', draft.Ports), Groups: draft.Groups.ToJsonString())))
        {
            foreach (var rules in together.OrderBy(draft => draft.Route.Bindings[0].Matches.Min(match => match.Precedence)).ThenBy(draft => draft.Place).Chunk(MostRules))
            {
                var route = RouteOf(rules, NameOf(origin.Name, names), listeners);
                if (route is null)
                {
                    continue;
                }

                names++;
                text.Add(route, $"Ingress {origin.Namespace}/{origin.Name}", rules.SelectMany(rule => rule.Missing));
                if (rules[0].Groups.Count > 0)
                {
                    policies.TryAdd(together.Key.Groups, []);
                    policies[together.Key.Groups].Add((string)route["metadata"]!["name"]!);
                }
            }
        }

        var number = 0;
        foreach (var (groups, targets) in policies.SelectMany(policy => policy.Value.Chunk(MostTargets).Select(targets => (policy.Key, targets))))
        {
            var counts = targets.Length > 1 && groups.Contains("\"rateLimit\"", StringComparison.Ordinal)
                ? [new NotExpressed(origin, $"that requests are counted over all {targets.Length} HTTPRoutes together (limit-rps, limit-rpm): each counts by itself", Withholds: false)]
                : Array.Empty<NotExpressed>();
            text.Add(Policy(origin.Namespace, NameOf(origin.Name, number++), groups, targets), "", counts);
        }
    }

    private static JsonObject? RouteOf(IReadOnlyList<RuleDraft> rules, string name, ListenerPlan listeners)
    {
        var route = rules[0].Route;
        var hosts = HostsOf(route);
        var places = rules[0].Ports.SelectMany(port => hosts.Select(host => listeners.Find(port, host))).OfType<ListenerPlace>().Distinct().ToList();
        if (places.Count == 0)
        {
            return null;
        }

        var document = Json.Standard("HTTPRoute", route.Origin.Namespace, name);
        var spec = new JsonObject { ["parentRefs"] = Json.Array(places.Select(listeners.Reference)) };
        if (!hosts.Contains(HostPattern.Any))
        {
            spec["hostnames"] = Json.Texts(hosts.Select(host => host.ToString()));
        }

        spec["rules"] = Json.Array(rules.Select(rule => rule.Rule));
        document["spec"] = spec;
        return document;
    }

    private static JsonObject Policy(string ns, string name, string groups, IEnumerable<string> targets)
    {
        var document = Json.Resource("gateway.polygate.io/v1alpha1", "RoutePolicy", ns, name);
        var spec = new JsonObject
        {
            ["targetRefs"] = Json.Array(targets.Select(target => new JsonObject { ["group"] = "gateway.networking.k8s.io", ["kind"] = "HTTPRoute", ["name"] = target })),
        };
        foreach (var (group, value) in JsonNode.Parse(groups)!.AsObject())
        {
            spec[group] = value!.DeepClone();
        }

        document["spec"] = spec;
        return document;
    }

    private static List<HostPattern> HostsOf(Route route) =>
        [.. route.Bindings.Select(binding => binding.VirtualHost).Where(host => host.Kind != HostPatternKind.Regex).Distinct()];

    private static string NameOf(string name, int number) => number == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{number + 1}");
}
