using Polygate.Dialects.Common;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.Gateways;

/// <summary>A port on which virtual services are served: an HTTP part of a Gateway, or of the Gateways every installation has.</summary>
/// <param name="Namespace">The Gateway's namespace.</param>
/// <param name="Name">The Gateway's name.</param>
/// <param name="Listener">Where it accepts connections.</param>
/// <param name="Ssl">Whether it takes virtual services with <c>sslConfig</c>, and no others.</param>
/// <param name="Http">Which virtual services, with which options.</param>
internal sealed record ServedGateway(string Namespace, string Name, ListenerKey Listener, bool Ssl, HttpGateway Http)
{
    /// <summary>The Gateway; null for one of the installation's own.</summary>
    public Resource<GlooGateway>? Source { get; init; }

    /// <summary>The routes of one Gateway are ordered among themselves.</summary>
    public string Scope => $"gloo/{Namespace}/{Name}";

    /// <summary>Whether headers of the route win over those of the virtual host; Envoy's default is the other way round.</summary>
    public bool RouteHeadersWin => Source?.Value.Spec.RouteOptions?.MostSpecificHeaderMutationsWins == true;

    /// <summary>Options of this gateway that restrict access and are not served: nothing on it is.</summary>
    public IEnumerable<string> Restrictions => HttpListenerOptions.Fields.Restricting.Where(name =>
        Http.Options?.Field(name) is { } value && !FieldTable.IsSwitchedOff(value));

    /// <summary>Whether a virtual service is served here: it is selected, and both have TLS or neither has.</summary>
    public bool Serves(Resource<VirtualService> service) =>
        service.Value.Spec.SslConfig is not null == Ssl && Selects(service);

    private bool Selects(Resource<VirtualService> service)
    {
        if (Http.VirtualServiceExpressions is { Expressions.Count: > 0 } expressions)
        {
            return Selectors.Includes(Http.VirtualServiceNamespaces, service.Namespace) && Selectors.Matches(service, expressions.Expressions);
        }

        if (Http.VirtualServiceSelector is { Count: > 0 } labels)
        {
            return Selectors.Includes(Http.VirtualServiceNamespaces, service.Namespace) && Selectors.Matches(service, labels);
        }

        if (Http.VirtualServices is { Count: > 0 } names)
        {
            return names.Any(name => name.Name == service.Name && (name.Namespace ?? Namespace) == service.Namespace);
        }

        return Selectors.Includes(Http.VirtualServiceNamespaces, service.Namespace);
    }
}
