using Polygate.Model;

namespace Polygate.Analysis.Tests;

/// <summary>What becomes of a path, in words.</summary>
public sealed class PathDescriptionTests
{
    private static readonly (PathRewrite Rewrite, string Words)[] Known =
    [
        (new ReplaceFullPath("/x"), "the path /x"),
        (new ReplaceElementPrefix("/shop", "/"), "the path with / in place of /shop"),
        (new ReplaceTextPrefix(5, ""), "the path with \"\" in place of its first 5 characters"),
        (new ReplaceTextPrefix(1, "/v2/"), "the path with \"/v2/\" in place of its first 1 character"),
        (new StripPrefixes(["/a", "/b"]), "the path without /a or /b at its beginning"),
        (new AddPrefix("/v1"), "the path with /v1 put before it"),
        (new RegexRewrite("/a/(.*)", "/$1") { WholePath = true }, "/$1 where /a/(.*) finds something in the path"),
        (new RegexRewrite("a+", "b"), "the path with b in place of the first thing that a+ finds in it"),
        (new RegexRewrite("a+", "b") { All = true, IgnoreCase = true }, "the path with b in place of everything that a+ (any case) finds in it"),
        (new JoinBasePath("/base"), "the path put behind /base"),
        (new JoinBasePath("/base", 4), "the path without its matched part, put behind /base"),
        (new JoinBasePath("/base", 0, "^/[a-z]+"), "the path without its matched part, put behind /base"),
    ];

    public static TheoryData<int> Rows() => [.. Enumerable.Range(0, Known.Length)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_rewrite_is_told_in_plain_words(int row) =>
        Assert.Equal([$"The backend sees {Known[row].Words}."], Describe.Filters(new RewriteFilter { Path = Known[row].Rewrite }));

    [Fact]
    public void No_kind_of_rewrite_is_forgotten() =>
        Assert.Equal(ModelTypes.DerivedFrom<PathRewrite>(), ModelTypes.NamesOf(Known.Select(known => known.Rewrite)));
}
