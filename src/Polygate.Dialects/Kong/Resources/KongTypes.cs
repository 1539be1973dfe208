using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Kong.Resources;

/// <summary>Kong's kinds.</summary>
public static class KongTypes
{
    public const string Group = "configuration.konghq.com";

    private static readonly KongJson Json = KongJson.Default;

    public static IReadOnlyList<ResourceType> All { get; } =
    [
        Type("KongIngress", "kongingresses", "v1", Json.KongIngress),
        Type("KongPlugin", "kongplugins", "v1", Json.KongPlugin),
        Type("KongClusterPlugin", "kongclusterplugins", "v1", Json.KongClusterPlugin, namespaced: false),
        Type("KongConsumer", "kongconsumers", "v1", Json.KongConsumer),
        Type("KongConsumerGroup", "kongconsumergroups", "v1beta1", Json.KongConsumerGroup),
        Type("KongUpstreamPolicy", "kongupstreampolicies", "v1beta1", Json.KongUpstreamPolicy),
        Type("TCPIngress", "tcpingresses", "v1beta1", Json.TcpIngress),
        Type("UDPIngress", "udpingresses", "v1beta1", Json.UdpIngress),
        Type("KongVault", "kongvaults", "v1alpha1", Json.KongVault, namespaced: false),
        Type("KongCustomEntity", "kongcustomentities", "v1alpha1", Json.KongCustomEntity),
        Type("IngressClassParameters", "ingressclassparameterses", "v1alpha1", Json.IngressClassParameters),
        Type("KongLicense", "konglicenses", "v1alpha1", Json.KongLicense, namespaced: false),
        new ResourceType<KongServiceFacade>(
            "incubator.ingress-controller.konghq.com", "KongServiceFacade", "kongservicefacades", namespaced: true, ["v1alpha1"], Json.KongServiceFacade),
    ];

    /// <summary>Those whose status has the condition <c>Programmed</c>.</summary>
    public static IReadOnlyList<ResourceType> WithStatus { get; } =
    [
        .. All.Where(type => type.Kind is "KongPlugin" or "KongClusterPlugin" or "KongConsumer" or "KongConsumerGroup" or "KongVault" or "KongCustomEntity"),
    ];

    private static ResourceType<T> Type<T>(string kind, string plural, string version, JsonTypeInfo<T> json, bool namespaced = true)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        new(Group, kind, plural, namespaced, [version], json);
}
