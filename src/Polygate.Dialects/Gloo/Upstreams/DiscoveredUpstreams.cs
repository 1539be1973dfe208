using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using k8s.Models;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Gloo.Upstreams;

/// <summary>
/// Upstreams that nobody wrote: Gloo's discovery has one for each port of each Service, named
/// <c>&lt;namespace&gt;-&lt;service&gt;-&lt;port&gt;</c>, in the discovery namespace.
/// </summary>
internal static class DiscoveredUpstreams
{
    /// <summary>Services by the names of the upstreams of their ports. The dashes are ambiguous, so the name is never taken apart.</summary>
    public static ResourceIndex<V1Service> ServicesByUpstream { get; } = new(
        "gloo-services-by-upstream",
        service => (service.Value.Spec?.Ports ?? []).Select(port => NameOf(service, port)));

    /// <summary>The name of the upstream of a Service's port.</summary>
    public static string NameOf(Resource<V1Service> service, V1ServicePort port) => Sanitize($"{service.Namespace}-{service.Name}-{port.Port}");

    /// <summary>The upstream of this name; null when no Service has it.</summary>
    public static UpstreamSpec? Find(IResourceLookup lookup, GlooSettings settings, string name)
    {
        if (!settings.DiscoversUpstreams)
        {
            return null;
        }

        // Two Services whose names differ only in where the dashes are: the first by name, as one object can hold only one of them.
        var service = lookup.Find(ServicesByUpstream, name)
            .FirstOrDefault(candidate => settings.Watches(candidate.Namespace) && Selectors.Matches(candidate, settings.DiscoveryLabels));
        return service is null ? null : SpecOf(service, service.Value.Spec.Ports.First(port => NameOf(service, port) == name));
    }

    /// <summary>The upstream that discovery makes of a Service's port, with what the Service's annotations add.</summary>
    public static UpstreamSpec SpecOf(Resource<V1Service> service, V1ServicePort port)
    {
        var discovered = new UpstreamSpec
        {
            Kube = new KubeUpstream { ServiceName = service.Name, ServiceNamespace = service.Namespace, ServicePort = port.Port },
            UseHttp2 = SpeaksHttp2(service, port),
            SslConfig = SslOf(service, port),
        };
        return Configured(service) is not { } written
            ? discovered
            : discovered with
            {
                CircuitBreakers = written.CircuitBreakers,
                ConnectionConfig = written.ConnectionConfig,
                LoadBalancerConfig = written.LoadBalancerConfig,
                SslConfig = written.SslConfig ?? discovered.SslConfig,
                UseHttp2 = written.UseHttp2 ?? discovered.UseHttp2,
            };
    }

    private static bool SpeaksHttp2(Resource<V1Service> service, V1ServicePort port)
    {
        if (service.Annotation("gloo.solo.io/h2_service") is { Length: > 0 } said)
        {
            return said == "true";
        }

        var name = port.Name ?? "";
        return port.AppProtocol is "http2" or "grpc" or "grpc-web" or "kubernetes.io/h2c"
            || name.StartsWith("grpc", StringComparison.Ordinal)
            || name.StartsWith("h2", StringComparison.Ordinal)
            || name.StartsWith("http2", StringComparison.Ordinal);
    }

    /// <summary>TLS by annotation: a Secret's name, or <c>443:name</c> for one port.</summary>
    private static SslConfig? SslOf(Resource<V1Service> service, V1ServicePort port)
    {
        if (service.Annotation("gloo.solo.io/sslService.secret") is not { Length: > 0 } secret)
        {
            return null;
        }

        var colon = secret.IndexOf(':');
        if (colon >= 0 && secret[..colon] != port.Port.ToString())
        {
            return null;
        }

        return new SslConfig { SecretRef = new ResourceRef { Name = secret[(colon + 1)..], Namespace = service.Namespace } };
    }

    private static UpstreamSpec? Configured(Resource<V1Service> service)
    {
        if (service.Annotation("gloo.solo.io/upstream_config") is not { Length: > 0 } json)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(json, GlooJson.Default.UpstreamSpec);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Gloo's way to a valid name: odd characters replaced or dropped, long names cut and made unique by an MD5 digest.</summary>
    private static string Sanitize(string name)
    {
        var result = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (c is '*' or '/' or '.' or ':' or '_' or ' ')
            {
                result.Append('-');
            }
            else if (c is not ('[' or ']' or '\n' or '"' or '\''))
            {
                result.Append(c);
            }
        }

        var text = result.ToString();
        if (text.Length > 63)
        {
#pragma warning disable CA5351 // Not for security: the name must be the one Gloo gives.
            text = (text[..31] + "-" + Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text))))[..63];
#pragma warning restore CA5351
        }

        return text.ToLowerInvariant();
    }
}
