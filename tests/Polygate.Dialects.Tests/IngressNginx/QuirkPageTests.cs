using System.Text;
using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.Tests.Ingress;
using Polygate.Testing;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>
/// Each quirk has a page, <c>docs/ingress-nginx/CODE.md</c>, whose answers are the ones that its example gets here. Run with
/// <c>POLYGATE_UPDATE_GOLDEN=1</c> to write the pages anew.
/// </summary>
public sealed class QuirkPageTests
{
    public static TheoryData<string> Codes => [.. NginxQuirks.All.Select(quirk => quirk.Code)];

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task Its_page_is_current(string code)
    {
        var file = Path.Combine(SourceTree.Root, "docs", "ingress-nginx", code + ".md");
        var page = await PageAsync(QuirkExamples.All.Single(example => example.Code == code));
        if (Environment.GetEnvironmentVariable("POLYGATE_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, page, TestContext.Current.CancellationToken);
        }

        Assert.Equal((await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n"), page);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task It_is_told_of_until_it_is_turned_off_or_written_around(string code)
    {
        var example = QuirkExamples.All.Single(item => item.Code == code);
        Assert.Contains(code, example.ServeExample(isStrict: false).Quirks);
        Assert.DoesNotContain(code, example.ServeExample(isStrict: true).Quirks);
        Assert.DoesNotContain(code, example.ServeClean(isStrict: false).Quirks);
        Assert.NotEqual(await example.Observe(example.ServeExample(isStrict: false)), await example.Observe(example.ServeExample(isStrict: true)));
        Assert.Equal(await example.Observe(example.ServeClean(isStrict: true)), await example.Observe(example.ServeClean(isStrict: false)));
    }

    private static async Task<string> PageAsync(QuirkExample example)
    {
        var quirk = example.Quirk;
        var question = example.Question;
        return new StringBuilder()
            .Append($"# {quirk.Code}\n\n{quirk.Behaviour} `polygate check` tells of it as `{quirk.Diagnostic}`.\n\n## Example\n\n{Yaml(example.Example, "")}\n")
            .Append($"| | as ingress-nginx | turned off |\n|---|---|---|\n| {question} | {await example.Observe(example.ServeExample(isStrict: false))} | {await example.Observe(example.ServeExample(isStrict: true))} |\n\n")
            .Append("An answer such as `a /path` is the Service and the path that it sees.\n\n")
            .Append($"## Instead\n\n{quirk.Clean}\n\n{Yaml(example.Clean, example.CleanMore)}\n| | in either mode |\n|---|---|\n| {question} | {await example.Observe(example.ServeClean(isStrict: false))} |\n\n")
            .Append($"## Turning it off\n\n{quirk.Strict}\n\n`polygate run --ingress-nginx-strict {quirk.Code}`, `ingressNginx.strict: [{quirk.Code}]` in the chart's values, or\n")
            .Append($"`polygate-strict: {quirk.Code}` in the controller's ConfigMap.\n\n[All quirks](../ingress-nginx.md#quirks)\n")
            .ToString();
    }

    private static string Yaml(IngressYaml[] ingresses, string more) =>
        $"```yaml\n{string.Join("---\n", ingresses.Select(ingress => ingress.ToString()))}{(more.Length > 0 ? "---\n" + more : "")}```\n";
}
