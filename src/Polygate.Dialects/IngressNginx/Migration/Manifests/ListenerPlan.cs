using System.Globalization;
using System.Text.Json.Nodes;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Migration.Manifests;

/// <summary>A listener that routes are attached to.</summary>
/// <param name="ListenerSet">The ListenerSet that it stands in; null for the Gateway itself.</param>
/// <param name="Section">Its name.</param>
internal sealed record ListenerPlace(string? ListenerSet, string Section);

/// <summary>
/// The listeners of the Gateway. One for cleartext, and one for each certificate. A host has a cleartext listener of its own where a less
/// specific host is served too: a request for it must not fall through to that one (nginx's servers do not; listeners of the Gateway API do
/// not either).
/// </summary>
internal sealed class ListenerPlan
{
    /// <summary>How many a Gateway or ListenerSet may have.</summary>
    private const int Most = 64;

    private readonly ManifestSettings settings;
    private readonly List<(string Owner, JsonObject Listener)> listeners = [];
    private readonly Dictionary<(int Port, HostPattern Host), ListenerPlace> places = [];
    private readonly HashSet<(string Namespace, string Name)> secrets = [];

    private ListenerPlan(ManifestSettings settings) => this.settings = settings;

    /// <summary>Hosts that ingress-nginx serves over TLS with a certificate that nobody trusts; here they have no listener.</summary>
    public List<HostPattern> WithoutCertificate { get; } = [];

    /// <param name="report">What ran on ingress-nginx.</param>
    /// <param name="settings">Where the Gateway is.</param>
    public static ListenerPlan Of(MigrationReport report, ManifestSettings settings)
    {
        var plan = new ListenerPlan(settings);
        var pieces = report.Configuration.Pieces.Values;
        var hosts = pieces.SelectMany(piece => piece.Routes).SelectMany(route => route.Bindings).Select(binding => binding.VirtualHost)
            .Concat(pieces.SelectMany(piece => piece.VirtualHosts).Select(host => host.Host))
            .Where(host => host.Kind != HostPatternKind.Regex)
            .Distinct().OrderBy(host => host.ToString(), StringComparer.Ordinal).ToList();
        if (hosts.Count == 0 || hosts.Any(host => !NeedsOwn(host, hosts)))
        {
            plan.Add(80, HostPattern.Any, "http", Listener(80, "HTTP", HostPattern.Any));
        }

        var number = 0;
        foreach (var host in hosts.Where(host => NeedsOwn(host, hosts)))
        {
            plan.Add(80, host, string.Create(CultureInfo.InvariantCulture, $"http-{++number}"), Listener(80, "HTTP", host));
        }

        plan.AddTls(report, pieces.SelectMany(piece => piece.TlsBindings));
        plan.AddStreams(report.Configuration.StreamRoutes);
        plan.WithoutCertificate.AddRange(hosts.Where(host => plan.Find(443, host) is null));
        return plan;
    }

    /// <summary>The listener for a host on a port; null where there is none.</summary>
    public ListenerPlace? Find(int port, HostPattern host) =>
        places.GetValueOrDefault((port, host)) ?? places.GetValueOrDefault((port, Wildcard(host))) ?? places.GetValueOrDefault((port, HostPattern.Any));

    /// <summary>The listener for streams on a port.</summary>
    public ListenerPlace FindStream(ListenerKey listener, HostPattern serverName) => places[(StreamPort(listener), serverName)];

    /// <summary>A reference from a route to a listener.</summary>
    public JsonObject Reference(ListenerPlace place)
    {
        var reference = place.ListenerSet is null ? new JsonObject() : new JsonObject { ["group"] = "gateway.networking.k8s.io", ["kind"] = "ListenerSet" };
        reference["name"] = place.ListenerSet ?? settings.GatewayName;
        reference["namespace"] = settings.GatewayNamespace;
        reference["sectionName"] = place.Section;
        return reference;
    }

    /// <summary>The class, the Gateway, ListenerSets where there are too many listeners for it, and what lets it use the certificates.</summary>
    public IEnumerable<JsonObject> Documents()
    {
        yield return new JsonObject
        {
            ["apiVersion"] = "gateway.networking.k8s.io/v1",
            ["kind"] = "GatewayClass",
            ["metadata"] = new JsonObject { ["name"] = settings.GatewayClass },
            ["spec"] = new JsonObject { ["controllerName"] = "gateway.polygate.io/gateway-controller" },
        };
        var gateway = Json.Standard("Gateway", settings.GatewayNamespace, settings.GatewayName);
        gateway["spec"] = new JsonObject { ["gatewayClassName"] = settings.GatewayClass, ["listeners"] = ListenersOf(settings.GatewayName) };
        var sets = listeners.Select(listener => listener.Owner).Where(owner => owner != settings.GatewayName).Distinct().ToList();
        if (sets.Count > 0)
        {
            gateway["spec"]!["allowedListeners"] = new JsonObject { ["namespaces"] = new JsonObject { ["from"] = "Same" } };
        }

        yield return gateway;
        foreach (var name in sets)
        {
            var set = Json.Standard("ListenerSet", settings.GatewayNamespace, name);
            set["spec"] = new JsonObject { ["parentRef"] = new JsonObject { ["name"] = settings.GatewayName }, ["listeners"] = ListenersOf(name) };
            yield return set;
        }

        foreach (var names in secrets.Where(secret => secret.Namespace != settings.GatewayNamespace).GroupBy(secret => secret.Namespace))
        {
            yield return Grant(names.Key, sets.Count > 0 ? ["Gateway", "ListenerSet"] : ["Gateway"], names.Select(secret => secret.Name));
        }
    }

    private JsonObject Grant(string ns, IReadOnlyList<string> kinds, IEnumerable<string> names)
    {
        var grant = Json.Standard("ReferenceGrant", ns, settings.GatewayName + "-certificates");
        grant["spec"] = new JsonObject
        {
            ["from"] = Json.Array(kinds.Select(kind => new JsonObject { ["group"] = "gateway.networking.k8s.io", ["kind"] = kind, ["namespace"] = settings.GatewayNamespace })),
            ["to"] = Json.Array(names.Order(StringComparer.Ordinal).Select(name => new JsonObject { ["group"] = "", ["kind"] = "Secret", ["name"] = name })),
        };
        return grant;
    }

    private JsonArray ListenersOf(string owner) => Json.Array(listeners.Where(listener => listener.Owner == owner).Select(listener => listener.Listener));

    /// <summary>A listener for each name with a certificate. One that could not be read is named all the same: Secrets are rarely kept beside the rest.</summary>
    private void AddTls(MigrationReport report, IEnumerable<TlsBinding> bindings)
    {
        var number = 0;
        foreach (var binding in bindings.OrderBy(binding => binding.ServerName.ToString(), StringComparer.Ordinal).DistinctBy(binding => binding.ServerName))
        {
            var named = binding.Certificates.IsEmpty ? Written(report, binding) : binding.Certificates.Select(id => (Namespace: id.Split('/')[0], Name: id.Split('/')[1])).ToList();
            if (named.Count == 0)
            {
                continue;
            }

            secrets.UnionWith(named);
            var listener = Listener(443, "HTTPS", binding.ServerName);
            listener["tls"] = new JsonObject
            {
                ["certificateRefs"] = Json.Array(named.Select(secret => new JsonObject { ["name"] = secret.Name, ["namespace"] = secret.Namespace })),
            };
            var name = binding.ServerName.Kind == HostPatternKind.Any ? "https" : string.Create(CultureInfo.InvariantCulture, $"https-{++number}");
            Add(443, binding.ServerName, name, listener);
        }
    }

    private static List<(string Namespace, string Name)> Written(MigrationReport report, TlsBinding binding) =>
        report.Ingresses.GetValueOrDefault($"{binding.Origin.Namespace}/{binding.Origin.Name}")?.Resource.Value.Spec?.Tls?
            .FirstOrDefault(entry => entry?.Hosts?.Contains(binding.ServerName.ToString(), StringComparer.OrdinalIgnoreCase) == true)?.SecretName is { Length: > 0 } name
            ? [(binding.Origin.Namespace, name)]
            : [];

    private void AddStreams(IEnumerable<StreamRoute> routes)
    {
        foreach (var (route, binding) in routes.SelectMany(route => route.Bindings.Select(binding => (route, binding))).OrderBy(pair => pair.binding.Listener.Port))
        {
            var key = (StreamPort(binding.Listener), binding.VirtualHost);
            if (places.ContainsKey(key))
            {
                continue;
            }

            var (protocol, name) = route.Tls == StreamTls.Passthrough ? ("TLS", "tls") : binding.Listener.IsUdp ? ("UDP", "udp") : ("TCP", "tcp");
            var listener = Listener(binding.Listener.Port, protocol, binding.VirtualHost);
            if (protocol == "TLS")
            {
                listener["tls"] = new JsonObject { ["mode"] = "Passthrough" };
            }

            Add(key.Item1, binding.VirtualHost, string.Create(CultureInfo.InvariantCulture, $"{name}-{listeners.Count + 1}"), listener);
        }
    }

    /// <summary>Streams are kept apart from HTTP on the same port, UDP from TCP.</summary>
    private static int StreamPort(ListenerKey listener) => listener.IsUdp ? -listener.Port : listener.Port + (1 << 16);

    private void Add(int port, HostPattern host, string section, JsonObject listener)
    {
        var set = listeners.Count / Most;
        var owner = set == 0 ? settings.GatewayName : string.Create(CultureInfo.InvariantCulture, $"{settings.GatewayName}-{set + 1}");
        var named = new JsonObject { ["name"] = section };
        foreach (var (field, value) in listener)
        {
            named[field] = value?.DeepClone();
        }

        listeners.Add((owner, named));
        places[(port, host)] = new ListenerPlace(set == 0 ? null : owner, section);
    }

    private static JsonObject Listener(int port, string protocol, HostPattern host)
    {
        var listener = new JsonObject { ["port"] = port, ["protocol"] = protocol };
        if (host.Kind != HostPatternKind.Any)
        {
            listener["hostname"] = host.ToString();
        }

        listener["allowedRoutes"] = new JsonObject { ["namespaces"] = new JsonObject { ["from"] = "All" } };
        return listener;
    }

    private static bool NeedsOwn(HostPattern host, List<HostPattern> hosts) => hosts.Any(other => other != host && Covers(other, host));

    private static bool Covers(HostPattern general, HostPattern special) =>
        general.Kind == HostPatternKind.Any || (general.Kind == HostPatternKind.SingleLabelSuffix && special.Kind != HostPatternKind.Any && special.Value.EndsWith(general.Value, StringComparison.Ordinal));

    private static HostPattern Wildcard(HostPattern host) =>
        host.Kind == HostPatternKind.Exact && host.Value.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? HostPattern.SingleLabelSuffix(host.Value[dot..]) : host;
}
