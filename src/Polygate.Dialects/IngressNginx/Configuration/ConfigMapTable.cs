using Polygate.Dialects.IngressNginx.Annotations;

namespace Polygate.Dialects.IngressNginx.Configuration;

/// <summary>A key of the controller's ConfigMap.</summary>
/// <param name="Name">The key.</param>
/// <param name="Default">ingress-nginx's default; empty for none.</param>
/// <param name="Support">What Polygate makes of it.</param>
/// <param name="Note">The difference, or what to use instead, as a clause; empty for none.</param>
public sealed record ConfigMapKey(string Name, string Default, AnnotationSupport Support, string Note = "");

/// <summary>The keys of ingress-nginx's ConfigMap that decide behaviour; those not listed set up things that nginx has and Polygate does not.</summary>
public static class ConfigMapTable
{
    private const string Flag = "set with a flag of the gateway, not per controller";

    private const string Engine = "the engine has limits of its own";

    public static IReadOnlyList<ConfigMapKey> All { get; } =
    [
        // Security
        new("allow-snippet-annotations", "false", AnnotationSupport.Partly, "the typed subset of snippets"),
        new("annotations-risk-level", "High", AnnotationSupport.Supported),
        new("annotation-value-word-blocklist", "", AnnotationSupport.Supported),
        new("allow-cross-namespace-resources", "false", AnnotationSupport.Unsupported, "references to other namespaces stay denied"),
        new("strict-validate-path-type", "true", AnnotationSupport.NoEffect, "a path that breaks it is reported and served"),
        new("global-allowed-response-headers", "", AnnotationSupport.Supported),
        new("block-cidrs", "", AnnotationSupport.Supported),
        new("block-user-agents", "", AnnotationSupport.Supported),
        new("block-referers", "", AnnotationSupport.Supported),
        new("whitelist-source-range", "", AnnotationSupport.Supported),
        new("denylist-source-range", "", AnnotationSupport.Supported),
        new("hide-headers", "", AnnotationSupport.Supported),
        new("server-tokens", "false", AnnotationSupport.Supported),
        new("allow-backend-server-header", "false", AnnotationSupport.Supported),
        new("enable-modsecurity", "false", AnnotationSupport.FailsClosed, "every path answers 503"),
        new("enable-owasp-modsecurity-crs", "false", AnnotationSupport.FailsClosed, "every path answers 503"),

        new("polygate-strict", "", AnnotationSupport.Supported, "Polygate's own: codes of quirks to turn off, or all"),

        // TLS
        new("ssl-protocols", "TLSv1.2 TLSv1.3", AnnotationSupport.Partly, "nothing below TLSv1.2"),
        new("ssl-ciphers", "", AnnotationSupport.Unsupported, "the platform's safe ones"),
        new("ssl-reject-handshake", "false", AnnotationSupport.Supported),
        new("ssl-session-tickets", "false", AnnotationSupport.NoEffect, "the engine decides"),
        new("hsts", "true", AnnotationSupport.Supported),
        new("hsts-max-age", "31536000", AnnotationSupport.Supported),
        new("hsts-include-subdomains", "true", AnnotationSupport.Supported),
        new("hsts-preload", "false", AnnotationSupport.Supported),

        // Redirects
        new("ssl-redirect", "true", AnnotationSupport.Supported),
        new("force-ssl-redirect", "false", AnnotationSupport.Supported),
        new("preserve-trailing-slash", "false", AnnotationSupport.Supported),
        new("http-redirect-code", "308", AnnotationSupport.Supported),
        new("no-tls-redirect-locations", "/.well-known/acme-challenge", AnnotationSupport.Supported),

        // Client addresses
        new("use-forwarded-headers", "false", AnnotationSupport.Unsupported, "--trusted-proxies names the networks that are believed"),
        new("enable-real-ip", "false", AnnotationSupport.Unsupported, "--trusted-proxies names the networks that are believed"),
        new("proxy-real-ip-cidr", "0.0.0.0/0", AnnotationSupport.Unsupported, "--trusted-proxies names the networks that are believed; nobody is by default"),
        new("compute-full-forwarded-for", "false", AnnotationSupport.NoEffect, "the chain of a trusted proxy is always continued"),
        new("forwarded-for-header", "X-Forwarded-For", AnnotationSupport.Unsupported),
        new("use-proxy-protocol", "false", AnnotationSupport.Unsupported, Flag),

        // Limits of clients
        new("client-header-buffer-size", "1k", AnnotationSupport.NoEffect, Engine),
        new("large-client-header-buffers", "4 8k", AnnotationSupport.NoEffect, Engine),
        new("client-header-timeout", "60", AnnotationSupport.NoEffect, Engine),
        new("client-body-timeout", "60", AnnotationSupport.NoEffect, Engine),
        new("http2-max-concurrent-streams", "128", AnnotationSupport.NoEffect, Engine),
        new("keep-alive", "75", AnnotationSupport.NoEffect, Engine),
        new("keep-alive-requests", "1000", AnnotationSupport.NoEffect, "connections are kept as long as they are used"),
        new("ignore-invalid-headers", "true", AnnotationSupport.NoEffect, "a request with an invalid header is refused"),
        new("enable-underscores-in-headers", "false", AnnotationSupport.NoEffect, "headers with underscores are passed on"),
        new("limit-req-status-code", "503", AnnotationSupport.Supported),
        new("limit-conn-status-code", "503", AnnotationSupport.Supported),
        new("limit-rate", "0", AnnotationSupport.Supported),
        new("limit-rate-after", "0", AnnotationSupport.Supported),

        // Backends
        new("upstream-keepalive-connections", "320", AnnotationSupport.NoEffect, Engine),
        new("upstream-keepalive-timeout", "60", AnnotationSupport.NoEffect, Engine),
        new("upstream-keepalive-requests", "10000", AnnotationSupport.NoEffect, Engine),
        new("upstream-keepalive-time", "1h", AnnotationSupport.NoEffect, Engine),
        new("retry-non-idempotent", "false", AnnotationSupport.Supported),
        new("proxy-body-size", "1m", AnnotationSupport.Supported),
        new("proxy-connect-timeout", "5", AnnotationSupport.Supported),
        new("proxy-read-timeout", "60", AnnotationSupport.Supported),
        new("proxy-send-timeout", "60", AnnotationSupport.Partly, "the read timeout counts between any two reads or writes"),
        new("proxy-next-upstream", "error timeout", AnnotationSupport.Supported),
        new("proxy-next-upstream-timeout", "0", AnnotationSupport.Supported),
        new("proxy-next-upstream-tries", "3", AnnotationSupport.Supported),
        new("proxy-cookie-domain", "off", AnnotationSupport.Supported),
        new("proxy-cookie-path", "off", AnnotationSupport.Supported),
        new("proxy-redirect-from", "off", AnnotationSupport.Supported),
        new("proxy-redirect-to", "off", AnnotationSupport.Supported),
        new("proxy-buffering", "off", AnnotationSupport.NoEffect, "bodies are streamed"),
        new("proxy-request-buffering", "on", AnnotationSupport.NoEffect, "bodies are streamed"),
        new("proxy-buffer-size", "4k", AnnotationSupport.NoEffect, "bodies are streamed"),
        new("proxy-buffers-number", "4", AnnotationSupport.NoEffect, "bodies are streamed"),
        new("client-body-buffer-size", "8k", AnnotationSupport.NoEffect, "bodies are streamed"),
        new("load-balance", "round_robin", AnnotationSupport.Supported),
        new("service-upstream", "false", AnnotationSupport.Supported),
        new("custom-http-errors", "", AnnotationSupport.Supported),
        new("disable-proxy-intercept-errors", "false", AnnotationSupport.Supported),
        new("proxy-add-original-uri-header", "false", AnnotationSupport.Supported),
        new("generate-request-id", "true", AnnotationSupport.NoEffect, "every request has an X-Request-ID"),

        // Content
        new("use-http2", "true", AnnotationSupport.NoEffect, "HTTP/2 is always offered"),
        new("use-gzip", "false", AnnotationSupport.Supported),
        new("gzip-level", "1", AnnotationSupport.NoEffect, Engine),
        new("gzip-min-length", "256", AnnotationSupport.Supported),
        new("gzip-types", "", AnnotationSupport.Supported),
        new("enable-brotli", "false", AnnotationSupport.Supported),
        new("brotli-level", "4", AnnotationSupport.NoEffect, Engine),
        new("brotli-min-length", "20", AnnotationSupport.Supported, "counts beside gzip-min-length; the larger one holds where both are on"),
        new("brotli-types", "", AnnotationSupport.Supported, "together with gzip-types where both are on"),
        new("add-headers", "", AnnotationSupport.Supported),
        new("proxy-set-headers", "", AnnotationSupport.Supported),

        // Lifecycle
        new("worker-shutdown-timeout", "240s", AnnotationSupport.Unsupported, "--drain-timeout"),
        new("worker-processes", "", AnnotationSupport.NoEffect, "one event loop a core"),

        // Authentication of everything
        new("global-auth-url", "", AnnotationSupport.Supported),
        new("global-auth-method", "", AnnotationSupport.Supported),
        new("global-auth-signin", "", AnnotationSupport.Supported),
        new("global-auth-signin-redirect-param", "rd", AnnotationSupport.Supported),
        new("global-auth-response-headers", "", AnnotationSupport.Supported),
        new("global-auth-request-redirect", "", AnnotationSupport.Supported),
        new("global-auth-snippet", "", AnnotationSupport.FailsClosed, "every path answers 503"),
        new("global-auth-cache-key", "", AnnotationSupport.Supported),
        new("global-auth-cache-duration", "200 202 401 5m", AnnotationSupport.Supported),
        new("global-auth-always-set-cookie", "false", AnnotationSupport.Supported),
        new("no-auth-locations", "/.well-known/acme-challenge", AnnotationSupport.Supported),

        // Snippets of the administrator
        new("main-snippet", "", AnnotationSupport.Unsupported),
        new("http-snippet", "", AnnotationSupport.Unsupported),
        new("server-snippet", "", AnnotationSupport.Unsupported),
        new("location-snippet", "", AnnotationSupport.Unsupported),
        new("stream-snippet", "", AnnotationSupport.Unsupported),

        // Logs and traces
        new("log-format-upstream", "", AnnotationSupport.Unsupported, "--access-log chooses the format"),
        new("log-format-escape-json", "false", AnnotationSupport.NoEffect, "--access-log chooses the format"),
        new("disable-access-log", "false", AnnotationSupport.Unsupported, "--access-log off"),
        new("enable-opentelemetry", "false", AnnotationSupport.Unsupported),
        new("otlp-collector-host", "", AnnotationSupport.Unsupported),
        new("otlp-collector-port", "4317", AnnotationSupport.Unsupported),
        new("otel-sampler", "AlwaysOn", AnnotationSupport.Unsupported),
        new("otel-sampler-ratio", "0.01", AnnotationSupport.Unsupported),
    ];

    private static readonly Dictionary<string, ConfigMapKey> ByName = All.ToDictionary(key => key.Name, StringComparer.Ordinal);

    public static ConfigMapKey? Find(string name) => ByName.GetValueOrDefault(name);
}
