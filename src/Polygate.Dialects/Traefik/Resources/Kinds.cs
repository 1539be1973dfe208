using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Traefik.Resources;

// The kinds of traefik.io, and those of the group's older name traefik.containo.us. An object of the older group is an
// object of its own: the newer one of the same kind and name shadows it.

public sealed class IngressRoute : CustomResource<IngressRouteSpec>;

public sealed class LegacyIngressRoute : CustomResource<IngressRouteSpec>;

public sealed class IngressRouteTcp : CustomResource<IngressRouteTcpSpec>;

public sealed class LegacyIngressRouteTcp : CustomResource<IngressRouteTcpSpec>;

public sealed class IngressRouteUdp : CustomResource<IngressRouteUdpSpec>;

public sealed class LegacyIngressRouteUdp : CustomResource<IngressRouteUdpSpec>;

public sealed class Middleware : CustomResource<MiddlewareSpec>;

public sealed class LegacyMiddleware : CustomResource<MiddlewareSpec>;

public sealed class MiddlewareTcp : CustomResource<MiddlewareTcpSpec>;

public sealed class LegacyMiddlewareTcp : CustomResource<MiddlewareTcpSpec>;

public sealed class TraefikService : CustomResource<TraefikServiceSpec>;

public sealed class LegacyTraefikService : CustomResource<TraefikServiceSpec>;

public sealed class TlsOption : CustomResource<TlsOptionSpec>;

public sealed class LegacyTlsOption : CustomResource<TlsOptionSpec>;

public sealed class TlsStore : CustomResource<TlsStoreSpec>;

public sealed class LegacyTlsStore : CustomResource<TlsStoreSpec>;

public sealed class ServersTransport : CustomResource<ServersTransportSpec>;

public sealed class LegacyServersTransport : CustomResource<ServersTransportSpec>;

/// <summary>Added after the group was renamed: there is no older form.</summary>
public sealed class ServersTransportTcp : CustomResource<ServersTransportTcpSpec>;
