using System.Globalization;
using System.Text;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Migration;

/// <summary>
/// Writes what was translated as Gateway API manifests (v1): a Gateway with a listener for each certificate, and an HTTPRoute for
/// each route. What the API has no words for is named in a comment at its place, so that nothing is silently lost.
/// </summary>
public static class GatewayApiManifests
{
    private const string GatewayName = "ingress-nginx";

    public static string Write(GatewayConfiguration configuration)
    {
        var text = new StringBuilder();
        WriteGateway(text, configuration);
        var backends = configuration.Pieces.Values.SelectMany(piece => piece.Backends).DistinctBy(backend => backend.Id).ToDictionary(backend => backend.Id, StringComparer.Ordinal);
        var number = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var route in configuration.Routes.OrderBy(route => route.Id, StringComparer.Ordinal))
        {
            var owner = route.Origin.Namespace + "/" + route.Origin.Name;
            number[owner] = number.GetValueOrDefault(owner) + 1;
            new RouteManifest(route, $"{route.Origin.Name}-{number[owner]}", backends).Write(text);
        }

        return text.ToString();
    }

    private static void WriteGateway(StringBuilder text, GatewayConfiguration configuration)
    {
        text.Append("apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata:\n  name: ").Append(GatewayName).Append("\nspec:\n  gatewayClassName: polygate\n  listeners:\n");
        text.Append("    - {name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}\n");
        var bindings = configuration.Pieces.Values.SelectMany(piece => piece.TlsBindings).Where(binding => !binding.Certificates.IsEmpty)
            .OrderBy(binding => binding.ServerName.ToString(), StringComparer.Ordinal).ToList();
        for (var i = 0; i < bindings.Count; i++)
        {
            var secret = bindings[i].Certificates[0].Split('/');
            text.Append(CultureInfo.InvariantCulture, $"    - name: https-{i + 1}\n      port: 443\n      protocol: HTTPS\n      hostname: {Quoted(bindings[i].ServerName.ToString())}\n");
            text.Append(CultureInfo.InvariantCulture, $"      tls: {{certificateRefs: [{{name: {Quoted(secret[^1])}, namespace: {Quoted(secret[0])}}}]}}\n      allowedRoutes: {{namespaces: {{from: All}}}}\n");
            if (bindings[i].ClientValidation is not null)
            {
                text.Append("      # not expressed: certificates of clients\n");
            }
        }
    }

    /// <summary>A YAML string that needs no other quoting: JSON's.</summary>
    internal static string Quoted(string text) =>
        "\"" + System.Text.Json.JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"";
}

/// <summary>One route as an HTTPRoute.</summary>
internal sealed class RouteManifest
{
    private readonly Route route;
    private readonly string name;
    private readonly IReadOnlyDictionary<string, Backend> backends;
    private readonly List<string> missing = [];
    private readonly StringBuilder filters = new();

    public RouteManifest(Route route, string name, IReadOnlyDictionary<string, Backend> backends)
    {
        this.route = route;
        this.name = name;
        this.backends = backends;
    }

    public void Write(StringBuilder text)
    {
        foreach (var filter in route.Filters)
        {
            AddFilter(filter);
        }

        var matches = string.Concat(route.Bindings[0].Matches.Select(Match).Distinct(StringComparer.Ordinal).Select(match => $"        - {{{match}}}\n"));
        var action = Action();
        text.Append(CultureInfo.InvariantCulture, $"---\n# {route.Origin}: {route.Origin.Field}\n");
        foreach (var what in missing.Distinct(StringComparer.Ordinal))
        {
            text.Append("# not expressed: ").Append(what.ReplaceLineEndings(" ")).Append('\n');
        }

        text.Append(CultureInfo.InvariantCulture, $"apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata:\n  name: {GatewayApiManifests.Quoted(name)}\n  namespace: {GatewayApiManifests.Quoted(route.Origin.Namespace)}\nspec:\n  parentRefs: [{{name: ingress-nginx, namespace: default}}]\n");
        var hosts = route.Bindings.Select(binding => binding.VirtualHost).Where(host => host.Kind is HostPatternKind.Exact or HostPatternKind.SingleLabelSuffix).Select(host => GatewayApiManifests.Quoted(host.ToString())).Distinct(StringComparer.Ordinal).ToList();
        if (hosts.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"  hostnames: [{string.Join(", ", hosts)}]\n");
        }

        text.Append("  rules:\n    - matches:\n").Append(matches);
        if (filters.Length > 0)
        {
            text.Append("      filters:\n").Append(filters);
        }

        text.Append(action);
    }

    private string Match(RouteMatch match)
    {
        var path = match.Path.Kind switch
        {
            PathPatternKind.Exact => $"path: {{type: Exact, value: {GatewayApiManifests.Quoted(match.Path.Value)}}}",
            PathPatternKind.Any => "path: {type: PathPrefix, value: \"/\"}",
            PathPatternKind.Regex => $"path: {{type: RegularExpression, value: {GatewayApiManifests.Quoted((match.Path.IgnoreCase ? "(?i)" : "") + match.Path.Value.TrimStart('^') + (match.Path.Value.EndsWith('$') ? "" : ".*"))}}}",
            _ => $"path: {{type: PathPrefix, value: {GatewayApiManifests.Quoted(match.Path.Value)}}}",
        };
        var headers = new List<string>();
        var rest = "";
        foreach (var condition in match.Conditions)
        {
            switch (condition)
            {
                case HeaderCondition { Negated: false, Values: [{ Kind: not TextPatternKind.Present } value] } header:
                    headers.Add($"{{name: {GatewayApiManifests.Quoted(header.Name)}, type: {(value.Kind == TextPatternKind.Exact ? "Exact" : "RegularExpression")}, value: {GatewayApiManifests.Quoted(value.Value)}}}");
                    break;
                case MethodCondition { Negated: false, Methods: [var method] }:
                    rest += $", method: {method}";
                    break;
                default:
                    missing.Add("the condition " + condition);
                    break;
            }
        }

        return path + (headers.Count > 0 ? $", headers: [{string.Join(", ", headers)}]" : "") + rest;
    }

    private void AddFilter(Filter filter)
    {
        switch (filter)
        {
            case RequestHeaderFilter { Changes: var changes }:
                AddHeaders("RequestHeaderModifier", "requestHeaderModifier", changes);
                break;
            case ResponseHeaderFilter { Changes: var changes }:
                AddHeaders("ResponseHeaderModifier", "responseHeaderModifier", changes);
                break;
            case RewriteFilter { Path: null or ReplaceFullPath } rewrite:
                var path = rewrite.Path is ReplaceFullPath full ? $"path: {{type: ReplaceFullPath, replaceFullPath: {GatewayApiManifests.Quoted(full.Path)}}}" : "";
                var host = rewrite.Host is { } to ? $"hostname: {GatewayApiManifests.Quoted(to)}" : "";
                filters.Append(CultureInfo.InvariantCulture, $"        - {{type: URLRewrite, urlRewrite: {{{string.Join(", ", new[] { host, path }.Where(part => part.Length > 0))}}}}}\n");
                break;
            case MirrorFilter or CorsFilter or RewriteFilter or RedirectToTlsFilter or BodyLimitFilter or RequestHeaderTemplateFilter:
                missing.Add(Words(filter));
                break;
            default:
                missing.Add(Words(filter) + " (access may be wider without it)");
                break;
        }
    }

    private void AddHeaders(string type, string field, HeaderChanges changes)
    {
        var parts = new List<string>();
        if (!changes.Remove.IsEmpty)
        {
            parts.Add($"remove: [{string.Join(", ", changes.Remove.Select(GatewayApiManifests.Quoted))}]");
        }

        foreach (var (word, headers) in new[] { ("set", changes.Set), ("add", changes.Add) })
        {
            if (!headers.IsEmpty)
            {
                parts.Add($"{word}: [{string.Join(", ", headers.Select(header => $"{{name: {GatewayApiManifests.Quoted(header.Name)}, value: {GatewayApiManifests.Quoted(header.Value)}}}"))}]");
            }
        }

        if (parts.Count > 0)
        {
            filters.Append(CultureInfo.InvariantCulture, $"        - {{type: {type}, {field}: {{{string.Join(", ", parts)}}}}}\n");
        }
    }

    private string Action()
    {
        switch (route.Action)
        {
            case ForwardAction forward:
                var refs = forward.Backends.Select(Reference).Where(reference => reference is not null).ToList();
                return refs.Count == 0 ? "" : $"      backendRefs: [{string.Join(", ", refs)}]\n";
            case RedirectAction { Location: null, Path: null or ReplaceFullPath, DropTrailingSlash: false } redirect:
                var parts = new List<string> { string.Create(CultureInfo.InvariantCulture, $"statusCode: {redirect.Status}") };
                parts.AddRange(redirect.Scheme is { } scheme ? ["scheme: " + scheme] : []);
                parts.AddRange(redirect.Host is { } host ? ["hostname: " + GatewayApiManifests.Quoted(host)] : []);
                parts.AddRange(redirect.Path is ReplaceFullPath full ? [$"path: {{type: ReplaceFullPath, replaceFullPath: {GatewayApiManifests.Quoted(full.Path)}}}"] : []);
                return (filters.Length > 0 ? "" : "      filters:\n") + $"        - {{type: RequestRedirect, requestRedirect: {{{string.Join(", ", parts)}}}}}\n";
            default:
                missing.Add("the answer " + Words(route.Action));
                return "";
        }
    }

    private string? Reference(WeightedBackend weighted)
    {
        if (weighted.Backend is null || !backends.TryGetValue(weighted.Backend, out var backend) || backend.Endpoints is not NamedEndpoints { Set: var set })
        {
            missing.Add("a backend that is no Service");
            return null;
        }

        if (backend with { Id = backend.Name, Name = backend.Name } != new Backend(backend.Name, backend.Endpoints))
        {
            missing.Add("how connections to the backend are made (protocol, TLS, balancing, sessions)");
        }

        var slash = set.IndexOf('/', StringComparison.Ordinal);
        var colon = set.LastIndexOf(':');
        return $"{{name: {GatewayApiManifests.Quoted(set[(slash + 1)..colon])}, port: {set[(colon + 1)..]}, weight: {weighted.Weight.ToString(CultureInfo.InvariantCulture)}}}";
    }

    /// <summary>The kind of a filter or answer in words; no values, which may be secret.</summary>
    private static string Words(object item) => item.GetType().Name.Replace("Filter", "", StringComparison.Ordinal).Replace("Action", "", StringComparison.Ordinal);
}
