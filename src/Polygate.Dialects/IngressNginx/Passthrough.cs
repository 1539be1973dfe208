using Polygate.Dialects.Common;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>
/// ssl-passthrough: TLS connections for a host go unopened to the Service of its path <c>/</c>. What is said of requests counts for
/// cleartext alone.
/// </summary>
internal sealed class Passthrough
{
    private readonly NginxIngress ingress;
    private readonly TranslationContext context;

    public Passthrough(NginxIngress ingress, TranslationContext context)
    {
        this.ingress = ingress;
        this.context = context;
    }

    public void Run(ListenerKey listener, NginxHost host)
    {
        var field = OwnDiagnostics.Field("ssl-passthrough");
        if (host.Name.Length == 0)
        {
            context.Warning("annotation-without-effect", "A rule without a host cannot be told by its server name; its TLS is terminated here.", field);
            return;
        }

        var root = ingress.PathsOf(host.Name).FirstOrDefault(path => path.Path == "/");
        if (root is null)
        {
            context.Warning("annotation-without-effect", $"{host.Name} has no path /; its TLS is terminated here.", field);
            return;
        }

        var id = $"{NginxTranslation.Scope}/{ingress.Resource.FullName}/passthrough/{host.Name}";
        var port = IngressBackends.Find(context, root.Backend, root.Field + ".backend");
        if (port is not null)
        {
            context.Add(new Backend(id, ingress.Upstreams.Endpoints(port)) { Name = port.Name, ConnectTimeout = ingress.Upstreams.ConnectTimeout });
        }

        var precedence = new RoutePrecedence([ingress.Resource.Created], ingress.Resource.FullName);
        var bindings = host.Names().Where(name => name.Kind != HostPatternKind.Regex)
            .Select(name => new StreamBinding(listener, name, [new StreamMatch(name, [], precedence)]));
        context.Add(new StreamRoute(
            id, context.Origin(field), NginxTranslation.Scope, ingress.Resource.Created, bindings.ToValueList(), port is null ? [] : [new WeightedBackend(id)])
        {
            Tls = StreamTls.Passthrough,
        });
    }
}
