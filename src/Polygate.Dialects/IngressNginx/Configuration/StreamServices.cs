using System.Globalization;
using k8s.Models;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Configuration;

/// <summary>
/// A ConfigMap that exposes ports of Services without HTTP: a port of the gateway, and <c>namespace/service:port</c>, where the
/// port is a number or a name. <c>:PROXY</c> twice after it asks for the PROXY protocol from clients and to the backend.
/// </summary>
internal sealed class StreamServices
{
    private readonly Resource<V1ConfigMap> map;
    private readonly bool isUdp;
    private readonly TranslationContext context;

    public StreamServices(Resource<V1ConfigMap> map, bool isUdp, TranslationContext context)
    {
        this.map = map;
        this.isUdp = isUdp;
        this.context = context;
    }

    public void Run()
    {
        foreach (var (port, target) in (map.Value.Data ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var field = $"data.{port}";
            if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65535)
            {
                context.Error("invalid-field", $"\"{port}\" is not a port.", field);
            }
            else if (number is 80 or 443 && !isUdp)
            {
                context.Error("invalid-field", $"Port {port} is the gateway's own for HTTP.", field);
            }
            else
            {
                AddPort(new ListenerKey(number, IsUdp: isUdp), (target ?? "").Trim(), field);
            }
        }
    }

    private void AddPort(ListenerKey key, string target, string field)
    {
        var words = target.Split(':');
        var name = words[0].Split('/');
        if (words.Length is < 2 or > 4 || name is not [{ Length: > 0 }, { Length: > 0 }] || words[2..].Any(word => word is not ("PROXY" or "")))
        {
            context.Error("invalid-field", $"\"{target}\" is not namespace/service:port, possibly with :PROXY.", field);
            return;
        }

        if (words.Length > 2 && words[2] == "PROXY")
        {
            context.Error("unsupported-field", "The PROXY protocol from clients is set for a port of the gateway, not here; the port is not opened.", field);
            return;
        }

        var port = int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? ServiceBackends.ByNumber(context, name[0], name[1], number)
            : ServiceBackends.ByName(context, name[0], name[1], words[1]);
        if (port is null)
        {
            context.Error("missing-service", $"The Service {words[0]} does not exist or has no port {words[1]}; connections are closed.", field);
        }

        var id = $"{NginxTranslation.Scope}/{map.FullName}/{key}";
        context.Add(new Listener(key, isUdp ? ListenerProtocol.Udp : ListenerProtocol.Tcp, context.Origin(field)));
        if (port is not null)
        {
            context.Add(new Backend(id, port.Endpoints) { Name = port.Name, ProxyProtocol = words.Length == 4 && words[3] == "PROXY" ? ProxyProtocolVersion.V1 : ProxyProtocolVersion.None });
        }

        context.Add(new StreamRoute(
            id, context.Origin(field), NginxTranslation.Scope, map.Created,
            [new StreamBinding(key, HostPattern.Any, [new StreamMatch(HostPattern.Any, [], new RoutePrecedence([map.Created], map.FullName))])],
            port is null ? [] : [new WeightedBackend(id)])
        {
            IdleTimeout = TimeSpan.FromSeconds(600),
        });
    }
}
