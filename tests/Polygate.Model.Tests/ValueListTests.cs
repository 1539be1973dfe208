using CsCheck;

namespace Polygate.Model.Tests;

public sealed class ValueListTests
{
    [Fact]
    public void Lists_with_equal_elements_are_equal() =>
        Gen.Int.Array.Sample(items =>
        {
            ValueList<int> one = [.. items];
            ValueList<int> other = [.. items];
            Assert.Equal(one, other);
            Assert.Equal(one.GetHashCode(), other.GetHashCode());
            Assert.Equal(items, one.ToArray());
        });

    [Fact]
    public void Lists_with_different_elements_are_not_equal() =>
        Gen.Select(Gen.Int[0, 3].Array, Gen.Int[0, 3].Array).Sample((left, right) =>
        {
            ValueList<int> one = [.. left];
            ValueList<int> other = [.. right];
            Assert.Equal(left.SequenceEqual(right), one == other);
        });

    [Fact]
    public void The_default_value_is_the_empty_list()
    {
        ValueList<string> list = default;
        Assert.Empty(list);
        Assert.Equal([], list);
        Assert.Equal(0, list.AsSpan().Length);
    }
}
