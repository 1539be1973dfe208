using CsCheck;
using Polygate.Dialects.GatewayApi.Attachment;

namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>
/// Host name intersection against the specification's words, executed naively: a name stands for the set of hosts that fit it, over a small world of
/// labels in which every case of overlap occurs.
/// </summary>
public sealed class HostnameProperties
{
    private static readonly string[] Labels = ["a", "b", "c"];

    private static readonly string[] Hosts = [.. Names(1), .. Names(2), .. Names(3), .. Names(4)];

    private static readonly Gen<string> Pattern =
        Gen.OneOf(Gen.Const(""), Gen.OneOf([.. Names(1), .. Names(2), .. Names(3)]), Gen.OneOf([.. Names(1), .. Names(2)]).Select(name => "*." + name));

    [Fact]
    public void The_intersection_of_two_names_has_exactly_the_hosts_of_both() =>
        Gen.Select(Pattern, Pattern).Sample((left, right) =>
        {
            var expected = Hosts.Where(host => Fits(left, host) && Fits(right, host)).ToList();
            var actual = Hostnames.Intersect(left, right);

            Assert.Equal(expected, actual is null ? [] : Hosts.Where(host => Fits(actual, host)));
        });

    [Fact]
    public void The_intersection_is_the_narrower_name() =>
        Gen.Select(Pattern, Pattern).Sample((left, right) =>
        {
            if (Hostnames.Intersect(left, right) is { } both)
            {
                Assert.Contains(both, new[] { left, right });
                Assert.True(Hosts.Where(host => Fits(both, host)).All(host => Fits(left, host) && Fits(right, host)));
            }
        });

    [Fact]
    public void Order_does_not_matter() =>
        Gen.Select(Pattern, Pattern).Sample((left, right) => Assert.Equal(Hostnames.Intersect(left, right), Hostnames.Intersect(right, left)));

    [Fact]
    public void One_name_covers_another_when_it_has_all_of_its_hosts() =>
        Gen.Select(Pattern, Pattern).Sample((wide, narrow) =>
            Assert.Equal(narrow.Length == 0 ? wide.Length == 0 : Hosts.Where(host => Fits(narrow, host)).All(host => Fits(wide, host)), Hostnames.Covers(wide, narrow)));

    /// <summary>Names that may intersect are found under a domain in common, or one of them is of every domain.</summary>
    [Fact]
    public void Names_of_different_domains_never_intersect() =>
        Gen.Select(Pattern, Pattern).Sample((left, right) =>
        {
            if (Hostnames.Domain(left) is { } one && Hostnames.Domain(right) is { } other && one != other)
            {
                Assert.Null(Hostnames.Intersect(left, right));
            }
        });

    /// <summary>
    /// "Hostname": an empty name is every host, a wildcard stands for one or more whole labels, anything else is itself.
    /// </summary>
    private static bool Fits(string pattern, string host)
    {
        if (pattern.Length == 0)
        {
            return true;
        }

        var wanted = pattern.Split('.');
        var labels = host.Split('.');
        return wanted[0] == "*"
            ? labels.Length >= wanted.Length && labels.TakeLast(wanted.Length - 1).SequenceEqual(wanted.Skip(1))
            : labels.SequenceEqual(wanted);
    }

    private static IEnumerable<string> Names(int length) =>
        length == 1 ? Labels : Names(length - 1).SelectMany(name => Labels.Select(label => $"{label}.{name}"));
}
