using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Migration.Manifests;

/// <summary>What a route matches, as the matches of a rule.</summary>
internal static class RuleMatches
{
    /// <summary>The matches; null where a condition has no words.</summary>
    /// <param name="route">The route.</param>
    /// <param name="paths">How paths are written.</param>
    /// <param name="further">Header conditions beside its own.</param>
    public static JsonArray? Of(Route route, PathForms paths, params ReadOnlySpan<JsonObject> further)
    {
        var more = further.ToArray();
        var matches = new JsonArray();
        foreach (var conditions in route.Bindings[0].Matches.Select(match => match.Conditions).Distinct())
        {
            var (headers, method) = (new List<JsonObject>(more), (string?)null);
            foreach (var condition in conditions)
            {
                switch (condition)
                {
                    case HeaderCondition { Negated: false, Values: [var value] } header:
                        headers.Add(Header(header.Name, value));
                        break;
                    case CookieCondition { Negated: false, Value: { Kind: TextPatternKind.Exact } value } cookie:
                        headers.Add(Cookie(cookie.Name, value.Value));
                        break;
                    case MethodCondition { Negated: false, Methods: [var only] } when method is null:
                        method = only;
                        break;
                    default:
                        return null;
                }
            }

            foreach (var path in paths.Of(route))
            {
                matches.Add((JsonNode)Match(path, headers, method));
            }
        }

        return matches;
    }

    /// <summary>Whether something is decided on a host before any path is looked at: in the Gateway API the longer path decides first.</summary>
    public static bool IsBeforePaths(Route route) => route.Bindings[0].Matches is [{ Precedence.Keys: [-1, ..] }, ..];

    /// <summary>A header of this value, or where the pattern fits.</summary>
    public static JsonObject Header(string name, TextPattern value) => value.Kind switch
    {
        TextPatternKind.Exact => new JsonObject { ["name"] = name, ["value"] = value.Value },
        TextPatternKind.Present => new JsonObject { ["type"] = "RegularExpression", ["name"] = name, ["value"] = ".*" },
        _ => new JsonObject { ["type"] = "RegularExpression", ["name"] = name, ["value"] = PathForms.Searched(value.Value) },
    };

    /// <summary>A cookie of this value, found in the header of all cookies.</summary>
    public static JsonObject Cookie(string name, string value) =>
        new() { ["type"] = "RegularExpression", ["name"] = "Cookie", ["value"] = $"(?:.*;)?\\s*{Regex.Escape(name)}={Regex.Escape(value)}\\s*(?:;.*)?" };

    private static JsonObject Match(JsonObject path, IReadOnlyCollection<JsonObject> headers, string? method)
    {
        var match = new JsonObject { ["path"] = path };
        if (headers.Count > 0)
        {
            match["headers"] = Json.Array(headers.Select(header => header.DeepClone()));
        }

        if (method is not null)
        {
            match["method"] = method;
        }

        return match;
    }
}
