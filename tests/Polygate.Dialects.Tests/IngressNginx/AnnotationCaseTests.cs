using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Model;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>Every annotation and alias has an effect, and an outcome of a bad value; <see cref="AnnotationCases"/> says which.</summary>
public sealed class AnnotationCaseTests
{
    public static TheoryData<string> Names => [.. AnnotationTable.All.Select(info => info.Name).Concat(AnnotationTable.Aliases.Keys)];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_has_its_effect(string name)
    {
        var item = AnnotationCases.Of(name);
        Assert.Contains($"{name}: ", " " + item.Good, StringComparison.Ordinal);
        var (without, _) = AnnotationCase.Translate(item.Yaml(item.Good, isThere: false));
        var (with, diagnostics) = AnnotationCase.Translate(item.Yaml(item.Good, isThere: true));
        if (item.Effect.StartsWith('!'))
        {
            Assert.Equal(without, with);
            Assert.Contains(diagnostics, diagnostic => item.IsAbout(diagnostic) && diagnostic.Code == item.Effect[1..]);
            return;
        }

        // What is taken away is looked for in what stands there without it.
        var (effect, there, absent) = item.Effect.StartsWith('-') ? (item.Effect[1..], without, with) : (item.Effect, with, without);
        Assert.Contains(effect, there, StringComparison.Ordinal);
        Assert.DoesNotContain(effect, absent, StringComparison.Ordinal);
        Assert.Equal(AnnotationTable.Find(name)!.Support == AnnotationSupport.FailsClosed, diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_bad_value_has_its_outcome_and_is_told(string name)
    {
        var item = AnnotationCases.Of(name);
        var yaml = item.Yaml(item.Bad, isThere: true);
        var (model, diagnostics) = AnnotationCase.Translate(yaml);
        var severity = item.Outcome == BadOutcome.Default ? DiagnosticSeverity.Info : DiagnosticSeverity.Error;
        Assert.Contains(diagnostics, diagnostic => item.IsAbout(diagnostic) && diagnostic.Severity >= severity);
        if (item.Outcome == BadOutcome.Default)
        {
            Assert.Equal(AnnotationCase.Translate(item.Yaml(item.Bad, isThere: false)).Model, model);
            return;
        }

        var expected = item.Outcome switch { BadOutcome.Ignored => "404", BadOutcome.Answer403 => "403", _ => "503" };
        Assert.Equal(expected, await item.AnswerAsync(yaml));
    }

    [Fact]
    public void No_case_is_about_anything_else() =>
        Assert.Equal(Names.Select(row => row.Data).Order(StringComparer.Ordinal), AnnotationCases.All.Select(item => item.Name).Order(StringComparer.Ordinal));
}
