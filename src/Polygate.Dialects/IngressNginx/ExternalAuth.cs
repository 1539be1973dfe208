using System.Globalization;
using k8s.Models;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>
/// auth-url: a service that is asked by a GET without body for each request. 2xx admits, 401 and 403 refuse, anything else is
/// answered 500.
/// </summary>
/// <param name="Service">Where it is.</param>
/// <param name="Filter">How it is asked; its backend and the headers of <paramref name="HeaderMap"/> come in when the Ingress is translated.</param>
/// <param name="HeaderMap">The ConfigMap of auth-proxy-set-headers, in the Ingress's namespace; null for none.</param>
internal sealed record ExternalAuth(AuthService Service, ExternalAuthorizationFilter Filter, string? HeaderMap)
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"];

    /// <summary>Null without auth-url.</summary>
    /// <param name="reader">The annotations.</param>
    /// <param name="scope">Keeps remembered answers of different Ingresses apart.</param>
    public static ExternalAuth? Parse(AnnotationReader reader, string scope)
    {
        if (reader.Text("auth-url") is not { } url)
        {
            return null;
        }

        if (AuthService.Parse(url, out var path, out var problem) is not { } service || NginxTemplate.Parse(path, out problem) is not { } target)
        {
            reader.DenyLocation("auth-url", $"\"{url}\" is not supported: {problem}", url.Contains('$') ? "unsupported-annotation" : "invalid-annotation");
            return null;
        }

        var signIn = ParseSignIn(reader);
        var always = reader.Boolean("auth-always-set-cookie");
        var filter = new ExternalAuthorizationFilter(service.BackendId)
        {
            ErrorStatus = 500,
            Request = new AuthorizationRequest
            {
                Method = ParseMethod(reader),
                Host = service.Host,
                Path = target,
                Set = ParseHeaders(reader),
            },
            Success = new AuthorizationSuccess
            {
                CopyToRequest = ParseResponseHeaders(reader),
                CopyToResponse = ["Set-Cookie"],
                OnlyGoodResponses = !always,
            },
            Denial = new AuthorizationDenial
            {
                Statuses = [401, 403],
                CopyBody = false,
                Headers = always || signIn is not null ? ["WWW-Authenticate", "Set-Cookie"] : ["WWW-Authenticate"],
                SignIn = signIn,
                SignInStatus = 302,
            },
            Cache = ParseCache(reader, scope),
        };
        return new ExternalAuth(service, filter, reader.Text("auth-proxy-set-headers") is null ? null : reader.LocalName("auth-proxy-set-headers") ?? "");
    }

    /// <summary>The filter; one that refuses when the ConfigMap of headers cannot be used.</summary>
    /// <param name="context">Where Services and ConfigMaps are found.</param>
    /// <param name="owner">The Ingress that asks for it.</param>
    public Filter Resolve(TranslationContext context, Resource owner)
    {
        context.Add(Service.Backend(context));
        if (HeaderMap is null)
        {
            return Filter;
        }

        var headers = new List<HeaderTemplate>();
        if (HeaderMap.Length == 0 || context.Get<V1ConfigMap>(owner.Namespace, HeaderMap) is not { } map)
        {
            return Refuse("missing-configmap", $"The ConfigMap {owner.Namespace}/{HeaderMap} does not exist.");
        }

        foreach (var (name, value) in (map.Value.Data ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!HeaderNames.IsName(name) || !HeaderNames.IsValue(value))
            {
                return Refuse("invalid-header", $"The entry {name} of the ConfigMap {map.FullName} is not a header.");
            }

            if (NginxTemplate.Parse(value ?? "", out var problem) is not { } template)
            {
                return Refuse("unsupported-annotation", $"The header {name} of the ConfigMap {map.FullName}: {problem}");
            }

            headers.Add(new HeaderTemplate(name, template));
        }

        return Filter with { Request = Filter.Request with { Set = [.. Filter.Request.Set, .. headers] } };

        RefuseFilter Refuse(string code, string message)
        {
            context.OwnError(owner, code, "auth-proxy-set-headers", message + " The paths of this Ingress answer 503.");
            return new RefuseFilter(503);
        }
    }

    private static string ParseMethod(AnnotationReader reader)
    {
        var method = reader.Text("auth-method");
        if (method is not null && !Methods.Contains(method))
        {
            reader.DenyLocation("auth-method", $"\"{method}\" is not a method.");
        }

        return method ?? "GET";
    }

    private static ValueList<HeaderTemplate> ParseHeaders(AnnotationReader reader)
    {
        var redirect = reader.Text("auth-request-redirect") is { } written
            ? NginxTemplate.Parse(written, out var problem)
            : TextTemplate.Of(TextSource.PathAndQuery);
        if (redirect is null)
        {
            reader.UseDefault("auth-request-redirect", "It has a variable that is not supported.");
            redirect = TextTemplate.Of(TextSource.PathAndQuery);
        }

        return
        [
            new HeaderTemplate("X-Original-URL", TextTemplate.Of(TextSource.Url)),
            new HeaderTemplate("X-Original-Method", TextTemplate.Of(TextSource.Method)),
            new HeaderTemplate("X-Sent-From", TextTemplate.Literal("nginx-ingress-controller")),
            new HeaderTemplate("X-Real-IP", TextTemplate.Of(TextSource.ClientAddress)),
            new HeaderTemplate("X-Forwarded-For", TextTemplate.Of(TextSource.ClientAddress)),
            new HeaderTemplate("X-Auth-Request-Redirect", redirect),
        ];
    }

    private static ValueList<string> ParseResponseHeaders(AnnotationReader reader)
    {
        var headers = reader.List("auth-response-headers");
        if (headers.FirstOrDefault(name => !HeaderNames.IsName(name)) is { } malformed)
        {
            reader.DenyLocation("auth-response-headers", $"\"{malformed}\" is not the name of a header.");
        }

        return headers;
    }

    /// <summary>Where clients are sent instead of a 401, with the address they asked for in a parameter unless it is there already.</summary>
    private static TextTemplate? ParseSignIn(AnnotationReader reader)
    {
        if (reader.Text("auth-signin") is not { } url)
        {
            return null;
        }

        var parameter = reader.Text("auth-signin-redirect-param") ?? "rd";
        if (!parameter.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.'))
        {
            reader.UseDefault("auth-signin-redirect-param", $"\"{parameter}\" is not the name of a parameter.");
            parameter = "rd";
        }

        if (!AuthService.IsSignIn(url) || NginxTemplate.Parse(url, out var problem) is not { } template)
        {
            reader.UseDefault("auth-signin", $"\"{url}\" is not an address that clients can be sent to.");
            return null;
        }

        var query = url.IndexOf('?', StringComparison.Ordinal);
        if (query >= 0 && url[(query + 1)..].Split('&').Any(pair => pair.Split('=')[0] == parameter))
        {
            return template;
        }

        return new TextTemplate(
        [
            .. template.Parts,
            TextPart.Literal((query < 0 ? "?" : "&") + parameter + "="),
            new TextPart(TextSource.Scheme), TextPart.Literal("://"), new TextPart(TextSource.Authority), new TextPart(TextSource.PathAndQuery) { Escape = true },
        ]);
    }

    private static AuthorizationCache? ParseCache(AnnotationReader reader, string scope)
    {
        var lifetimes = ParseLifetimes(reader);
        if (reader.Text("auth-cache-key") is not { } written)
        {
            return null;
        }

        if (NginxTemplate.Parse(written, out var problem) is not { } key)
        {
            reader.Warn("unsupported-annotation", "auth-cache-key", problem + " Answers are not remembered.");
            return null;
        }

        return new AuthorizationCache(new TextTemplate([TextPart.Literal(scope + "\n"), .. key.Parts])) { Lifetimes = lifetimes };
    }

    /// <summary>Entries such as <c>200 202 10m</c>; a malformed one denies the location.</summary>
    private static ValueList<AuthorizationLifetime> ParseLifetimes(AnnotationReader reader)
    {
        var lifetimes = new List<AuthorizationLifetime>();
        var entries = reader.Text("auth-cache-duration") is null ? ["200 202 401 5m"] : reader.List("auth-cache-duration");
        foreach (var entry in entries)
        {
            var words = entry.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var statuses = words.TakeWhile(word => word.Length == 3 && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out _)).ToList();
            if (NginxDuration.Parse(string.Join(' ', words[statuses.Count..])) is { } duration)
            {
                // Without a status nginx means the good answers and its own redirects.
                var codes = statuses.Count == 0 ? [200, 301, 302] : statuses.Select(word => int.Parse(word, CultureInfo.InvariantCulture));
                lifetimes.AddRange(codes.Select(code => new AuthorizationLifetime(code, duration)));
            }
            else
            {
                reader.DenyLocation("auth-cache-duration", $"\"{entry}\" is not a list of statuses and a duration.");
            }
        }

        return lifetimes.ToValueList();
    }
}
