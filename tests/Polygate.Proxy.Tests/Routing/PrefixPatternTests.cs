using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Tests.Routing;

/// <summary>Patterns that are found without the regular expression engine.</summary>
public sealed class PrefixPatternTests
{
    /// <summary>Of that kind.</summary>
    private static readonly string[] Patterns =
    [
        "^/app(/|$)(.*)", "/app(/|$)(.*)", "^/app(?:/|$)(.*)", "^/app/(.*)", "/app/(.*)$", "^/a", "/a$", "^/a/?$", "/a/?(.*)", "^/a(/.*)?", "/a(/.*)?$",
        "^/v1\\.2/.*", "/app(/|$)", "(?i)/aPp(/|$)(.*)", "^a", "/a\\/p\\-p",
    ];

    private static readonly Gen<string> Texts = Words("/", "a", "A", "app", "/app", "/a", "p", "v1.2", "/v1x2", "-", "/a/p-p", "").Array[0, 7].Select(string.Concat);

    public static TheoryData<string> Others =>
        ["", "^", "(.*)", "^/a(.*)b", "/a?", "/ab*", "/a+", "/a{2}", "/a(b|c)", "/a[bc]", "/a.b", "\\d", "^/a(.*)(.*)", "/a(/|$)/?", "/a(/.*)?(.*)", "/a|/b", "(?m)^/a", "/a(/|$)?", "/a.*?", "/ä"];

    [Fact]
    public void It_finds_what_the_regular_expression_finds() =>
        Gen.Select(Words(Patterns), Texts, Gen.Bool).Sample((pattern, text, ignoreCase) =>
        {
            var simple = PrefixPattern.Parse(pattern, ignoreCase);
            Assert.NotNull(simple);
            var expected = Regex.Match(text, pattern, RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None));
            var groups = new Range[PrefixPattern.MostGroups];

            Assert.True(PrefixPattern.Takes(Encoding.UTF8.GetBytes(text)));
            Assert.Equal(expected.Success, simple.TryMatch(Encoding.UTF8.GetBytes(text), groups));
            for (var i = 0; i < groups.Length && expected.Success; i++)
            {
                Assert.Equal(expected.Groups[i].Value, text[groups[i]]);
            }
        });

    [Theory]
    [MemberData(nameof(Others))]
    public void Any_other_pattern_is_left_to_the_regular_expression(string pattern) => Assert.Null(PrefixPattern.Parse(pattern, ignoreCase: false));

    [Theory]
    [InlineData("/app/\n")]
    [InlineData("/app/ä")]
    [InlineData("/\u212A")]
    public void So_is_text_in_which_it_might_mean_something_else(string text) => Assert.False(PrefixPattern.Takes(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("^/k", "/\u212A", true)]
    [InlineData("^/app(/|$)(.*)", "/app\n", true)]
    [InlineData("^/app(/|$)(.*)", "/appx", false)]
    public void Either_way_the_answer_is_that_of_the_regular_expression(string pattern, string text, bool expected)
    {
        Assert.True(TextRegex.TryCreate(pattern, ignoreCase: true, out var regex, out _));

        Assert.Equal(expected, regex.IsMatch(Encoding.UTF8.GetBytes(text)));
    }

    private static Gen<string> Words(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);
}
