using System.Net;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>What happens to the requests of a location: the filters in the order of nginx's phases, and what answers.</summary>
internal sealed class LocationServing
{
    /// <summary>What no client may tell the backend: <c>Proxy</c> becomes the environment variable HTTP_PROXY of CGI programs, the others are the gateway's to say.</summary>
    private static readonly RequestHeaderFilter Forged = new(new HeaderChanges
    {
        Remove = ["Proxy", "X-Scheme", "X-Forwarded-Scheme", "X-Original-Forwarded-For", "X-Original-Forwarded-Host"],
    });

    private readonly TranslationContext context;
    private readonly IngressNginxOptions options;

    public LocationServing(TranslationContext context, IngressNginxOptions options)
    {
        this.context = context;
        this.options = options;
    }

    /// <summary>
    /// Body size, then CORS, then redirects, then rates, then access, then mirroring, then what the backend sees. So preflights and
    /// redirects are answered whoever asks.
    /// </summary>
    public ValueList<Filter> Filters(NginxIngress settings, IngressPath path, NginxHost host)
    {
        if (host.IsDenied)
        {
            return [new RefuseFilter(403)];
        }

        if (settings.IsLocationDenied)
        {
            return [new RefuseFilter(503)];
        }

        var filters = new List<Filter>();
        AddIfAny(filters, settings.Limits.Body);
        AddIfAny(filters, settings.Cors);
        if (settings.Redirects.Answer is not null)
        {
            return filters.ToValueList();
        }

        AddTls(filters, settings, host);
        filters.AddRange(settings.Limits.Rates);
        filters.Add(Forged);
        AddIfAny(filters, settings.Access.Addresses);
        AddIfAny(filters, settings.Access.Authentication?.Filter(context, settings.Resource));
        AddIfAny(filters, settings.CustomHeaders?.Filter(context, settings.Resource, options.AllowedResponseHeaders));
        AddMirror(filters, settings.Mirroring);
        filters.AddRange(settings.Rewriting.Filters(path));
        return filters.ToValueList();
    }

    public RouteAction Answer(NginxIngress settings, IngressPath path, NginxHost host) =>
        settings.Redirects.Answer ?? Forward(settings, settings.Affinity, settings.Resource.FullName, path, host);

    /// <summary>The canary's backend, set up as the primary's but for how endpoints are chosen.</summary>
    public RouteAction CanaryAnswer(NginxIngress canary, NginxIngress primary, IngressPath path, NginxHost host) =>
        primary.Redirects.Answer
        ?? Forward(primary, canary.Affinity, $"{canary.Resource.FullName}/{primary.Resource.FullName}", path, host);

    private void AddTls(List<Filter> filters, NginxIngress settings, NginxHost host)
    {
        var hasTls = host.HasTls;
        if (!settings.Redirects.RedirectsToTls(hasTls))
        {
            return;
        }

        filters.Add(settings.Redirects.TlsRedirect(options.RedirectStatus));
        if (hasTls && options.StrictTransportSecurity is { } policy)
        {
            // After the redirect: only answers over TLS carry it (RFC 6797 section 7.2).
            filters.Add(new ResponseHeaderFilter(new HeaderChanges { Set = [new HeaderValue("Strict-Transport-Security", policy)] }));
        }
    }

    private void AddMirror(List<Filter> filters, Mirroring? mirroring)
    {
        if (mirroring is not null)
        {
            context.Add(mirroring.Target);
            filters.Add(new MirrorFilter(mirroring.Target.Id));
        }
    }

    private RouteAction Forward(NginxIngress settings, Affinity affinity, string owner, IngressPath path, NginxHost host)
    {
        var port = IngressBackends.Find(context, path.Backend, path.Field + (path.Field.StartsWith("spec.rules", StringComparison.Ordinal) ? ".backend" : ""));
        if (settings.Upstreams.Fallback(context, settings.Resource, port) is { } fallback)
        {
            return ForwardToFallback(settings, path, fallback);
        }

        if (port is null)
        {
            return new ForwardAction([]) { NoBackendStatus = 503 };
        }

        if (IsLoopback(port))
        {
            context.Error("loopback-backend", $"The Service {port.Service.FullName} names this machine itself; requests are answered 502.", path.Field);
            return new ForwardAction([]) { NoBackendStatus = 502 };
        }

        return AddBackend(settings, affinity, owner, port, path, host) is { } backend
            ? settings.Upstreams.Forward(backend)
            : new ForwardAction([]) { NoBackendStatus = 503 };
    }

    private ForwardAction ForwardToFallback(NginxIngress settings, IngressPath path, ServicePort fallback)
    {
        var backend = ServiceBackends.Plain(fallback);
        context.Add(backend);
        var service = path.Backend?.Service;
        var cause = new RequestHeaderFilter(new HeaderChanges
        {
            Set =
            [
                new HeaderValue("X-Code", "503"),
                new HeaderValue("X-Namespace", settings.Resource.Namespace),
                new HeaderValue("X-Ingress-Name", settings.Resource.Name),
                new HeaderValue("X-Service-Name", service?.Name ?? ""),
                new HeaderValue("X-Service-Port", service?.Port?.Name ?? service?.Port?.Number?.ToString() ?? ""),
            ],
        });
        return settings.Upstreams.Forward(backend.Id) with { Backends = [new WeightedBackend(backend.Id) { Filters = [cause] }] };
    }

    /// <summary>The identity of the backend, or null when its TLS settings cannot be used.</summary>
    private string? AddBackend(NginxIngress settings, Affinity affinity, string owner, ServicePort port, IngressPath path, NginxHost host)
    {
        var upstreams = settings.Upstreams;
        var tls = upstreams.UsesTls ? upstreams.Tls.Settings(context, settings.Resource) : null;
        if (upstreams.UsesTls && tls is null)
        {
            return null;
        }

        var plain = ServiceBackends.Plain(port);
        var cookiePath = host.UsesRegex || path.Field.Length == 0 ? "/" : path.Path;
        var backend = plain with
        {
            Endpoints = upstreams.Endpoints(port),
            Protocol = upstreams.Protocol,
            Tls = tls,
            Balancing = affinity.Balancing,
            Sticky = affinity.CookieFor(cookiePath, settings.Redirects.RedirectsToTls(host.HasTls)),
            ConnectTimeout = upstreams.ConnectTimeout,
        };
        if (backend != plain)
        {
            // A backend set up by annotations is the Ingress's own; with a cookie per path, the path's own.
            backend = backend with { Id = $"{plain.Id}/{NginxTranslation.Scope}/{owner}{(backend.Sticky is null ? "" : $"/{host.Name}{path.Path}")}" };
        }

        context.Add(backend);
        return backend.Id;
    }

    /// <summary>An ExternalName must not lead back into the gateway's own machine.</summary>
    private static bool IsLoopback(ServicePort port) =>
        ServiceBackends.IsExternalName(port.Service)
        && port.Service.Value.Spec?.ExternalName is { } name
        && (name.TrimEnd('.').Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address)));

    private static void AddIfAny(List<Filter> filters, Filter? filter)
    {
        if (filter is not null)
        {
            filters.Add(filter);
        }
    }
}
