using System.Collections;
using System.Reflection;
using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Tests.Golden;
using Polygate.Dialects.Tests.Ingress;
using Polygate.Model;
using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>
/// Regular expressions that would take for ever, in every annotation, in every way that an annotation may take one. Which do is found out, not written
/// down here: the table has to say the same, so that a new annotation cannot be forgotten.
/// </summary>
public sealed class PatternAttackTests
{
    /// <summary>Found again in the model, whatever is put around it.</summary>
    private const string Mark = "(a+)+";

    private static readonly IngressNginxOptions Lax = IngressNginxOptions.Default with { AllowsSnippets = true, AllowsPassthrough = true, RiskLevel = AnnotationRisk.Critical };

    /// <summary>Exponential for an engine that backtracks; the second cannot run without, the third blows up while it is compiled.</summary>
    private static readonly string[] Patterns = [Mark + "(b|b)*$", "(?=a)" + Mark + "$", Mark + "((a{1,60}){1,60}){1,60}$"];

    private static readonly string[] Forms =
    [
        "PATTERN", "~PATTERN", "~*PATTERN", "~^PATTERN", "/PATTERN", "CN=PATTERN", "^PATTERN$", "https://PATTERN", "~PATTERN /x", "PATTERN /x", "~*PATTERN x.test",
        "if ($http_x ~ \"PATTERN\") { return 403; }", "if ($cookie_x ~* \"PATTERN\") { return 403; }", "if ($uri ~ \"PATTERN\") { return 403; }", "rewrite PATTERN /x break;",
        "location ~ PATTERN { return 403; }", "map $http_x $y { ~PATTERN 1; }", "[PATTERN]", "PATTERN,PATTERN", "$http_x PATTERN",
    ];

    private static readonly string Attack = new string('a', 4_000) + "!";

    public static TheoryData<string> Names => [.. AnnotationTable.All.Select(info => info.Name).Concat(AnnotationTable.Aliases.Keys)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task No_pattern_of_an_annotation_holds_up_the_gateway(string name)
    {
        foreach (var form in Forms)
        {
            foreach (var pattern in Patterns)
            {
                var requests = new ServedRequests(Yaml(name, form.Replace("PATTERN", pattern, StringComparison.Ordinal)), new IngressNginxDialect(Lax));
                Assert.DoesNotContain(requests.Diagnostics, diagnostic => diagnostic.Code == "internal-error");
                await requests.AnswerAsync($"http://h.test/{Attack}", headers: [("X", Attack), ("X-A", Attack), ("Cookie", "x=" + Attack), ("Origin", "https://" + Attack)]);
                await requests.AnswerAsync($"http://{Attack[..200]}.test/");
            }
        }
    }

    [Fact]
    public void The_table_says_which_annotations_take_patterns()
    {
        var found = AnnotationTable.All.Select(info => info.Name)
            .Where(name => Forms.Any(form => PatternsIn(Translate(Yaml(name, form.Replace("PATTERN", Patterns[0], StringComparison.Ordinal)))).Any()))
            .Order(StringComparer.Ordinal);
        Assert.Equal(AnnotationTable.All.Where(info => info.TakesPattern).Select(info => info.Name).Order(StringComparer.Ordinal), found);
    }

    private static GatewayConfiguration Translate(string yaml)
    {
        var (translator, problems) = GoldenFile.Translate(yaml, [new IngressNginxDialect(Lax)]);
        Assert.Empty(problems);
        return translator.Configuration;
    }

    private static string Yaml(string name, string value)
    {
        List<IngressYaml> all = [Annotated("zero", "h.test P /=a"), Annotated("one", "h.test P /=b", $"{Companions(name)}{name}: PAYLOAD")];
        return IngressYaml.Write(all).Replace("'PAYLOAD'", System.Text.Json.JsonSerializer.Serialize(value), StringComparison.Ordinal)
            + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: ca}\nstringData: {ca.crt: pem}\n";
    }

    /// <summary>Texts with the mark that the engine takes for patterns, wherever they stand in the model.</summary>
    private static IEnumerable<string> PatternsIn(GatewayConfiguration configuration) => configuration.Pieces.Values.SelectMany(piece => Texts(piece, depth: 0)).Where(text => text.Contains(Mark, StringComparison.Ordinal));

    private static IEnumerable<string> Texts(object? value, int depth)
    {
        Assert.True(depth < 30);
        switch (value)
        {
            case null or string or Enum or TimeSpan or Origin or Polygate.Model.VirtualHost:
                return [];
            case TextPattern text:
                return text.Kind == TextPatternKind.Regex ? [text.Value] : [];
            case PathPattern path:
                return path.Kind == PathPatternKind.Regex ? [path.Value] : [];
            case HostPattern host:
                return host.Kind == HostPatternKind.Regex ? [host.Value] : [];
            case TextReplacement replacement:
                return replacement.Kind == TextReplacementKind.Regex ? [replacement.From] : [];
            case RegexRewrite rewrite:
                return [rewrite.Pattern];
            case IEnumerable items:
                return items.Cast<object?>().SelectMany(item => Texts(item, depth + 1));
            default:
                return !value.GetType().Namespace!.StartsWith("Polygate", StringComparison.Ordinal) ? []
                    : value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0)
                        .SelectMany(property => property.Name.Contains("Pattern", StringComparison.Ordinal) && property.GetValue(value) is var found && found is string or IEnumerable<string>
                            ? found as IEnumerable<string> ?? [(string)found]
                            : Texts(property.GetValue(value), depth + 1));
        }
    }
}
