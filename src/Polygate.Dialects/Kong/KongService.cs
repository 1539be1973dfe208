using Polygate.Dialects.Common;
using Polygate.Dialects.Kong.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.Kong;

/// <summary>
/// A Service as Kong reaches it: the ingress controller's defaults, then the <c>proxy</c> and <c>upstream</c> sections of the KongIngress
/// that it names, then its annotations.
/// </summary>
internal sealed class KongService
{
    private readonly TranslationContext context;
    private readonly ServicePort port;
    private readonly KongAnnotations annotations;
    private readonly Findings findings;
    private readonly string field;
    private readonly KongIngress? kongIngress;
    private readonly bool isServiceUpstream;

    public KongService(TranslationContext context, ServicePort port, bool isServiceUpstream, Findings findings, string field)
    {
        this.context = context;
        this.port = port;
        this.findings = findings;
        this.field = field;
        annotations = new KongAnnotations(port.Service);
        kongIngress = KongObjects.OfService(context, port.Service, annotations, findings, field)?.Value;
        IsBroken = annotations.Text("override") is not null && kongIngress is null;
        this.isServiceUpstream = isServiceUpstream || port.Service.Annotation("ingress.kubernetes.io/service-upstream") == "true";
        Protocol = (annotations.Text("protocol") ?? kongIngress?.Proxy?.Protocol ?? "http").ToLowerInvariant();
    }

    /// <summary>Whether something it needs is missing, so that requests must not reach it.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>The path that requests' paths are joined to; gRPC has none.</summary>
    public string Path { get; private set; } = "/";

    /// <summary>The <c>Host</c> that requests get unless the client's is preserved; null for the endpoint's.</summary>
    public string? HostHeader => annotations.Text("host-header") ?? NotEmpty(kongIngress?.Upstream?.HostHeader);

    private string Protocol { get; }

    private bool IsTls => Protocol is "https" or "grpcs" or "wss";

    /// <summary>Forwards to the Service; the backend is added to the configuration.</summary>
    /// <param name="preservesHost">Whether the client's <c>Host</c> is passed on.</param>
    public ForwardAction Forward(bool preservesHost)
    {
        ReadPath();
        var backend = Backend(preservesHost);
        var retries = (int?)annotations.Number("retries", 0, findings) ?? kongIngress?.Proxy?.Retries ?? 5;
        var read = annotations.Number("read-timeout", 1, findings) ?? kongIngress?.Proxy?.ReadTimeout ?? 60_000;
        var write = annotations.Number("write-timeout", 1, findings) ?? kongIngress?.Proxy?.WriteTimeout ?? 60_000;
        if (write != read && write != 60_000)
        {
            findings.Warning("unsupported-field", "The limit between two writes is the one between two reads.", field);
        }

        ReportUnread();
        if (IsBroken || backend is null)
        {
            return Unavailable;
        }

        context.Add(backend);
        return new ForwardAction([new WeightedBackend(backend.Id)])
        {
            NoBackendStatus = 503,
            IdleTimeout = TimeSpan.FromMilliseconds(read),
            Retry = retries < 1 ? null : new RetryPolicy(Math.Min(retries, 32_767)) { OnTimeout = true },
        };
    }

    /// <summary>What stands for a service that is not to be had.</summary>
    public static ForwardAction Unavailable { get; } = new([new WeightedBackend(null) { ErrorStatus = 503 }]) { NoBackendStatus = 503 };

    private void ReadPath()
    {
        var path = annotations.Text("path") ?? NotEmpty(kongIngress?.Proxy?.Path);
        if (path is not null and not ['/', ..])
        {
            findings.Warning("invalid-path", $"The path of the Service {port.Service.FullName} does not start with a slash and has no effect.", field);
            path = null;
        }

        Path = path is null || Protocol.StartsWith("grpc", StringComparison.Ordinal) ? "/" : path;
    }

    private Backend? Backend(bool preservesHost)
    {
        var identity = new List<string>();
        var connect = annotations.Number("connect-timeout", 1, findings) ?? kongIngress?.Proxy?.ConnectTimeout;
        var upstream = Upstream(identity);
        var backend = new Backend(port.Name, port.Endpoints)
        {
            Name = port.Name,
            Balancing = upstream.Balancing,
            Sticky = upstream.Sticky,
            UseEndpointHost = !preservesHost && HostHeader is null,
        };
        if (connect is not null)
        {
            backend = backend with { ConnectTimeout = TimeSpan.FromMilliseconds(connect.Value) };
            identity.Add($"connect={connect}ms");
        }

        if (isServiceUpstream)
        {
            backend = backend with { Endpoints = new StaticEndpoints([new Endpoint($"{port.Service.Name}.{port.Service.Namespace}.svc", port.Port.Port)]) };
            identity.Add("service-upstream");
        }

        if (backend.UseEndpointHost)
        {
            identity.Add("endpoint-host");
        }

        if (Protocol is not ("http" or "https" or "grpc" or "grpcs" or "ws" or "wss"))
        {
            findings.Error("unsupported-protocol", $"The protocol {Protocol} of the Service {port.Service.FullName} is not supported: its requests are answered 503.", field);
            return null;
        }

        if (Protocol.StartsWith("grpc", StringComparison.Ordinal))
        {
            backend = backend with { Protocol = BackendProtocol.Http2 };
            identity.Add("grpc");
        }

        if (IsTls)
        {
            backend = backend with { Tls = new KongBackendTls(context, port.Service, annotations, findings, field).Read(identity) };
            IsBroken |= backend.Tls is null;
        }
        else
        {
            ReportTlsWithoutTls();
        }

        return backend == ServiceBackends.Plain(port)
            ? backend
            : backend with { Id = "kong/" + port.Name + (identity.Count == 0 ? "" : "?" + string.Join('&', identity)) };
    }

    private UpstreamSettings Upstream(List<string> identity)
    {
        if (annotations.Text("upstream-policy") is not { } name)
        {
            if (kongIngress?.Upstream is not { } section)
            {
                return UpstreamSettings.Default;
            }

            identity.Add($"kong-ingress={kongIngress.Metadata.Name}");
            return UpstreamSettings.Read(section, new Findings(context, context.Get<KongIngress>(port.Service.Namespace, kongIngress.Metadata.Name)!));
        }

        if (context.Get<KongUpstreamPolicy>(port.Service.Namespace, name) is not { } policy)
        {
            findings.Warning(
                "missing-upstream-policy", $"The KongUpstreamPolicy {port.Service.Namespace}/{name} does not exist and has no effect.", field);
            return UpstreamSettings.Default;
        }

        identity.Add($"policy={name}");
        return UpstreamSettings.Read(policy.Value.Spec, new Findings(context, policy));
    }

    private void ReportTlsWithoutTls()
    {
        foreach (var key in KongBackendTls.Keys.Where(key => annotations.Text(key) is not null))
        {
            findings.Warning("no-effect", $"The annotation konghq.com/{key} needs the protocol https or grpcs.", field);
        }
    }

    /// <summary>What nobody read of the Service's annotations, reported where the Service is used.</summary>
    private void ReportUnread()
    {
        annotations.Raw("plugins");
        annotations.Raw("tags");
        annotations.ReportUnread(findings);
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
