using System.Text.Json.Serialization;

namespace Polygate.Dialects.Kong.Resources;

/// <summary>How Kong's kinds are read from JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KongIngress))]
[JsonSerializable(typeof(KongPlugin))]
[JsonSerializable(typeof(KongClusterPlugin))]
[JsonSerializable(typeof(KongConsumer))]
[JsonSerializable(typeof(KongConsumerGroup))]
[JsonSerializable(typeof(KongUpstreamPolicy))]
[JsonSerializable(typeof(TcpIngress))]
[JsonSerializable(typeof(UdpIngress))]
[JsonSerializable(typeof(KongVault))]
[JsonSerializable(typeof(KongCustomEntity))]
[JsonSerializable(typeof(IngressClassParameters))]
[JsonSerializable(typeof(KongServiceFacade))]
[JsonSerializable(typeof(KongLicense))]
internal sealed partial class KongJson : JsonSerializerContext;
