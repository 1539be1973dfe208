using System.Text.RegularExpressions;
using Polygate.Dialects.Common;

namespace Polygate.Dialects.Tests.Common;

/// <summary>The texts that Gloo and Ambassador hand to Envoy: RE2 patterns, Go durations, header values, retry words.</summary>
public sealed class EnvoyTextTests
{
    [Theory]
    [InlineData(@"/a\d+", "/a12", true)]
    [InlineData(@"/a\d+", "/a١", false)]
    [InlineData(@"[\w-]+", "a_b-c", true)]
    [InlineData(@"\w+", "é", false)]
    [InlineData("[[:alpha:]]+", "abc", true)]
    [InlineData("[[:alpha:]]+", "ab1", false)]
    [InlineData("[^[:space:]]+", "a b", false)]
    [InlineData("[]a]+", "a]", true)]
    [InlineData("[a-[]+", "a", false)]
    [InlineData(@"\Qa.b\E+", "a.bbb", true)]
    [InlineData(@"\Qa.b\E", "axb", false)]
    [InlineData("(?P<id>x+)y", "xxy", true)]
    [InlineData(@"\pL+", "aé", true)]
    [InlineData("a|b", "b", true)]
    [InlineData("a|b", "ab", false)]
    [InlineData("(?i)abc", "ABC", true)]
    public void A_pattern_means_what_RE2_says(string pattern, string text, bool matches)
    {
        if (!Re2.TryConvertWhole(pattern, out var converted, out _))
        {
            Assert.False(matches);
            return;
        }

        Assert.Equal(matches, Regex.IsMatch(text, converted, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
    }

    [Theory]
    [InlineData("(")]
    [InlineData("a(?=b)")]
    [InlineData(@"(a)\1")]
    [InlineData("(?<!a)b")]
    public void What_RE2_does_not_know_is_refused(string pattern)
    {
        Assert.False(Re2.TryConvert(pattern, out _, out var problem));
        Assert.NotEmpty(problem);
    }

    [Theory]
    [InlineData(@"/x/\1", "/x/${1}")]
    [InlineData(@"\0!", "${0}!")]
    [InlineData(@"a\\b", @"a\b")]
    [InlineData("$1", "$$1")]
    [InlineData(@"trailing\", @"trailing\")]
    public void Substitutions_take_the_models_form(string substitution, string expected) =>
        Assert.Equal(expected, Re2.ConvertSubstitution(substitution));

    [Theory]
    [InlineData("2s", 2000)]
    [InlineData("0.5s", 500)]
    [InlineData("300ms", 300)]
    [InlineData("1h15m", 4500000)]
    [InlineData("1.5h", 5400000)]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("-1s", -1000)]
    [InlineData("100us", 0.1)]
    public void Durations_are_Gos(string text, double milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("1d")]
    [InlineData("1..5s")]
    [InlineData("1 s")]
    [InlineData("99999999999h")]
    public void What_is_no_duration_is_none(string? text) => Assert.False(GoDuration.TryParse(text, out _));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("50%%", "50%")]
    [InlineData("%REQ(x)%", null)]
    [InlineData("a %START_TIME% b", null)]
    public void Header_values_without_variables_are_text(string value, string? expected) =>
        Assert.Equal(expected, EnvoyHeaderValue.Literal(value));

    [Fact]
    public void Retry_words_add_up_and_unknown_ones_are_told()
    {
        var unknown = new List<string>();

        var policy = EnvoyRetries.Parse("retriable-4xx, connect-failure,retriable-status-codes,cancelled", 2, [418], unknown);

        Assert.Equal([409, 418], policy!.Statuses);
        Assert.True(policy.OnConnectionError);
        Assert.False(policy.OnTimeout);
        Assert.Equal(["cancelled"], unknown);
        Assert.Null(EnvoyRetries.Parse("cancelled", 2, [], unknown));
    }
}
