using CsCheck;
using Polygate.Kubernetes.Store;

namespace Polygate.Kubernetes.Tests;

/// <summary>A small set holds what a set holds, in order where it was given one, however many items come and go.</summary>
public sealed class SmallSetTests
{
    private static readonly Gen<(string Item, bool Adds, bool Looks)[]> Steps =
        Gen.Select(Gen.Int[0, 40].Select(number => string.Intern($"item-{number}")), Gen.Double.Select(draw => draw < 0.7), Gen.Bool).Array[0, 200];

    [Fact]
    public void With_an_order_it_holds_what_a_sorted_set_holds() => Steps.Sample(steps =>
    {
        var expected = new SortedSet<string>(StringComparer.Ordinal);
        var actual = default(SmallSet<string>);
        foreach (var (item, adds, looks) in steps)
        {
            if (adds)
            {
                expected.Add(item);
                actual.Add(item, StringComparer.Ordinal);
            }
            else
            {
                expected.Remove(item);
                actual.Remove(item);
            }

            if (looks)
            {
                Assert.Equal(expected, actual.Items);
                Assert.Equal(expected.Count, actual.Items.Count);
            }
        }

        Assert.Equal(expected, actual.Items);
        Assert.Equal(expected.Count == 0, actual.IsEmpty);
    });

    [Fact]
    public void Without_an_order_it_holds_what_a_set_holds() => Steps.Sample(steps =>
    {
        var expected = new HashSet<string>();
        var actual = default(SmallSet<string>);
        foreach (var (item, adds, _) in steps)
        {
            if (adds)
            {
                expected.Add(item);
                actual.Add(item);
            }
            else
            {
                expected.Remove(item);
                actual.Remove(item);
            }

            Assert.True(expected.SetEquals(actual.Items));
            Assert.Equal(expected.Count == 0, actual.IsEmpty);
        }
    });
}
