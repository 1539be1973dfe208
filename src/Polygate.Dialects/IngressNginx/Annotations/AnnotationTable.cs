namespace Polygate.Dialects.IngressNginx.Annotations;

/// <summary>
/// Every annotation that ingress-nginx documents (1.15: 136, and two aliases), with what Polygate makes of it. The
/// documentation's table is made from this one.
/// </summary>
public static class AnnotationTable
{
    /// <summary>All annotations, by theme.</summary>
    public static IReadOnlyList<AnnotationInfo> All { get; } =
    [
        new("server-alias", "Aliases", AnnotationKind.List, "", AnnotationRisk.High, AnnotationSupport.Supported) { TakesPattern = true },

        new("allowlist-source-range", "Access", AnnotationKind.Networks, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("denylist-source-range", "Access", AnnotationKind.Networks, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("satisfy", "Access", AnnotationKind.Choice, "all", AnnotationRisk.Low, AnnotationSupport.Supported),

        new("backend-protocol", "Upstream", AnnotationKind.Choice, "HTTP", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("connection-proxy-header", "Upstream", AnnotationKind.Text, "", AnnotationRisk.Low, AnnotationSupport.NoEffect) { Note = "connections to backends are kept as HTTP/1.1 keeps them" },
        new("proxy-connect-timeout", "Upstream", AnnotationKind.Seconds, "5", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("proxy-cookie-domain", "Upstream", AnnotationKind.Text, "off", AnnotationRisk.Medium, AnnotationSupport.Supported) { TakesPattern = true },
        new("proxy-cookie-path", "Upstream", AnnotationKind.Text, "off", AnnotationRisk.Medium, AnnotationSupport.Supported) { TakesPattern = true },
        new("proxy-http-version", "Upstream", AnnotationKind.Choice, "1.1", AnnotationRisk.Low, AnnotationSupport.NoEffect) { Note = "HTTP/1.1 is spoken, HTTP/2 for gRPC" },
        new("proxy-next-upstream", "Upstream", AnnotationKind.List, "error timeout", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("proxy-next-upstream-timeout", "Upstream", AnnotationKind.Seconds, "0", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("proxy-next-upstream-tries", "Upstream", AnnotationKind.Integer, "3", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("proxy-read-timeout", "Upstream", AnnotationKind.Seconds, "60", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("proxy-redirect-from", "Upstream", AnnotationKind.Text, "off", AnnotationRisk.Medium, AnnotationSupport.Partly) { Note = "without variables; default has nothing to change", TakesPattern = true },
        new("proxy-redirect-to", "Upstream", AnnotationKind.Text, "off", AnnotationRisk.Medium, AnnotationSupport.Partly) { Note = "without variables" },
        new("proxy-send-timeout", "Upstream", AnnotationKind.Seconds, "60", AnnotationRisk.Low, AnnotationSupport.Partly) { Note = "the read timeout counts between any two reads or writes" },
        new("service-upstream", "Upstream", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("upstream-vhost", "Upstream", AnnotationKind.Text, "", AnnotationRisk.Low, AnnotationSupport.Partly) { Note = "no variables but $host and $http_host" },

        new("auth-realm", "Basic authentication", AnnotationKind.Text, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("auth-secret", "Basic authentication", AnnotationKind.Name, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("auth-secret-type", "Basic authentication", AnnotationKind.Choice, "auth-file", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("auth-type", "Basic authentication", AnnotationKind.Choice, "", AnnotationRisk.Low, AnnotationSupport.Supported),

        new("canary", "Canary", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.Partly) { Note = "header and cookie rules decide before a session", HasDifference = true },
        new("canary-by-cookie", "Canary", AnnotationKind.Text, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("canary-by-header", "Canary", AnnotationKind.Text, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("canary-by-header-pattern", "Canary", AnnotationKind.Regex, "", AnnotationRisk.Medium, AnnotationSupport.Supported) { TakesPattern = true },
        new("canary-by-header-value", "Canary", AnnotationKind.Text, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("canary-weight", "Canary", AnnotationKind.Integer, "0", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("canary-weight-total", "Canary", AnnotationKind.Integer, "100", AnnotationRisk.Low, AnnotationSupport.Supported),

        new("auth-tls-error-page", "Client certificates", AnnotationKind.Text, "", AnnotationRisk.High, AnnotationSupport.Partly) { Note = "a URL or path, no named location" },
        new("auth-tls-match-cn", "Client certificates", AnnotationKind.Regex, "", AnnotationRisk.High, AnnotationSupport.Supported) { TakesPattern = true },
        new("auth-tls-pass-certificate-to-upstream", "Client certificates", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("auth-tls-secret", "Client certificates", AnnotationKind.Name, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("auth-tls-verify-client", "Client certificates", AnnotationKind.Choice, "on", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("auth-tls-verify-depth", "Client certificates", AnnotationKind.Integer, "1", AnnotationRisk.Low, AnnotationSupport.Supported),

        new("client-body-buffer-size", "Buffering", AnnotationKind.Size, "8k", AnnotationRisk.Low, AnnotationSupport.NoEffect) { Note = "bodies are streamed" },
        new("proxy-buffer-size", "Buffering", AnnotationKind.Size, "4k", AnnotationRisk.Low, AnnotationSupport.NoEffect) { Note = "bodies are streamed" },
        new("proxy-buffering", "Buffering", AnnotationKind.Boolean, "off", AnnotationRisk.Low, AnnotationSupport.NoEffect) { Note = "bodies are streamed" },
        new("proxy-buffers-number", "Buffering", AnnotationKind.Integer, "4", AnnotationRisk.Low, AnnotationSupport.NoEffect) { Note = "bodies are streamed" },
        new("proxy-busy-buffers-size", "Buffering", AnnotationKind.Size, "", AnnotationRisk.Low, AnnotationSupport.NoEffect) { Note = "bodies are streamed" },
        new("proxy-max-temp-file-size", "Buffering", AnnotationKind.Size, "1024m", AnnotationRisk.Low, AnnotationSupport.NoEffect) { Note = "bodies are streamed" },
        new("proxy-request-buffering", "Buffering", AnnotationKind.Boolean, "on", AnnotationRisk.Low, AnnotationSupport.NoEffect) { Note = "bodies are streamed" },

        new("configuration-snippet", "Snippets", AnnotationKind.Text, "", AnnotationRisk.Critical, AnnotationSupport.Partly) { Note = "a typed subset, where the administrator allows it", TakesPattern = true },
        new("server-snippet", "Snippets", AnnotationKind.Text, "", AnnotationRisk.Critical, AnnotationSupport.Partly) { Note = "a typed subset, where the administrator allows it", TakesPattern = true },
        new("stream-snippet", "Snippets", AnnotationKind.Text, "", AnnotationRisk.Critical, AnnotationSupport.FailsClosed),

        new("cors-allow-credentials", "CORS", AnnotationKind.Boolean, "true", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("cors-allow-headers", "CORS", AnnotationKind.List, "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("cors-allow-methods", "CORS", AnnotationKind.List, "GET, PUT, POST, DELETE, PATCH, OPTIONS", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("cors-allow-origin", "CORS", AnnotationKind.List, "*", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("cors-expose-headers", "CORS", AnnotationKind.List, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("cors-max-age", "CORS", AnnotationKind.Integer, "1728000", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("enable-cors", "CORS", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.Supported),

        new("custom-headers", "Errors", AnnotationKind.Name, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("custom-http-errors", "Errors", AnnotationKind.List, "", AnnotationRisk.Low, AnnotationSupport.Partly) { Note = "without a default backend errors stay as they are" },
        new("default-backend", "Errors", AnnotationKind.Name, "", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("disable-proxy-intercept-errors", "Errors", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.Supported),

        new("auth-always-set-cookie", "External authentication", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("auth-cache-duration", "External authentication", AnnotationKind.List, "200 202 401 5m", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("auth-cache-key", "External authentication", AnnotationKind.Text, "", AnnotationRisk.Medium, AnnotationSupport.Partly) { Note = "variables of the request only" },
        new("auth-keepalive", "External authentication", AnnotationKind.Integer, "0", AnnotationRisk.Low, AnnotationSupport.NoEffect) { Note = "connections to the service are always kept" },
        new("auth-keepalive-requests", "External authentication", AnnotationKind.Integer, "1000", AnnotationRisk.Low, AnnotationSupport.NoEffect) { Note = "connections to the service are always kept" },
        new("auth-keepalive-share-vars", "External authentication", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.NoEffect) { Note = "there are no variables to share" },
        new("auth-keepalive-timeout", "External authentication", AnnotationKind.Seconds, "60", AnnotationRisk.Low, AnnotationSupport.NoEffect) { Note = "connections to the service are always kept" },
        new("auth-method", "External authentication", AnnotationKind.Choice, "", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("auth-proxy-set-headers", "External authentication", AnnotationKind.Name, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("auth-request-redirect", "External authentication", AnnotationKind.Text, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("auth-response-headers", "External authentication", AnnotationKind.List, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("auth-signin", "External authentication", AnnotationKind.Url, "", AnnotationRisk.High, AnnotationSupport.Supported),
        new("auth-signin-redirect-param", "External authentication", AnnotationKind.Text, "rd", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("auth-snippet", "External authentication", AnnotationKind.Text, "", AnnotationRisk.Critical, AnnotationSupport.FailsClosed),
        new("auth-url", "External authentication", AnnotationKind.Url, "", AnnotationRisk.High, AnnotationSupport.Partly) { Note = "the server must not be a variable" },
        new("enable-global-auth", "External authentication", AnnotationKind.Boolean, "true", AnnotationRisk.Low, AnnotationSupport.Supported),

        new("fastcgi-index", "FastCGI", AnnotationKind.Text, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("fastcgi-params-configmap", "FastCGI", AnnotationKind.Name, "", AnnotationRisk.Medium, AnnotationSupport.Partly) { Note = "variables that tell something about the request; not $document_root" },

        new("http2-push-preload", "Downstream TLS", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.NoEffect) { Note = "browsers have removed server push" },
        new("ssl-ciphers", "Downstream TLS", AnnotationKind.Text, "", AnnotationRisk.Low, AnnotationSupport.Unsupported),
        new("ssl-passthrough", "Downstream TLS", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("ssl-prefer-server-ciphers", "Downstream TLS", AnnotationKind.Boolean, "", AnnotationRisk.Low, AnnotationSupport.NoEffect) { Note = "the server always chooses among safe ciphers" },

        new("load-balance", "Load balancing", AnnotationKind.Choice, "round_robin", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("upstream-hash-by", "Load balancing", AnnotationKind.Text, "", AnnotationRisk.High, AnnotationSupport.Partly) { Note = "variables of the request only" },
        new("upstream-hash-by-subset", "Load balancing", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("upstream-hash-by-subset-size", "Load balancing", AnnotationKind.Integer, "3", AnnotationRisk.Low, AnnotationSupport.Supported),

        new("enable-access-log", "Logs", AnnotationKind.Boolean, "true", AnnotationRisk.Low, AnnotationSupport.Unsupported),
        new("enable-rewrite-log", "Logs", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.NoEffect) { Note = "there is no rewrite log" },

        new("mirror-host", "Mirror", AnnotationKind.Text, "", AnnotationRisk.High, AnnotationSupport.Partly) { Note = "only the host of mirror-target" },
        new("mirror-request-body", "Mirror", AnnotationKind.Boolean, "on", AnnotationRisk.Low, AnnotationSupport.Partly) { Note = "off is not supported" },
        new("mirror-target", "Mirror", AnnotationKind.Url, "", AnnotationRisk.High, AnnotationSupport.Partly) { Note = "a host and $request_uri; copies carry the rewritten path, requests with a large body are not copied", HasDifference = true },

        new("enable-modsecurity", "Web application firewall", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.FailsClosed),
        new("enable-owasp-core-rules", "Web application firewall", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.FailsClosed),
        new("modsecurity-snippet", "Web application firewall", AnnotationKind.Text, "", AnnotationRisk.Critical, AnnotationSupport.FailsClosed),
        new("modsecurity-transaction-id", "Web application firewall", AnnotationKind.Text, "", AnnotationRisk.High, AnnotationSupport.Unsupported),

        new("enable-opentelemetry", "Tracing", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.Unsupported),
        new("opentelemetry-operation-name", "Tracing", AnnotationKind.Text, "", AnnotationRisk.Medium, AnnotationSupport.Unsupported),
        new("opentelemetry-trust-incoming-span", "Tracing", AnnotationKind.Boolean, "true", AnnotationRisk.Low, AnnotationSupport.Unsupported),

        new("limit-allowlist", "Limits", AnnotationKind.Networks, "", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("limit-burst-multiplier", "Limits", AnnotationKind.Integer, "5", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("limit-connections", "Limits", AnnotationKind.Integer, "0", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("limit-rate", "Limits", AnnotationKind.Integer, "0", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("limit-rate-after", "Limits", AnnotationKind.Integer, "0", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("limit-rpm", "Limits", AnnotationKind.Integer, "0", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("limit-rps", "Limits", AnnotationKind.Integer, "0", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("proxy-body-size", "Limits", AnnotationKind.Size, "1m", AnnotationRisk.Medium, AnnotationSupport.Supported),

        new("proxy-ssl-ciphers", "Upstream TLS", AnnotationKind.Text, "DEFAULT", AnnotationRisk.Medium, AnnotationSupport.Unsupported),
        new("proxy-ssl-name", "Upstream TLS", AnnotationKind.Text, "", AnnotationRisk.High, AnnotationSupport.Supported),
        new("proxy-ssl-protocols", "Upstream TLS", AnnotationKind.List, "TLSv1.2", AnnotationRisk.Low, AnnotationSupport.Unsupported),
        new("proxy-ssl-secret", "Upstream TLS", AnnotationKind.Name, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("proxy-ssl-server-name", "Upstream TLS", AnnotationKind.Boolean, "off", AnnotationRisk.Low, AnnotationSupport.Partly) { Note = "a name that is verified is always sent" },
        new("proxy-ssl-verify", "Upstream TLS", AnnotationKind.Boolean, "off", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("proxy-ssl-verify-depth", "Upstream TLS", AnnotationKind.Integer, "1", AnnotationRisk.Low, AnnotationSupport.Unsupported),

        new("force-ssl-redirect", "Redirects", AnnotationKind.Boolean, "false", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("from-to-www-redirect", "Redirects", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("permanent-redirect", "Redirects", AnnotationKind.Url, "", AnnotationRisk.Medium, AnnotationSupport.Partly) { Note = "of the variables only a trailing $request_uri" },
        new("permanent-redirect-code", "Redirects", AnnotationKind.Integer, "301", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("preserve-trailing-slash", "Redirects", AnnotationKind.Boolean, "false", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("relative-redirects", "Redirects", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.Unsupported),
        new("ssl-redirect", "Redirects", AnnotationKind.Boolean, "true", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("temporal-redirect", "Redirects", AnnotationKind.Url, "", AnnotationRisk.Medium, AnnotationSupport.Partly) { Note = "of the variables only a trailing $request_uri" },
        new("temporal-redirect-code", "Redirects", AnnotationKind.Integer, "302", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("use-port-in-redirects", "Redirects", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.Unsupported),

        new("app-root", "Rewriting", AnnotationKind.Text, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("rewrite-target", "Rewriting", AnnotationKind.Text, "", AnnotationRisk.Medium, AnnotationSupport.Partly) { Note = "captures by number, no other variables, no query, no absolute URL" },
        new("use-regex", "Rewriting", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("x-forwarded-prefix", "Rewriting", AnnotationKind.Text, "", AnnotationRisk.Medium, AnnotationSupport.Partly) { Note = "no captures" },

        new("affinity", "Affinity", AnnotationKind.Choice, "", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("affinity-canary-behavior", "Affinity", AnnotationKind.Choice, "sticky", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("affinity-mode", "Affinity", AnnotationKind.Choice, "balanced", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("session-cookie-change-on-failure", "Affinity", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("session-cookie-conditional-samesite-none", "Affinity", AnnotationKind.Boolean, "false", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("session-cookie-domain", "Affinity", AnnotationKind.Text, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("session-cookie-expires", "Affinity", AnnotationKind.Seconds, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("session-cookie-max-age", "Affinity", AnnotationKind.Seconds, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("session-cookie-name", "Affinity", AnnotationKind.Text, "INGRESSCOOKIE", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("session-cookie-path", "Affinity", AnnotationKind.Text, "", AnnotationRisk.Medium, AnnotationSupport.Supported),
        new("session-cookie-samesite", "Affinity", AnnotationKind.Choice, "", AnnotationRisk.Low, AnnotationSupport.Supported),
        new("session-cookie-secure", "Affinity", AnnotationKind.Boolean, "", AnnotationRisk.Low, AnnotationSupport.Supported),
    ];

    /// <summary>Older names that mean the same as another annotation.</summary>
    public static IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["whitelist-source-range"] = "allowlist-source-range",
        ["limit-whitelist"] = "limit-allowlist",
    };

    /// <summary>Annotations of earlier versions that ingress-nginx itself no longer reads.</summary>
    public static IReadOnlySet<string> Dead { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "secure-backends", "enable-websockets", "session-cookie-hash", "enable-opentracing", "base-url-scheme", "add-base-url",
        "global-rate-limit", "global-rate-limit-window", "global-rate-limit-key", "global-rate-limit-ignored-cidrs",
    };

    private static readonly Dictionary<string, AnnotationInfo> ByName = All.ToDictionary(info => info.Name, StringComparer.Ordinal);

    /// <summary>The annotation with this name (without prefix; aliases are understood), or null.</summary>
    public static AnnotationInfo? Find(string name) =>
        ByName.GetValueOrDefault(Aliases.TryGetValue(name, out var canonical) ? canonical : name);
}
