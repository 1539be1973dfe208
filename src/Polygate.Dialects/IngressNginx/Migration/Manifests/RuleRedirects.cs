using System.Text.Json.Nodes;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Migration.Manifests;

/// <summary>Redirects as filters of rules.</summary>
internal static class RuleRedirects
{
    /// <param name="route">The route that redirects.</param>
    /// <param name="redirect">How.</param>
    /// <param name="matches">The matches of the rule: only of a single prefix can the match be replaced.</param>
    /// <param name="missing">Gets what is not said.</param>
    public static JsonObject Filter(Route route, RedirectAction redirect, JsonArray matches, List<NotExpressed> missing)
    {
        var value = new JsonObject();
        if (redirect.Status is 301 or 302 or 303 or 307 or 308)
        {
            value["statusCode"] = redirect.Status;
        }
        else
        {
            Miss($"a redirect with status {redirect.Status}: it is 302", withholds: false);
        }

        var target = redirect.Location is { } location ? new Uri(location) : null;
        Set("scheme", redirect.Scheme ?? target?.Scheme);
        Set("hostname", redirect.Host ?? target?.Host);
        if ((target is null || target.IsDefaultPort ? redirect.Port : target.Port) is > 0 and not (80 or 443) and var port)
        {
            value["port"] = port;
        }

        var path = target is not null ? new ReplaceFullPath(target.AbsolutePath) : redirect.Path;
        if (path is ReplaceFullPath full)
        {
            value["path"] = new JsonObject { ["type"] = "ReplaceFullPath", ["replaceFullPath"] = full.Path };
        }
        else if (path is AddPrefix { Prefix: var prefix } && matches is [JsonObject match] && match["path"] is JsonObject only && (string?)only["type"] == "PathPrefix" && (string?)only["value"] == "/")
        {
            value["path"] = new JsonObject { ["type"] = "ReplacePrefixMatch", ["replacePrefixMatch"] = prefix };
        }
        else if (path is not null)
        {
            Miss("where the redirect leads to", withholds: true);
        }

        if (target is not null || redirect.StripQuery)
        {
            Miss("that the redirect drops the query of the request: it is kept", withholds: false);
        }

        if (redirect.DropTrailingSlash)
        {
            Miss("that the redirect to TLS drops a slash at the end (quirk-tls-redirect-slash): it is kept", withholds: false);
        }

        return new JsonObject { ["type"] = "RequestRedirect", ["requestRedirect"] = value };

        void Set(string field, string? text)
        {
            if (text is not null)
            {
                value[field] = text;
            }
        }

        void Miss(string what, bool withholds) => missing.Add(new NotExpressed(route.Origin, what, withholds));
    }
}
