using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Services;

/// <summary>A reference to a Service port with the settings of the way to it, as a backend.</summary>
internal sealed class ServiceBackend
{
    private readonly TranslationContext context;
    private readonly TraefikOptions options;
    private readonly ServiceReference reference;
    private readonly Findings findings;
    private readonly string field;

    public ServiceBackend(TranslationContext context, TraefikOptions options, ServiceReference reference, Findings findings, string field)
    {
        this.context = context;
        this.options = options;
        this.reference = reference;
        this.findings = findings;
        this.field = field;
    }

    public ResolvedService Resolve(string ns, string name)
    {
        Unsupported();
        if (Port(ns, name) is not { } port)
        {
            return ResolvedService.Unavailable;
        }

        // Different settings make a different backend, so the identity spells them out (a transport's by its name).
        var identity = new List<string>();
        var transport = Transport(ns, identity);
        if (transport is null || Protocol(port, transport, identity) is not { } backend)
        {
            return ResolvedService.Unavailable;
        }

        backend = Balance(Sticky(NativeEndpoints(backend, port, identity), port, identity), identity);
        if (reference.PassHostHeader == false)
        {
            backend = backend with { UseEndpointHost = true };
            identity.Add("endpoint-host");
        }

        backend = backend with { Id = identity.Count == 0 ? port.Name : $"traefik/{port.Name}?{string.Join('&', identity)}", Name = port.Name };
        if (findings.Failed && backend.Endpoints is StaticEndpoints { Endpoints.IsEmpty: true })
        {
            return ResolvedService.Unavailable;
        }

        context.Add(backend);
        return new ResolvedService([new WeightedBackend(backend.Id)]) { ResponseHeaderTimeout = transport.ResponseHeaderTimeout };
    }

    private void Unsupported()
    {
        findings.Unsupported(reference.HealthCheck, field + ".healthCheck");
        findings.Unsupported(reference.PassiveHealthCheck, field + ".passiveHealthCheck");
        findings.Unsupported(reference.NodePortLB, field + ".nodePortLB");
        if (reference.ResponseForwarding?.FlushInterval is not null)
        {
            findings.Info("no-effect", "Answers are passed on as they come: an interval for flushing has no effect.", field + ".responseForwarding");
        }
    }

    private ServicePort? Port(string ns, string name)
    {
        if (context.Get<V1Service>(ns, name) is not { } service)
        {
            findings.Error("missing-service", $"The Service {ns}/{name} does not exist: its requests are answered 503.", field);
            return null;
        }

        if (ServiceBackends.IsExternalName(service) && !options.AllowExternalNameServices)
        {
            findings.Error("external-name", $"The Service {ns}/{name} is an ExternalName, and those are switched off.", field);
            return null;
        }

        var text = reference.Port?.Value;
        if (string.IsNullOrEmpty(text))
        {
            findings.Error("missing-port", $"The reference to the Service {ns}/{name} needs a port.", field + ".port");
            return null;
        }

        var port = int.TryParse(text, out var number)
            ? ServiceBackends.ByNumber(context, ns, name, number)
            : ServiceBackends.ByName(context, ns, name, text);
        if (port is null)
        {
            findings.Error("missing-port", $"The Service {ns}/{name} has no port {text}: its requests are answered 503.", field + ".port");
        }

        return port;
    }

    /// <summary>The transport named; null (after an error) when it is not to be had.</summary>
    private TransportSettings? Transport(string ns, List<string> identity)
    {
        if (string.IsNullOrEmpty(reference.ServersTransport))
        {
            return TransportSettings.Default;
        }

        bool Exists(string otherNamespace, string other) => TraefikObjects.Transport(context, otherNamespace, other) is not null;
        var name = new ObjectReference { Name = reference.ServersTransport };
        if (References.Resolve(name, ns, options, Exists, findings, field + ".serversTransport") is not { } target)
        {
            return null;
        }

        if (TraefikObjects.Transport(context, target.Namespace, target.Name) is not { } transport)
        {
            findings.Error(
                "missing-transport", $"The ServersTransport {target.Namespace}/{target.Name} does not exist: its requests are answered 503.", field + ".serversTransport");
            return null;
        }

        var own = new Findings(context, transport.Resource);
        var settings = TransportSettings.Read(context, transport, own);
        if (own.Failed)
        {
            findings.Error(
                "broken-transport", $"The ServersTransport {target.Namespace}/{target.Name} has an error: its requests are answered 503.", field + ".serversTransport");
            return null;
        }

        identity.Add("transport=" + transport.Resource.FullName);
        return settings;
    }

    /// <summary>
    /// The scheme named, else <c>https</c> for port 443 and for port names that begin with <c>https</c>.
    /// </summary>
    private Backend? Protocol(ServicePort port, TransportSettings transport, List<string> identity)
    {
        var isHttpsByPort = port.Port.Port == 443 || port.Port.Name?.StartsWith("https", StringComparison.Ordinal) == true;
        var plain = ServiceBackends.Plain(port);
        plain = plain with { ConnectTimeout = transport.ConnectTimeout ?? plain.ConnectTimeout };
        switch (string.IsNullOrEmpty(reference.Scheme) ? (isHttpsByPort ? "https" : "") : reference.Scheme)
        {
            case "":
                return plain;
            case "http":
                if (plain.Protocol != BackendProtocol.Http1)
                {
                    identity.Add("http");
                }

                return plain with { Protocol = BackendProtocol.Http1 };
            case "h2c":
                if (plain.Protocol != BackendProtocol.Http2)
                {
                    identity.Add("h2c");
                }

                return plain with { Protocol = BackendProtocol.Http2 };
            case "https":
                identity.Add("https");
                return plain with { Protocol = BackendProtocol.Http1, Tls = transport.Tls };
            default:
                findings.Error("invalid-scheme", $"A scheme is http, https or h2c, not {reference.Scheme}.", field + ".scheme");
                return null;
        }
    }

    /// <summary><c>nativeLB</c>: the Service's own address instead of its endpoints.</summary>
    private Backend NativeEndpoints(Backend backend, ServicePort port, List<string> identity)
    {
        if (reference.NativeLB != true || ServiceBackends.IsExternalName(port.Service))
        {
            return backend;
        }

        identity.Add("native");
        if (port.Service.Value.Spec?.ClusterIP is not { Length: > 0 } address || address == "None")
        {
            findings.Error("headless-service", $"The Service {port.Service.FullName} has no address of its own, which nativeLB needs.", field + ".nativeLB");
            return backend with { Endpoints = new StaticEndpoints([]) };
        }

        return backend with { Endpoints = new StaticEndpoints([new Endpoint(address, port.Port.Port)]) };
    }

    private Backend Balance(Backend backend, List<string> identity)
    {
        var strategy = reference.Strategy ?? "";
        if (strategy is "" or "wrr" or "RoundRobin")
        {
            return backend;
        }

        identity.Add(strategy);
        switch (strategy)
        {
            case "p2c":
                return backend with { Balancing = new LoadBalancing(BalancingAlgorithm.TwoRandomChoices) };
            case "hrw":
                return backend with { Balancing = new LoadBalancing(BalancingAlgorithm.Maglev) { HashOn = HashInput.ClientAddress } };
            case "leasttime":
                findings.Warning("unsupported-field", "leasttime is not supported yet: the server with the fewest requests is taken.", field + ".strategy");
                return backend with { Balancing = new LoadBalancing(BalancingAlgorithm.LeastRequests) };
            default:
                findings.Warning("invalid-strategy", $"There is no strategy {strategy}: servers take turns.", field + ".strategy");
                return backend;
        }
    }

    private Backend Sticky(Backend backend, ServicePort port, List<string> identity)
    {
        if (reference.Sticky?.Cookie is not { } cookie)
        {
            return backend;
        }

        var sticky = new StickyCookie(string.IsNullOrEmpty(cookie.Name) ? CookieName.For(port.Name) : cookie.Name)
        {
            Path = string.IsNullOrEmpty(cookie.Path) ? "/" : cookie.Path,
            Domain = string.IsNullOrEmpty(cookie.Domain) ? null : cookie.Domain,
            Secure = cookie.Secure == true,
            HttpOnly = cookie.HttpOnly == true,
            SameSite = cookie.SameSite?.ToLowerInvariant() switch
            {
                "none" => "None",
                "lax" => "Lax",
                "strict" => "Strict",
                _ => null,
            },

            // 0 is a session cookie; a negative age would delete it at once.
            MaxAge = cookie.MaxAge is > 0 ? cookie.MaxAge : null,
        };
        string?[] parts =
        [
            sticky.Name, sticky.Path, sticky.Domain, sticky.Secure ? "secure" : null, sticky.HttpOnly ? "http-only" : null, sticky.SameSite, sticky.MaxAge?.ToString(),
        ];
        identity.Add("sticky=" + string.Join(',', parts.Where(part => part is not null)));
        return backend with { Sticky = sticky };
    }
}
