using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>Reads the listeners of a Gateway or ListenerSet: kinds, unsupported values, conflicts.</summary>
internal static class Listeners
{
    /// <summary>What <see cref="Family"/> may tell.</summary>
    public static readonly string[] Families = ["http", "tls", "tcp", "udp"];

    /// <summary>The views of an object's listeners, in its order.</summary>
    /// <param name="owner">The Gateway or ListenerSet.</param>
    /// <param name="listeners">Its listeners.</param>
    /// <param name="gateway">The Gateway: the owner, or the ListenerSet's.</param>
    /// <param name="preceding">The conflict of a listener with those that precede the owner's (of the Gateway and of older ListenerSets) and win.</param>
    public static IReadOnlyList<ListenerView> Read(
        Resource owner, IReadOnlyList<GatewayListener>? listeners, Resource<Gateway> gateway, Func<GatewayListener, ListenerConflict> preceding)
    {
        if (listeners is null)
        {
            return [];
        }

        // Those that lose against others do not stand in the way of their own kind.
        var conflicts = listeners.Select(preceding).ToList();
        var views = new ListenerView[listeners.Count];
        for (var i = 0; i < views.Length; i++)
        {
            var conflict = conflicts[i] != ListenerConflict.None ? conflicts[i] : ConflictAmong(i, listeners, conflicts);
            views[i] = View(owner, listeners, i, gateway) with { Conflict = conflict };
        }

        return views;
    }

    private static ListenerView View(Resource owner, IReadOnlyList<GatewayListener> listeners, int index, Resource<Gateway> gateway)
    {
        var listener = listeners[index];
        var field = $"spec.listeners[{index}]";
        var hostname = Hostnames.Normalize(listener.Hostname);
        var supported = KindsOf(listener.Protocol);
        var (validation, validationField) = listener.Protocol == "HTTPS" ? ClientValidation(gateway.Value.Spec.Tls?.Frontend, listener.Port) : default;
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
            Gateway = gateway,
            FrontendValidation = validation,
            FrontendField = owner == gateway ? validationField : field,
            Field = field,
            Hostname = hostname,
            Kinds = kinds,
            InvalidKind = invalidKind,
            Rejection = Rejection(listeners, index, field, hostname) ?? ModeRejection(validation, owner == gateway ? validationField : field),
        };
    }

    private static Problem? Rejection(
        IReadOnlyList<GatewayListener> listeners, int index, string field, string hostname)
    {
        var listener = listeners[index];
        if (KindsOf(listener.Protocol).Length == 0)
        {
            return new Problem("UnsupportedProtocol", $"The protocol \"{listener.Protocol}\" is unknown, expected HTTP, HTTPS, TLS, TCP or UDP.", field + ".protocol");
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

        return (listener.Protocol, listener.Tls?.Mode) switch
        {
            ("HTTPS", not (null or "Terminate")) =>
                new Problem("UnsupportedValue", $"An HTTPS listener terminates TLS; the mode \"{listener.Tls!.Mode}\" does not.", field + ".tls.mode"),
            ("TLS", not (null or "Terminate" or "Passthrough")) =>
                new Problem("UnsupportedValue", $"\"{listener.Tls!.Mode}\" is not Terminate or Passthrough.", field + ".tls.mode"),
            _ => null,
        };
    }

    private static Problem? ModeRejection(FrontendTlsValidation? validation, string field) => validation?.Mode is null or "AllowValidOnly" or "AllowInsecureFallback"
        ? null
        : new Problem("UnsupportedValue", $"\"{validation.Mode}\" is not AllowValidOnly or AllowInsecureFallback.", field);

    /// <summary>The kinds of routes that a protocol can serve; none for an unknown one.</summary>
    private static string[] KindsOf(string protocol) => protocol switch
    {
        "HTTP" or "HTTPS" => ["HTTPRoute", "GRPCRoute"],
        "TLS" => ["TLSRoute"],
        "TCP" => ["TCPRoute"],
        "UDP" => ["UDPRoute"],
        _ => [],
    };

    /// <summary>What is asked of clients' certificates on a port, and where that is written; null for nothing.</summary>
    private static (FrontendTlsValidation? Validation, string Field) ClientValidation(FrontendTls? frontend, int port)
    {
        for (var i = 0; i < (frontend?.PerPort?.Count ?? 0); i++)
        {
            if (frontend!.PerPort![i].Port == port)
            {
                return (frontend.PerPort[i].Tls?.Validation, $"spec.tls.frontend.perPort[{i}].tls.validation");
            }
        }

        return (frontend?.Default?.Validation, "spec.tls.frontend.default.validation");
    }

    /// <summary>Of the listeners of one object that cannot be told apart, none is served.</summary>
    private static ListenerConflict ConflictAmong(int index, IReadOnlyList<GatewayListener> listeners, List<ListenerConflict> lost)
    {
        for (var i = 0; i < listeners.Count; i++)
        {
            if (i != index && lost[i] == ListenerConflict.None && Compare(listeners[index], listeners[i]) is var conflict and not ListenerConflict.None)
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
    public static ListenerConflict Compare(GatewayListener left, GatewayListener right)
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
