using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Streams;

/// <summary>The Services of TCP and UDP routers as backends with their shares. One that is not to be had closes the connections of its share.</summary>
internal sealed class StreamServices
{
    private readonly TranslationContext context;
    private readonly TraefikOptions options;
    private readonly Findings findings;

    public StreamServices(TranslationContext context, TraefikOptions options, Findings findings)
    {
        this.context = context;
        this.options = options;
        this.findings = findings;
    }

    /// <summary>How long a connection may stay half closed: the longest that a service asks for; null when none does.</summary>
    public TimeSpan? TerminationDelay { get; private set; }

    /// <summary>The backends of a TCP router.</summary>
    public ValueList<WeightedBackend> Tcp(IReadOnlyList<TcpServiceReference>? references, string field)
    {
        var backends = new List<WeightedBackend>();
        for (var i = 0; i < (references?.Count ?? 0); i++)
        {
            var place = $"{field}[{i}]";
            var reference = references![i];
            findings.Unsupported(reference.NodePortLB, place + ".nodePortLB");
            findings.Unsupported(reference.NativeLB, place + ".nativeLB");
            backends.Add(new WeightedBackend(Tcp(reference, place), Weight(reference.Weight, place)));
        }

        return Checked(backends, field);
    }

    /// <summary>The backends of a UDP router.</summary>
    public ValueList<WeightedBackend> Udp(IReadOnlyList<UdpServiceReference>? references, string field)
    {
        var backends = new List<WeightedBackend>();
        for (var i = 0; i < (references?.Count ?? 0); i++)
        {
            var place = $"{field}[{i}]";
            var reference = references![i];
            findings.Unsupported(reference.NodePortLB, place + ".nodePortLB");
            findings.Unsupported(reference.NativeLB, place + ".nativeLB");
            var port = Port(reference.Name, reference.Namespace, reference.Port, place);
            backends.Add(new WeightedBackend(port is null ? null : Add(Plain(port)), Weight(reference.Weight, place)));
        }

        return Checked(backends, field);
    }

    private ValueList<WeightedBackend> Checked(List<WeightedBackend> backends, string field)
    {
        if (backends.Count == 0)
        {
            findings.Error("missing-service", "There is no service: nothing is passed on.", field);
        }

        return backends.ToValueList();
    }

    private string? Tcp(TcpServiceReference reference, string field)
    {
        if (Port(reference.Name, reference.Namespace, reference.Port, field) is not { } port)
        {
            return null;
        }

        var backend = Plain(port);
        var identity = new List<string>();
        Found<ServersTransportTcpSpec>? transport = null;
        if (!string.IsNullOrEmpty(reference.ServersTransport))
        {
            transport = Transport(reference.ServersTransport, port.Service.Namespace, field + ".serversTransport");
            if (transport is null)
            {
                return null;
            }

            identity.Add("transport=" + transport.Resource.FullName);
            var own = new Findings(context, transport.Resource);
            backend = backend with { ConnectTimeout = TraefikDurations.Read(transport.Spec.DialTimeout, own, "spec.dialTimeout") ?? backend.ConnectTimeout };
        }

        if (reference.Tls == true)
        {
            if (TcpTransport.Tls(context, transport?.Spec.Tls, transport?.Resource ?? context.Root, findings, field) is not { } tls)
            {
                return null;
            }

            identity.Add("tls");
            backend = backend with { Tls = tls };
        }

        if ((reference.ProxyProtocol ?? transport?.Spec.ProxyProtocol) is { } proxyProtocol)
        {
            backend = backend with { ProxyProtocol = proxyProtocol.Version == 1 ? ProxyProtocolVersion.V1 : ProxyProtocolVersion.V2 };
            identity.Add("proxy-protocol=" + (int)backend.ProxyProtocol);
        }

        Delay(reference, transport?.Spec, field);
        return Add(identity.Count == 0 ? backend : backend with { Id = $"traefik/{port.Name}?{string.Join('&', identity)}" });
    }

    /// <summary>The delay belongs to a service in Traefik and to the route here: of several the longest counts.</summary>
    private void Delay(TcpServiceReference reference, ServersTransportTcpSpec? transport, string field)
    {
        if (reference.TerminationDelay is not null)
        {
            findings.Warning("unsupported-field", "terminationDelay is told by a ServersTransportTCP; here it has no effect.", field + ".terminationDelay");
        }

        if (transport?.TerminationDelay?.Value is { Length: > 0 } text && !text.StartsWith('-')
            && TraefikDurations.Read(transport.TerminationDelay, findings, field + ".serversTransport") is { } delay)
        {
            TerminationDelay = TerminationDelay > delay ? TerminationDelay : delay;
        }
    }

    private string Add(Backend backend)
    {
        context.Add(backend);
        return backend.Id;
    }

    private static Backend Plain(ServicePort port) => ServiceBackends.Plain(port) is var plain && plain.Protocol == BackendProtocol.Http1
        ? plain
        : plain with { Id = $"traefik/{port.Name}?stream", Protocol = BackendProtocol.Http1 };

    private ServicePort? Port(string? name, string? otherNamespace, IntOrString? portText, string field)
    {
        bool Exists(string ns, string service) => context.Get<V1Service>(ns, service) is not null;
        var reference = new ObjectReference { Name = name, Namespace = otherNamespace };
        if (References.Resolve(reference, context.Root.Namespace, options, Exists, findings, field + ".name") is not { } target)
        {
            return null;
        }

        if (context.Get<V1Service>(target.Namespace, target.Name) is not { } service)
        {
            findings.Error("missing-service", $"The Service {target.Namespace}/{target.Name} does not exist: its share is not passed on.", field);
            return null;
        }

        if (ServiceBackends.IsExternalName(service) && !options.AllowExternalNameServices)
        {
            findings.Error("external-name", $"The Service {target.Namespace}/{target.Name} is an ExternalName, and those are switched off.", field);
            return null;
        }

        var text = portText?.Value;
        var port = string.IsNullOrEmpty(text) ? null
            : int.TryParse(text, out var number) ? ServiceBackends.ByNumber(context, target.Namespace, target.Name, number)
            : ServiceBackends.ByName(context, target.Namespace, target.Name, text);
        if (port is null)
        {
            findings.Error("missing-port", $"The Service {target.Namespace}/{target.Name} has no port {text}: its share is not passed on.", field + ".port");
        }

        return port;
    }

    private Found<ServersTransportTcpSpec>? Transport(string name, string ns, string field)
    {
        bool Exists(string otherNamespace, string other) => TraefikObjects.TransportTcp(context, otherNamespace, other) is not null;
        if (References.Resolve(new ObjectReference { Name = name }, ns, options, Exists, findings, field) is not { } target)
        {
            return null;
        }

        var found = TraefikObjects.TransportTcp(context, target.Namespace, target.Name);
        if (found is null)
        {
            findings.Error("missing-transport", $"The ServersTransportTCP {target.Namespace}/{target.Name} does not exist: its share is not passed on.", field);
        }

        return found;
    }

    private int Weight(int? weight, string field)
    {
        if (weight is null or >= 0)
        {
            return weight ?? 1;
        }

        findings.Warning("invalid-weight", "A negative weight counts as 0.", field + ".weight");
        return 0;
    }
}
