using Polygate.Dialects.Ambassador.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Ambassador.Hosts;

/// <summary>How a Listener decides whether a request is secure.</summary>
internal enum SecurityModel
{
    /// <summary>By <c>X-Forwarded-Proto</c>, which the gateway itself sets from the connection.</summary>
    ForwardedProtocol,

    /// <summary>Every request is.</summary>
    Secure,

    /// <summary>None is.</summary>
    Insecure,
}

/// <summary>A Listener that speaks HTTP.</summary>
/// <param name="Source">The Listener.</param>
/// <param name="Key">Its port.</param>
/// <param name="MayTerminateTls">Whether it terminates TLS for Hosts that have any.</param>
/// <param name="Security">When requests are secure.</param>
internal sealed record ServedListener(Resource<AmbassadorListener> Source, ListenerKey Key, bool MayTerminateTls, SecurityModel Security)
{
    /// <summary>The Listeners that are served.</summary>
    public static IReadOnlyList<ServedListener> All(IResourceLookup lookup) =>
        [.. lookup.List<AmbassadorListener>()
            .Where(listener => Installation.IsOurs(listener.Value.Spec.AmbassadorId))
            .Select(listener => Read(listener, out _))
            .OfType<ServedListener>()];

    /// <summary>A Listener that is served; null with a problem when it is not.</summary>
    public static ServedListener? Read(Resource<AmbassadorListener> listener, out HostProblem problem)
    {
        var spec = listener.Value.Spec;
        problem = HostProblem.None;
        if (spec.Port is not (> 0 and < 65536))
        {
            problem = new HostProblem("invalid-field", "A Listener needs a port from 1 to 65535.", "spec.port");
            return null;
        }

        if (spec.Protocol is null == spec.ProtocolStack is not { Count: > 0 })
        {
            problem = new HostProblem("invalid-field", "A Listener has either a protocol or a protocolStack.", "spec.protocol");
            return null;
        }

        var field = spec.Protocol is null ? "spec.protocolStack" : "spec.protocol";
        var stack = spec.Protocol ?? string.Join(' ', spec.ProtocolStack!);
        if (stack is not ("HTTP" or "HTTPS" or "HTTP TCP" or "TLS HTTP TCP"))
        {
            problem = new HostProblem("unsupported-field", $"{stack} is not supported yet; HTTP and HTTPS are.", field);
            return null;
        }

        SecurityModel? security = spec.SecurityModel switch
        {
            "XFP" => SecurityModel.ForwardedProtocol,
            "SECURE" => SecurityModel.Secure,
            "INSECURE" => SecurityModel.Insecure,
            _ => null,
        };
        if (security is null || spec.HostBinding is null or { Namespace: null, Selector: null })
        {
            problem = new HostProblem(
                "invalid-field", "A Listener needs a securityModel (XFP, SECURE, INSECURE) and a hostBinding.", security is null ? "spec.securityModel" : "spec.hostBinding");
            return null;
        }

        return new ServedListener(listener, new ListenerKey(spec.Port.Value), stack is "HTTPS" or "TLS HTTP TCP", security.Value);
    }

    /// <summary>Whether a Host is on this port: by namespace (its own, unless ALL) and labels.</summary>
    public bool Binds(ServedHost host)
    {
        var binding = Source.Value.Spec.HostBinding!;
        if (host.Source is not { } source)
        {
            return true;
        }

        return (binding.Namespace?.From == "ALL" || source.Namespace == Source.Namespace)
            && (binding.Selector is null || ServedHost.HasLabels(source, binding.Selector));
    }

    /// <summary>What is spoken on the port: TLS exactly when a Host on it has TLS.</summary>
    public ListenerProtocol Protocol(IEnumerable<ServedHost> hosts) =>
        MayTerminateTls && hosts.Any(host => host.Tls is not null && Binds(host)) ? ListenerProtocol.Https : ListenerProtocol.Http;
}
