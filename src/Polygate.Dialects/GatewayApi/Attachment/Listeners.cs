using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>Reads the listeners of a Gateway or ListenerSet: kinds, unsupported values, conflicts.</summary>
internal static class Listeners
{
    /// <summary>What <see cref="Family"/> may tell.</summary>
    public static readonly string[] Families = ["http", "tls", "tcp", "udp"];

    private static readonly string[] HttpKinds = ["HTTPRoute", "GRPCRoute"];

    /// <summary>The views of an object's listeners, in its order.</summary>
    /// <param name="owner">The Gateway or ListenerSet.</param>
    /// <param name="listeners">Its listeners.</param>
    /// <param name="frontend">The Gateway's rules for clients' certificates.</param>
    /// <param name="taken">Listeners that precede these (of the Gateway and of older ListenerSets) and win conflicts.</param>
    public static IReadOnlyList<ListenerView> Read(
        Resource owner, IReadOnlyList<GatewayListener>? listeners, FrontendTls? frontend, IReadOnlyList<ListenerView> taken)
    {
        if (listeners is null)
        {
            return [];
        }

        var views = new ListenerView[listeners.Count];
        for (var i = 0; i < views.Length; i++)
        {
            views[i] = View(owner, listeners, i, frontend) with { Conflict = ConflictOf(i, listeners, taken) };
        }

        return views;
    }

    private static ListenerView View(Resource owner, IReadOnlyList<GatewayListener> listeners, int index, FrontendTls? frontend)
    {
        var listener = listeners[index];
        var field = $"spec.listeners[{index}]";
        var hostname = Hostnames.Normalize(listener.Hostname);
        var supported = listener.Protocol is "HTTP" or "HTTPS" ? HttpKinds : [];
        var kinds = supported;
        Problem? invalidKind = null;
        if (listener.AllowedRoutes?.Kinds is { Count: > 0 } asked)
        {
            kinds = [.. asked.Where(kind => IsSupported(kind, supported)).Select(kind => kind.Kind).Distinct(StringComparer.Ordinal)];
            for (var i = 0; i < asked.Count && invalidKind is null; i++)
            {
                invalidKind = IsSupported(asked[i], supported) ? null : new Problem(
                    "InvalidRouteKinds",
                    $"A listener of protocol {listener.Protocol} cannot serve routes of kind {asked[i].Kind}{GroupSuffix(asked[i])}.",
                    $"{field}.allowedRoutes.kinds[{i}]");
            }
        }

        return new ListenerView
        {
            Listener = listener,
            Owner = owner,
            Field = field,
            Hostname = hostname,
            Kinds = kinds,
            InvalidKind = invalidKind,
            Rejection = Rejection(listeners, index, field, hostname, frontend),
        };
    }

    private static Problem? Rejection(
        IReadOnlyList<GatewayListener> listeners, int index, string field, string hostname, FrontendTls? frontend)
    {
        var listener = listeners[index];
        if (listener.Protocol is not ("HTTP" or "HTTPS"))
        {
            return new Problem("UnsupportedProtocol", listener.Protocol is "TLS" or "TCP" or "UDP"
                ? $"Listeners of protocol {listener.Protocol} are not served yet, only HTTP and HTTPS."
                : $"The protocol \"{listener.Protocol}\" is unknown, expected HTTP or HTTPS.", field + ".protocol");
        }

        if (listener.Port is < 1 or > 65535)
        {
            return new Problem("UnsupportedValue", $"The port {listener.Port} is not between 1 and 65535.", field + ".port");
        }

        if (listeners.Take(index).Any(other => other.Name == listener.Name))
        {
            return new Problem("UnsupportedValue", $"The name \"{listener.Name}\" is used by an earlier listener.", field + ".name");
        }

        if (Hostnames.Problem(hostname) is { } problem)
        {
            return new Problem("UnsupportedValue", $"The hostname {problem}.", field + ".hostname");
        }

        if (!NamespaceAdmission.IsKnown(listener.AllowedRoutes?.Namespaces?.From))
        {
            return new Problem(
                "UnsupportedValue",
                $"\"{listener.AllowedRoutes!.Namespaces!.From}\" is not Same, All or Selector.",
                field + ".allowedRoutes.namespaces.from");
        }

        return listener.Protocol == "HTTPS" ? TlsRejection(listener, field, frontend) : null;
    }

    private static Problem? TlsRejection(GatewayListener listener, string field, FrontendTls? frontend)
    {
        if (listener.Tls?.Mode is { } mode and not "Terminate")
        {
            return new Problem("UnsupportedValue", $"An HTTPS listener terminates TLS; the mode \"{mode}\" does not.", field + ".tls.mode");
        }

        // Serving without the check that was asked for would let everyone in.
        return ClientValidation(frontend, listener.Port) is { Mode: null or "AllowValidOnly" }
            ? new Problem(
                "UnsupportedValue",
                "Verification of client certificates is not supported yet; the listener is not served without it.",
                "spec.tls.frontend")
            : null;
    }

    /// <summary>What is asked of clients' certificates on a port; null for nothing.</summary>
    public static FrontendTlsValidation? ClientValidation(FrontendTls? frontend, int port) =>
        frontend?.PerPort?.FirstOrDefault(candidate => candidate.Port == port) is { } own ? own.Tls?.Validation : frontend?.Default?.Validation;

    private static ListenerConflict ConflictOf(int index, IReadOnlyList<GatewayListener> listeners, IReadOnlyList<ListenerView> taken)
    {
        var listener = listeners[index];
        foreach (var other in taken)
        {
            if (Compare(listener, other.Listener) is var conflict and not ListenerConflict.None)
            {
                return conflict;
            }
        }

        for (var i = 0; i < listeners.Count; i++)
        {
            if (i != index && Compare(listener, listeners[i]) is var conflict and not ListenerConflict.None)
            {
                return conflict;
            }
        }

        return ListenerConflict.None;
    }

    /// <summary>
    /// Listeners are told apart by port and host name (HTTP, HTTPS, TLS), or by port alone (TCP, UDP); cleartext, TLS and
    /// plain TCP cannot share a port ("Distinct Listeners").
    /// </summary>
    private static ListenerConflict Compare(GatewayListener left, GatewayListener right)
    {
        if (left.Port != right.Port || Family(left) is not { } family || Family(right) is not { } other || (family == "udp") != (other == "udp"))
        {
            return ListenerConflict.None;
        }

        if (family != other)
        {
            return ListenerConflict.ProtocolConflict;
        }

        return family is "tcp" or "udp" || Hostnames.Normalize(left.Hostname) == Hostnames.Normalize(right.Hostname)
            ? ListenerConflict.HostnameConflict
            : ListenerConflict.None;
    }

    /// <summary>What shares a port with what: cleartext HTTP, TLS (HTTPS too), plain TCP, UDP; null for unknown protocols.</summary>
    public static string? Family(GatewayListener listener) => listener.Protocol switch
    {
        "HTTP" => "http",
        "HTTPS" or "TLS" => "tls",
        "TCP" => "tcp",
        "UDP" => "udp",
        _ => null,
    };

    private static bool IsSupported(RouteGroupKind kind, string[] supported) =>
        (kind.Group ?? GatewayApiTypes.Group) == GatewayApiTypes.Group && supported.Contains(kind.Kind);

    private static string GroupSuffix(RouteGroupKind kind) =>
        kind.Group is null or GatewayApiTypes.Group ? "" : $" of group \"{kind.Group}\"";
}
