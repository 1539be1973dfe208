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
    public void Objects_that_are_written_alike_keep_their_own_lines()
    {
        const string Service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: NAME\n  labels: { app: shop }\nspec:\n  type: ClusterIP\n";
        var text = Service.Replace("NAME", "a", StringComparison.Ordinal) + "---\n" + Service.Replace("NAME", "b", StringComparison.Ordinal);
        var file = new ManifestReader([CoreTypes.Service]).Read("a.yaml", text);

        Assert.Equal([7, 15], file.Resources.Select(resource => resource.Source.LineOf("spec.type")));
    }
}
