using System.Globalization;
using System.Text.Json.Nodes;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Migration.Manifests;

/// <summary>The backends of rules: references to Services, sessions, timeouts, retries, and the policies that TLS to a Service needs.</summary>
internal sealed class RuleBackends
{
    private static readonly TimeSpan DefaultConnectTimeout = new Backend("", new StaticEndpoints([])).ConnectTimeout;

    private readonly MigrationReport report;
    private readonly Dictionary<string, Backend> backends;
    private readonly SortedDictionary<string, IReadOnlyList<JsonObject>> tls = new(StringComparer.Ordinal);
    private readonly SortedSet<(string To, string Service, string From)> grants = [];

    public RuleBackends(MigrationReport report)
    {
        this.report = report;
        backends = report.Configuration.Pieces.Values.SelectMany(piece => piece.Backends).DistinctBy(backend => backend.Id).ToDictionary(backend => backend.Id, StringComparer.Ordinal);
    }

    /// <summary>What backends need beside routes.</summary>
    public IEnumerable<JsonObject> Documents() => tls.Values.SelectMany(documents => documents).Concat(grants.Select(Grant));

    /// <summary>A reference to a backend; null with a reason where it cannot be referred to.</summary>
    /// <param name="route">The route that refers to it.</param>
    /// <param name="weighted">Which, and its share.</param>
    /// <param name="missing">Gets what is not said of it.</param>
    public JsonObject? Reference(Route route, WeightedBackend weighted, List<NotExpressed> missing)
    {
        if (weighted.Backend is null || !weighted.Filters.IsEmpty || !backends.TryGetValue(weighted.Backend, out var backend))
        {
            return Written(route, missing);
        }

        if (ServiceOf(backend.Endpoints is NamedEndpoints { Set: var set } ? set : backend.Name) is not { } service)
        {
            missing.Add(new NotExpressed(route.Origin, $"{backend.Name}, which is no Service", Withholds: true));
            return null;
        }

        Describe(route, backend, service.Namespace, service.Name, missing);
        var reference = new JsonObject { ["name"] = service.Name, ["port"] = service.Port, ["weight"] = weighted.Weight };
        if (service.Namespace != route.Origin.Namespace)
        {
            reference["namespace"] = service.Namespace;
            grants.Add((service.Namespace, service.Name, route.Origin.Namespace));
        }

        return reference;
    }

    /// <summary>A backend by its identity.</summary>
    public Backend? Find(string? id) => id is null ? null : backends.GetValueOrDefault(id);

    /// <summary>The parts of <c>namespace/service:port</c>; null where it is not that.</summary>
    public static (string Namespace, string Name, int Port)? ServiceOf(string text) =>
        text.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash && text.LastIndexOf(':') is > 0 and var colon && colon > slash
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (text[..slash], text[(slash + 1)..colon], port)
            : null;

    /// <summary>The Service as the Ingress names it: it is not there, or has no endpoints and another stands in.</summary>
    public JsonObject? Written(Route route, List<NotExpressed> missing)
    {
        var ingress = report.Ingresses.GetValueOrDefault($"{route.Origin.Namespace}/{route.Origin.Name}");
        var written = ingress?.Rules.Rules.SelectMany(rule => rule.Paths).FirstOrDefault(path => path.Field == route.Origin.Field)?.Backend
            ?? (route.Origin.Field == "spec.defaultBackend" ? ingress?.Resource.Value.Spec?.DefaultBackend : null);
        if (ingress?.Resource.Value.Metadata.Annotations?.ContainsKey("nginx.ingress.kubernetes.io/default-backend") == true)
        {
            missing.Add(new NotExpressed(route.Origin, "the Service that stands in where there are no endpoints (default-backend)", Withholds: false));
        }

        if (written?.Service is { Name: { Length: > 0 } name, Port.Number: > 0 and var port })
        {
            return new JsonObject { ["name"] = name, ["port"] = port, ["weight"] = 1 };
        }

        missing.Add(new NotExpressed(route.Origin, "a backend that is no Service with a known port", Withholds: true));
        return null;
    }

    /// <summary>Sessions of a rule; null for none.</summary>
    public JsonObject? Session(Route route, ForwardAction forward, List<NotExpressed> missing)
    {
        var sticky = forward.Sticky ?? (forward.Backends is [{ Backend: { } id }, ..] && backends.TryGetValue(id, out var backend) ? backend.Sticky : null);
        if (sticky is not StickyCookie cookie)
        {
            return null;
        }

        var session = new JsonObject { ["sessionName"] = cookie.Name, ["type"] = "Cookie" };
        if ((cookie.MaxAge ?? cookie.Expires) is > 0 and var seconds)
        {
            session["absoluteTimeout"] = Duration(TimeSpan.FromSeconds(seconds));
            session["cookieConfig"] = new JsonObject { ["lifetimeType"] = "Permanent" };
        }

        missing.Add(new NotExpressed(route.Origin, "path, domain, SameSite and the like of the session's cookie (session-cookie-…, affinity-…): it is for the whole host, Strict, and stays with its endpoint", Withholds: false));
        return session;
    }

    /// <summary>Timeouts and retries, as fields of a rule.</summary>
    public static IEnumerable<(string Field, JsonObject Value)> Attempts(Route route, ForwardAction forward, List<NotExpressed> missing)
    {
        if (forward.IdleTimeout is { } idle && idle > TimeSpan.Zero)
        {
            yield return ("timeouts", new JsonObject { ["backendRequest"] = Duration(idle) });
        }

        if (forward.Retry is not { } retry)
        {
            yield break;
        }

        var value = new JsonObject { ["attempts"] = retry.Attempts };
        if (!retry.Statuses.IsEmpty)
        {
            value["codes"] = Json.Array(retry.Statuses.Select(status => (JsonNode)JsonValue.Create(status)));
        }

        if (retry is { OnConnectionError: false } or { OnTimeout: false } or { OnInvalidAnswer: true } or { NonIdempotent: true } or { Deadline: not null } || (!retry.Statuses.IsEmpty && retry.StatusesObeyIdempotence))
        {
            missing.Add(new NotExpressed(route.Origin, "for which methods, failures and how long attempts are repeated (proxy-next-upstream…): connection errors and timeouts always are, statuses for every method", Withholds: false));
        }

        yield return ("retry", value);
    }

    private void Describe(Route route, Backend backend, string ns, string service, List<NotExpressed> missing)
    {
        if (backend.Protocol == BackendProtocol.Http2)
        {
            Miss($"HTTP/2 to the Service {ns}/{service} (backend-protocol): set appProtocol: kubernetes.io/h2c on its port", withholds: false);
        }

        if (backend.Protocol == BackendProtocol.FastCgi)
        {
            Miss($"FastCGI to the Service {ns}/{service} (backend-protocol, fastcgi-…)", withholds: true);
        }

        if (backend.Balancing != new LoadBalancing())
        {
            Miss("how endpoints are chosen (load-balance, upstream-hash-by…)", withholds: false);
        }

        if (backend.ConnectTimeout != DefaultConnectTimeout)
        {
            Miss("the time for connecting (proxy-connect-timeout)", withholds: false);
        }

        if (backend.Endpoints is StaticEndpoints)
        {
            Miss("that the Service's own address is used (service-upstream)", withholds: false);
        }

        if (backend.Tls is { SkipVerification: true })
        {
            Miss($"TLS to the Service {ns}/{service} without verification (backend-protocol, proxy-ssl-…): a BackendTLSPolicy always verifies", withholds: true);
        }
        else if (backend.Tls is { ClientCertificate: not null })
        {
            Miss($"a certificate of the gateway's own for the Service {ns}/{service} (proxy-ssl-secret)", withholds: true);
        }
        else if (backend.Tls is { } settings)
        {
            tls[$"{ns}/{service}"] = Policy(ns, service, settings);
        }

        void Miss(string what, bool withholds) => missing.Add(new NotExpressed(route.Origin, what, withholds));
    }

    /// <summary>A policy, and the authorities that it trusts, which a BackendTLSPolicy wants in a ConfigMap.</summary>
    private static List<JsonObject> Policy(string ns, string service, BackendTls settings)
    {
        var validation = new JsonObject { ["hostname"] = settings.ServerName ?? service };
        var documents = new List<JsonObject>();
        if (settings.TrustedCertificatesPem is { } authorities)
        {
            var map = Json.Resource("v1", "ConfigMap", ns, service + "-ca");
            map["data"] = new JsonObject { ["ca.crt"] = authorities };
            documents.Add(map);
            validation["caCertificateRefs"] = Json.Array([new JsonObject { ["group"] = "", ["kind"] = "ConfigMap", ["name"] = service + "-ca" }]);
        }
        else
        {
            validation["wellKnownCACertificates"] = "System";
        }

        var policy = Json.Standard("BackendTLSPolicy", ns, service);
        policy["spec"] = new JsonObject
        {
            ["targetRefs"] = Json.Array([new JsonObject { ["group"] = "", ["kind"] = "Service", ["name"] = service }]),
            ["validation"] = validation,
        };
        documents.Add(policy);
        return documents;
    }

    private static JsonObject Grant((string To, string Service, string From) grant)
    {
        var document = Json.Standard("ReferenceGrant", grant.To, $"{grant.Service}-from-{grant.From}");
        document["spec"] = new JsonObject
        {
            ["from"] = Json.Array([new JsonObject { ["group"] = "gateway.networking.k8s.io", ["kind"] = "HTTPRoute", ["namespace"] = grant.From }]),
            ["to"] = Json.Array([new JsonObject { ["group"] = "", ["kind"] = "Service", ["name"] = grant.Service }]),
        };
        return document;
    }

    /// <summary>As the Gateway API writes durations (GEP-2257).</summary>
    private static string Duration(TimeSpan time) => time.TotalSeconds < 100_000
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalSeconds}s")
        : string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}h");
}
