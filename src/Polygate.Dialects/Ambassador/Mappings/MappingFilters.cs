using System.Globalization;
using System.Text.Json;
using Polygate.Dialects.Ambassador.Resources;
using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.Ambassador.Mappings;

/// <summary>
/// The filters of a Mapping: access, CORS, headers, rewrite, copies. Added headers and CORS are those of the whole group,
/// removals and rewrites its own.
/// </summary>
internal static class MappingFilters
{
    public static ValueList<Filter> Of(MappingView mapping, MappingGroup group, Backend? shadow, Installation installation, MappingReport report)
    {
        var filters = AccessFilters.Of(mapping, installation, report).ToList();
        if (Cors(group, installation, report) is { } cors)
        {
            filters.Add(cors);
        }

        if (mapping.IsRedirect)
        {
            return filters.ToValueList();
        }

        var request = Changes(group, mapping.Spec.RemoveRequestHeaders, "request_headers", spec => spec.AddRequestHeaders, installation, report);
        if (request is not null)
        {
            filters.Add(new RequestHeaderFilter(request));
        }

        var response = Changes(group, mapping.Spec.RemoveResponseHeaders, "response_headers", spec => spec.AddResponseHeaders, installation, report);
        if (response is not null)
        {
            filters.Add(new ResponseHeaderFilter(response));
        }

        if (Rewrite(mapping, installation) is { } rewrite)
        {
            filters.Add(rewrite);
        }

        if (shadow is not null)
        {
            filters.Add(new MirrorFilter(shadow.Id, (group.Shadow!.Spec.Weight ?? 100) / 100.0));
        }

        return filters.ToValueList();
    }

    /// <summary>A rewrite by text: of the prefix, or of the whole path where the Mapping matches that.</summary>
    private static RewriteFilter? Rewrite(MappingView mapping, Installation installation)
    {
        var spec = mapping.Spec;
        var host = spec switch
        {
            { HostRewrite: { Length: > 0 } written } => written,
            { AutoHostRewrite: true } => MappingBackends.HostOf(mapping, installation),
            _ => null,
        };
        PathRewrite? path = null;
        if (spec.RegexRewrite?.Pattern is { Length: > 0 } pattern)
        {
            Re2.TryConvert(pattern, out var converted, out _);
            path = new RegexRewrite(converted, Re2.ConvertSubstitution(spec.RegexRewrite.Substitution ?? "")) { All = true };
        }
        else if ((spec.Rewrite ?? "/") is { Length: > 0 } text)
        {
            path = TextRewrite(mapping, text);
        }

        return path is null && host is null ? null : new RewriteFilter { Path = path, Host = host };
    }

    /// <summary>The rewrite; null where it would change nothing.</summary>
    public static PathRewrite? TextRewrite(MappingView mapping, string text) =>
        mapping.Spec is { PrefixRegex: true } or { PrefixExact: true } ? new ReplaceFullPath(text)
        : mapping.Prefix == text && mapping.Spec.CaseSensitive != false ? null
        : new ReplaceTextPrefix(mapping.Prefix.Length, text);

    private static HeaderChanges? Changes(
        MappingGroup group, JsonElement? remove, string field, Func<MappingSpec, JsonElement?> added, Installation installation, MappingReport report)
    {
        var values = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var mapping in group.Mappings)
        {
            if ((added(mapping.Spec) ?? installation.MappingDefault("add_" + field)) is { ValueKind: JsonValueKind.Object } headers)
            {
                foreach (var header in headers.EnumerateObject())
                {
                    values[header.Name] = header.Value;
                }
            }
        }

        var (set, add) = (new List<HeaderValue>(), new List<HeaderValue>());
        foreach (var (name, value) in values)
        {
            var isObject = value.ValueKind == JsonValueKind.Object;
            var text = isObject ? JsonText.Scalar(value.TryGetProperty("value", out var inner) ? inner : null) : JsonText.Scalar(value);
            if (EnvoyHeaderValue.Literal(text ?? "") is not { } literal)
            {
                report.Warning("unsupported-field", $"The variables in the value of the header {name} are not supported yet; the header is left out.", "spec.add_" + field);
                continue;
            }

            var replaces = isObject && value.TryGetProperty("append", out var append) && append.ValueKind == JsonValueKind.False;
            (replaces ? set : add).Add(new HeaderValue(name, literal));
        }

        var removed = JsonText.List(remove ?? installation.MappingDefault("remove_" + field));
        return set.Count + add.Count + removed.Count == 0
            ? null
            : new HeaderChanges { Remove = removed.ToValueList(), Set = set.ToValueList(), Add = add.ToValueList() };
    }

    /// <summary>The policy of the first member that has one, else the Module's.</summary>
    private static CorsFilter? Cors(MappingGroup group, Installation installation, MappingReport report)
    {
        var cors = group.Mappings.Select(mapping => mapping.Spec.Cors).FirstOrDefault(policy => policy is not null)
            ?? FromModule(installation, report);
        if (cors is null)
        {
            return null;
        }

        return new CorsFilter
        {
            AllowOrigins = JsonText.List(cors.Origins, commas: true).ToValueList(),
            AllowMethods = JsonText.List(cors.Methods, commas: true).ToValueList(),
            AllowHeaders = JsonText.List(cors.Headers, commas: true).ToValueList(),
            ExposeHeaders = JsonText.List(cors.ExposedHeaders, commas: true).ToValueList(),
            AllowCredentials = cors.Credentials == true,
            MaxAge = int.TryParse(cors.MaxAge, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : null,
            PreflightStatus = 200,
            AnswerForbiddenPreflight = false,
        };
    }

    private static CorsSpec? FromModule(Installation installation, MappingReport report)
    {
        try
        {
            return installation.Setting("cors") is { ValueKind: JsonValueKind.Object } cors ? cors.Deserialize(AmbassadorJson.Default.CorsSpec) : null;
        }
        catch (JsonException)
        {
            report.Warning("invalid-field", "The Module's cors cannot be read and has no effect.");
            return null;
        }
    }
}
