using Polygate.Dialects.Common;
using Polygate.Dialects.IngressNginx.Annotations;
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
    private readonly ControllerHeaders headers;

    public LocationServing(TranslationContext context, IngressNginxOptions options)
    {
        this.context = context;
        this.options = options;
        headers = new ControllerHeaders(context, options);
    }

    /// <summary>
    /// Body size, then CORS and error pages, then redirects, then the client's certificate, rates, access, mirroring, and what the backend
    /// sees. So preflights and redirects are answered whoever asks.
    /// </summary>
    /// <param name="settings">Whose annotations hold.</param>
    /// <param name="path">The path.</param>
    /// <param name="host">Its host.</param>
    /// <param name="isTls">Whether it is for the listener of TLS.</param>
    public ValueList<Filter> Filters(NginxIngress settings, IngressPath path, NginxHost host, bool isTls)
    {
        var certificate = host.ClientCertificates is { } owner ? owner.ClientCertificates!.Resolve(context, owner.Resource) : null;
        if (host.IsDenied || (host.ClientCertificates is not null && certificate is null))
        {
            return [new RefuseFilter(403)];
        }

        if (settings.IsLocationDenied || options.WantsFirewall)
        {
            return [new RefuseFilter(503)];
        }

        var filters = new List<Filter>();
        headers.AddForAnswers(filters);
        AddIfAny(filters, BodyLimit(settings, host));
        AddIfAny(filters, settings.Cors);
        if (settings.Redirects.Answer is not null)
        {
            return filters.ToValueList();
        }

        AddIfAny(filters, ErrorPages(settings, path));
        AddTls(filters, settings, path, host, isTls);
        AddIfAny(filters, certificate?.Filter);
        filters.AddRange(settings.Limits.Clients);
        filters.Add(Forged);
        AddAccess(filters, settings, path, host);
        AddAnswerChanges(filters, settings, host);
        AddMirror(filters, settings.Mirroring);
        AddRequestChanges(filters, settings, path, host);
        return filters.ToValueList();
    }

    /// <param name="settings">Whose annotations hold.</param>
    /// <param name="path">The path.</param>
    /// <param name="host">Its host.</param>
    /// <param name="isTls">Whether it is for the listener of TLS.</param>
    /// <param name="canary">The canary whose share of requests is drawn here, so that sessions keep to it; null for none.</param>
    public RouteAction Answer(NginxIngress settings, IngressPath path, NginxHost host, bool isTls, NginxIngress? canary = null) =>
        settings.Redirects.Answer ?? Forward(settings, settings.Affinity, settings.Resource.FullName, path, host, isTls, canary);

    /// <summary>The canary's backend, set up as the primary's but for how endpoints are chosen.</summary>
    public RouteAction CanaryAnswer(NginxIngress canary, NginxIngress primary, IngressPath path, NginxHost host, bool isTls) =>
        primary.Redirects.Answer
        ?? Forward(primary, canary.Affinity, CanaryOwner(canary, primary), path, host, isTls, canary: null);

    private static string CanaryOwner(NginxIngress canary, NginxIngress primary) => $"{canary.Resource.FullName}/{primary.Resource.FullName}";

    private static BodyLimitFilter? BodyLimit(NginxIngress settings, NginxHost host) =>
        (settings.LocationSnippet.MaximumBody ?? host.Snippet.MaximumBody) is { } bytes
            ? bytes == 0 ? null : new BodyLimitFilter(bytes)
            : settings.Limits.Body;

    private ErrorPagesFilter? ErrorPages(NginxIngress settings, IngressPath path)
    {
        if (settings.ErrorPages is not { } pages)
        {
            return null;
        }

        if (settings.Upstreams.DefaultBackend(context, settings.Resource, options) is not { } backend)
        {
            context.OwnWarning(settings.Resource, "annotation-without-effect", "custom-http-errors", "There is no default backend that could answer; errors stay as they are.");
            return null;
        }

        context.Add(ServiceBackends.Plain(backend));
        return pages.Filter(backend, settings, path);
    }

    private void AddTls(List<Filter> filters, NginxIngress settings, IngressPath path, NginxHost host, bool isTls)
    {
        var redirects = settings.Redirects.RedirectsToTls(host.HasTls)
            && !options.NoTlsRedirectLocations.Any(prefix => path.Path.StartsWith(prefix, StringComparison.Ordinal));
        if (redirects)
        {
            filters.Add(settings.Redirects.TlsRedirect(options.RedirectStatus));
        }

        if (host.HasTls && (redirects || isTls) && options.StrictTransportSecurity is { } policy)
        {
            // After the redirect: only answers over TLS carry it (RFC 6797 section 7.2).
            filters.Add(new ResponseHeaderFilter(new HeaderChanges { Set = [new HeaderValue("Strict-Transport-Security", policy)] }));
        }
    }

    private void AddAccess(List<Filter> filters, NginxIngress settings, IngressPath path, NginxHost host)
    {
        if (!options.BlockedNetworks.IsEmpty)
        {
            filters.Add(new AddressAccessFilter { Deny = options.BlockedNetworks });
        }

        AddIfAny(filters, host.Snippet.Addresses);
        AddIfAny(filters, settings.LocationSnippet.Addresses);
        filters.AddRange(settings.Access.Filters(context, settings.Resource, path.Path, options));
    }

    private void AddAnswerChanges(List<Filter> filters, NginxIngress settings, NginxHost host)
    {
        AddIfAny(filters, settings.Limits.Bandwidth);
        AddIfAny(filters, options.Compression);
        AddIfAny(filters, settings.CustomHeaders?.Filter(context, settings.Resource, options.AllowedResponseHeaders));
        foreach (var snippet in (ReadOnlySpan<Snippets.Snippet>)[host.Snippet, settings.LocationSnippet])
        {
            if (snippet.ResponseHeaders != new HeaderChanges())
            {
                filters.Add(new ResponseHeaderFilter(snippet.ResponseHeaders));
            }
        }

        AddIfAny(filters, settings.Responses.Cookies);
        AddIfAny(filters, settings.Responses.Location);
    }

    private void AddMirror(List<Filter> filters, Mirroring? mirroring)
    {
        if (mirroring is not null)
        {
            context.Add(mirroring.Target);
            filters.Add(new MirrorFilter(mirroring.Target.Id));
        }
    }

    private void AddRequestChanges(List<Filter> filters, NginxIngress settings, IngressPath path, NginxHost host)
    {
        headers.AddForRequests(filters, [.. host.Snippet.RequestHeaders, .. settings.LocationSnippet.RequestHeaders]);
        AddIfAny(filters, host.Snippet.Rewrite);
        AddIfAny(filters, settings.LocationSnippet.Rewrite);
        filters.AddRange(settings.Rewriting.Filters(path));
    }

    private RouteAction Forward(
        NginxIngress settings, Affinity affinity, string owner, IngressPath path, NginxHost host, bool isTls, NginxIngress? canary)
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

        var fastCgi = settings.Upstreams.FastCgi?.Settings(context, settings.Resource);
        if (fastCgi is null && settings.Upstreams.FastCgi is not null)
        {
            return new ForwardAction([]) { NoBackendStatus = 503 };
        }

        var (backend, sticky) = AddBackend(settings, affinity, owner, port, path, host, isTls);
        if (backend is null)
        {
            return new ForwardAction([]) { NoBackendStatus = 503 };
        }

        var forward = settings.Upstreams.Forward(backend) with
        {
            IdleTimeout = settings.LocationSnippet.IdleTimeout ?? host.Snippet.IdleTimeout ?? settings.Upstreams.IdleTimeout,
            FastCgi = fastCgi,
        };
        return canary is null ? forward : ShareWithCanary(forward, settings, canary, path, host, isTls, sticky);
    }

    /// <summary>Primary and canary drawn by weight for those without a session; a session keeps to what it was drawn for.</summary>
    private ForwardAction ShareWithCanary(
        ForwardAction forward, NginxIngress settings, NginxIngress canary, IngressPath path, NginxHost host, bool isTls, StickyCookie? sticky)
    {
        var other = canary.PathsOf(host.Name).First(candidate => candidate.Path == path.Path && candidate.Exact == path.Exact);
        if (CanaryAnswer(canary, settings, other, host, isTls) is not ForwardAction { Backends: [var alternative] })
        {
            return forward;
        }

        return forward with
        {
            Backends = [forward.Backends[0] with { Weight = canary.Canary!.Total - canary.Canary.Weight }, alternative with { Weight = canary.Canary.Weight }],
            // A key that is hashed over the endpoints of whichever backend it meets would say nothing of primary or canary.
            Sticky = sticky is null ? null : sticky with { Balanced = false },
        };
    }

    private ForwardAction ForwardToFallback(NginxIngress settings, IngressPath path, ServicePort fallback)
    {
        var backend = ServiceBackends.Plain(fallback);
        context.Add(backend);
        var cause = new RequestHeaderTemplateFilter([new HeaderTemplate("X-Code", TextTemplate.Literal("503")), .. IngressNginx.ErrorPages.About(settings, path)]);
        return settings.Upstreams.Forward(backend.Id) with { Backends = [new WeightedBackend(backend.Id) { Filters = [cause] }] };
    }

    /// <summary>The identity of the backend (null when its TLS settings cannot be used), and its cookie where it has one.</summary>
    private (string? Id, StickyCookie? Sticky) AddBackend(
        NginxIngress settings, Affinity affinity, string owner, ServicePort port, IngressPath path, NginxHost host, bool isTls)
    {
        var upstreams = settings.Upstreams;
        var usesTls = upstreams.UsesTls || (upstreams.FollowsClient && isTls);
        var tls = usesTls ? upstreams.Tls.Settings(context, settings.Resource, port.Service) : null;
        if (usesTls && tls is null)
        {
            return (null, null);
        }

        var plain = ServiceBackends.Plain(port);
        var cookiePath = host.UsesRegex || path.Field.Length == 0 ? "/" : path.Path;
        var sticky = affinity.CookieFor(cookiePath, settings.Resource.FullName);
        var backend = plain with
        {
            Endpoints = upstreams.Endpoints(port),
            Protocol = upstreams.Protocol,
            Tls = tls,
            Balancing = affinity.Balancing,
            Sticky = sticky,
            ConnectTimeout = settings.LocationSnippet.ConnectTimeout ?? host.Snippet.ConnectTimeout ?? upstreams.ConnectTimeout,
        };
        if (backend != plain)
        {
            // A backend set up by annotations is the Ingress's own; with a cookie per path, the path's own.
            var place = sticky is null ? "" : $"/{host.Name}{path.Path}";
            backend = backend with { Id = $"{plain.Id}/{NginxTranslation.Scope}/{owner}{place}{(upstreams.FollowsClient && isTls ? "/tls" : "")}" };
        }

        context.Add(backend);
        return (backend.Id, sticky);
    }

    /// <summary>An ExternalName must not lead back into the gateway's own machine.</summary>
    private static bool IsLoopback(ServicePort port) =>
        ServiceBackends.IsExternalName(port.Service)
        && port.Service.Value.Spec?.ExternalName is { } name
        && LocalAddress.IsLocal(name);

    private static void AddIfAny(List<Filter> filters, Filter? filter)
    {
        if (filter is not null)
        {
            filters.Add(filter);
        }
    }
}
