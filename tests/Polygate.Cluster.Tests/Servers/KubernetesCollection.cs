namespace Polygate.Cluster.Tests.Servers;

/// <summary>Tests that share the one real API server.</summary>
[CollectionDefinition(Name)]
public sealed class KubernetesCollection : ICollectionFixture<KubernetesFixture>
{
    public const string Name = "kube-apiserver";
}
