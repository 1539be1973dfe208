using k8s.Models;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;
using Polygate.Kubernetes.Store;

namespace Polygate.Kubernetes.Tests;

public sealed class RecentValuesTests
{
    [Fact]
    public void Of_equal_values_the_first_is_kept()
    {
        var values = new RecentValues<string>(16, StringComparer.Ordinal);
        var first = new string('a', 3);

        Assert.Same(first, values.Share(first));
        Assert.Same(first, values.Share(new string('a', 3)));
        Assert.Equal("b", values.Share("b"));
    }

    [Fact]
    public void Values_beyond_the_capacity_push_others_out_and_are_still_themselves()
    {
        var values = new RecentValues<string>(2, StringComparer.Ordinal);

        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal($"value {i}", values.Share($"value {i}")));
    }

    [Fact]
    public void The_capacity_is_a_power_of_two() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecentValues<string>(3, StringComparer.Ordinal));

    [Fact]
    public void Objects_share_the_texts_they_have_in_common_and_keep_their_own_lines()
    {
        const string Service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: NAME\n  labels: { app: shop }\nspec:\n  type: ClusterIP\n";
        var text = Service.Replace("NAME", "a", StringComparison.Ordinal) + "---\n" + Service.Replace("NAME", "b", StringComparison.Ordinal);
        var file = new ManifestReader([CoreTypes.Service]).Read("a.yaml", text);
        var (a, b) = ((Resource<V1Service>)file.Resources[0], (Resource<V1Service>)file.Resources[1]);

        Assert.Same(a.Value.Spec.Type, b.Value.Spec.Type);
        Assert.Same(a.Value.Metadata.Labels["app"], b.Value.Metadata.Labels["app"]);
        Assert.Equal((7, 15), (a.Source.LineOf("spec.type"), b.Source.LineOf("spec.type")));
    }
}
