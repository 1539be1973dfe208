using k8s.Models;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>How the backend is spoken to: protocol, timeouts, retries, the Service's own address, the fallback Service.</summary>
internal sealed record Upstreams
{
    private const int MaximumAttempts = 1000;

    public BackendProtocol Protocol { get; init; }

    /// <summary>What FastCGI applications are told; null for backends that speak HTTP.</summary>
    public FastCgi? FastCgi { get; init; }

    public bool UsesTls { get; init; }

    /// <summary>Whether TLS is used exactly for requests that came over TLS (<c>AUTO_HTTP</c>).</summary>
    public bool FollowsClient { get; init; }

    public TimeSpan ConnectTimeout { get; init; }

    public TimeSpan IdleTimeout { get; init; }

    public RetryPolicy? Retry { get; init; }

    /// <summary>Whether the Service's cluster address is used instead of its endpoints.</summary>
    public bool UsesServiceAddress { get; init; }

    /// <summary>A Service of the same namespace that serves while there are no endpoints; null for none.</summary>
    public string? FallbackService { get; init; }

    public UpstreamTls Tls { get; init; } = new();

    public static Upstreams Parse(AnnotationReader reader, IngressNginxOptions options)
    {
        var protocol = ParseProtocol(reader);
        return new Upstreams
        {
            Protocol = protocol switch
            {
                "GRPC" or "GRPCS" => BackendProtocol.Http2,
                "FCGI" => BackendProtocol.FastCgi,
                _ => BackendProtocol.Http1,
            },
            FastCgi = protocol == "FCGI" ? FastCgi.Parse(reader) : null,
            UsesTls = protocol is "HTTPS" or "GRPCS",
            FollowsClient = protocol == "AUTO_HTTP",
            ConnectTimeout = reader.Seconds("proxy-connect-timeout"),
            IdleTimeout = ParseIdleTimeout(reader),
            Retry = ParseRetry(reader),
            UsesServiceAddress = reader.Boolean("service-upstream"),
            FallbackService = reader.Text("default-backend"),
            Tls = UpstreamTls.Parse(reader, options),
        };
    }

    public ForwardAction Forward(string backend) => new([new WeightedBackend(backend)]) { IdleTimeout = IdleTimeout, Retry = Retry };

    /// <summary>The endpoints to use: the Service's own address where that is asked for and there is one.</summary>
    public EndpointSource Endpoints(ServicePort port) =>
        UsesServiceAddress && port.Service.Value.Spec?.ClusterIP is { Length: > 0 } address && address != "None"
            ? new StaticEndpoints([new Endpoint(address, port.Port.Port)])
            : port.Endpoints;

    /// <summary>The fallback Service's first port, when the Service itself has nowhere to send requests; otherwise null.</summary>
    /// <param name="context">Where Services and endpoints are found.</param>
    /// <param name="owner">The Ingress that names the fallback.</param>
    /// <param name="port">The Service's port; null when there is none.</param>
    public ServicePort? Fallback(TranslationContext context, Resource owner, ServicePort? port)
    {
        if (FallbackService is not { } name || (port is not null && !EndpointSets.Compute(context, port.Name).Endpoints.IsEmpty))
        {
            return null;
        }

        var service = context.Get<V1Service>(owner.Namespace, name);
        if (service?.Value.Spec?.Ports is not [var first, ..])
        {
            context.OwnWarning(
                owner, "missing-service", "default-backend",
                $"The Service {owner.Namespace}/{name} does not exist or has no port; there is no default backend.");
            return null;
        }

        return ServiceBackends.ByNumber(context, owner.Namespace, name, first.Port);
    }

    /// <summary>The Service that is asked for the pages of errors: the Ingress's own fallback, else the controller's; null for none.</summary>
    public ServicePort? DefaultBackend(TranslationContext context, Resource owner, IngressNginxOptions options) =>
        FallbackService is not { } own ? DefaultServing.Find(context, options)
        : context.Get<V1Service>(owner.Namespace, own)?.Value.Spec?.Ports is [var first, ..] ? ServiceBackends.ByNumber(context, owner.Namespace, own, first.Port)
        : null;

    private static string ParseProtocol(AnnotationReader reader)
    {
        var protocol = (reader.Text("backend-protocol") ?? "HTTP").ToUpperInvariant();
        switch (protocol)
        {
            case "HTTP" or "HTTPS" or "GRPC" or "GRPCS" or "AUTO_HTTP" or "FCGI":
                return protocol;
            default:
                reader.UseDefault("backend-protocol", $"\"{protocol}\" is none of HTTP, HTTPS, AUTO_HTTP, GRPC, GRPCS, FCGI.");
                return "HTTP";
        }
    }

    private static TimeSpan ParseIdleTimeout(AnnotationReader reader)
    {
        var read = reader.Seconds("proxy-read-timeout");
        if (reader.Text("proxy-send-timeout") is not null && reader.Seconds("proxy-send-timeout") != read)
        {
            reader.Inform("annotation-without-effect", "proxy-send-timeout", $"Sending has no timeout of its own: {read.TotalSeconds} s count between any two reads or writes.");
        }

        return read;
    }

    private static RetryPolicy? ParseRetry(AnnotationReader reader)
    {
        // 0 tries are as many as there are endpoints.
        var tries = reader.Number("proxy-next-upstream-tries") ?? 3;
        var attempts = tries == 0 ? MaximumAttempts : Math.Min(tries - 1, MaximumAttempts);
        var conditions = (reader.Text("proxy-next-upstream") ?? "error timeout").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (conditions.FirstOrDefault(condition => !IsRetryCondition(condition)) is { } unknown)
        {
            reader.UseDefault("proxy-next-upstream", $"\"{unknown}\" is not a condition for the next upstream.");
            conditions = ["error", "timeout"];
        }

        return attempts == 0 || conditions.Contains("off")
            ? null
            : new RetryPolicy(attempts)
            {
                OnConnectionError = conditions.Contains("error"),
                OnInvalidAnswer = conditions.Contains("invalid_header"),
                StatusesObeyIdempotence = true,
                Deadline = reader.Number("proxy-next-upstream-timeout") is > 0 and var deadline ? TimeSpan.FromSeconds(deadline) : null,
                OnTimeout = conditions.Contains("timeout"),
                NonIdempotent = conditions.Contains("non_idempotent"),
                Statuses = conditions.Where(condition => condition.StartsWith("http_", StringComparison.Ordinal))
                    .Select(condition => int.Parse(condition.AsSpan(5)))
                    .ToValueList(),
            };
    }

    private static bool IsRetryCondition(string condition) => condition is
        "error" or "timeout" or "invalid_header" or "non_idempotent" or "off"
        or "http_500" or "http_502" or "http_503" or "http_504" or "http_403" or "http_404" or "http_429";
}
