using System.Text.Json.Serialization;

namespace Polygate.Dialects.Traefik.Resources;

/// <summary>How Traefik's kinds are read from JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IngressRoute))]
[JsonSerializable(typeof(LegacyIngressRoute))]
[JsonSerializable(typeof(IngressRouteTcp))]
[JsonSerializable(typeof(LegacyIngressRouteTcp))]
[JsonSerializable(typeof(IngressRouteUdp))]
[JsonSerializable(typeof(LegacyIngressRouteUdp))]
[JsonSerializable(typeof(Middleware))]
[JsonSerializable(typeof(LegacyMiddleware))]
[JsonSerializable(typeof(MiddlewareTcp))]
[JsonSerializable(typeof(LegacyMiddlewareTcp))]
[JsonSerializable(typeof(TraefikService))]
[JsonSerializable(typeof(LegacyTraefikService))]
[JsonSerializable(typeof(TlsOption))]
[JsonSerializable(typeof(LegacyTlsOption))]
[JsonSerializable(typeof(TlsStore))]
[JsonSerializable(typeof(LegacyTlsStore))]
[JsonSerializable(typeof(ServersTransport))]
[JsonSerializable(typeof(LegacyServersTransport))]
[JsonSerializable(typeof(ServersTransportTcp))]
internal sealed partial class TraefikJson : JsonSerializerContext;
