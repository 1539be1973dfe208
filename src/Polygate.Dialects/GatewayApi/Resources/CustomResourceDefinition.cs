using System.Text.Json;
using System.Text.Json.Serialization;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Resources;

/// <summary>The definition of a kind, as far as it is read: its metadata tells which version of the Gateway API is installed.</summary>
public sealed class CustomResourceDefinition : CustomResource<CustomResourceDefinitionSpec>
{
    /// <summary>The annotation with the version of the Gateway API that a definition belongs to, such as <c>v1.6.1</c>.</summary>
    public const string BundleVersion = "gateway.networking.k8s.io/bundle-version";

    /// <summary>The annotation with its channel: <c>standard</c> or <c>experimental</c>.</summary>
    public const string Channel = "gateway.networking.k8s.io/channel";
}

/// <summary>Nothing of it is read.</summary>
public sealed class CustomResourceDefinitionSpec
{
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Others { get; set; }
}
