using System.Text;
using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.IngressNginx.Configuration;
using Polygate.Testing;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>
/// <c>docs/ingress-nginx.md</c> says what is in the tables: run with <c>POLYGATE_UPDATE_GOLDEN=1</c> to write it anew. The column of tests
/// names the test classes that say the annotation.
/// </summary>
public sealed class DocumentationTests
{
    private static readonly string Root = SourceTree.Root;

    [Fact]
    public void The_page_is_current()
    {
        var file = Path.Combine(Root, "docs", "ingress-nginx.md");
        var page = Page();
        if (Environment.GetEnvironmentVariable("POLYGATE_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(file, page);
        }

        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), page);
    }

    private static string Page()
    {
        var text = new StringBuilder();
        text.Append("""
            # ingress-nginx: what is served, and how it differs

            This page is made from the tables in the code; a test keeps it so. How requests find their locations, what becomes of bad input and where
            the code is: [the dialect's README](../src/Polygate.Dialects/IngressNginx/README.md). To see what becomes of your own objects:
            `polygate migrate ingress-nginx`, [below](#migration).

            Support: **yes**; **partly**, but for what the last column says; **no effect**, behaviour is as wished without it; **no**, ignored with a warning;
            **refused**, what it protects answers 503.

            ## Annotations

            Without their prefix `nginx.ingress.kubernetes.io/`. The risk is ingress-nginx's own rating.

            `AnnotationCaseTests` tries each annotation with a value that has an effect, and with the bad one that is shown here with its outcome: the default
            holds, the whole Ingress is ignored, its paths answer 503, or its hosts 403. The last column names the other tests that use it.

            | annotation | default | risk | supported | difference | a bad value | tests |
            |---|---|---|---|---|---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var info in AnnotationTable.All.OrderBy(info => info.Name, StringComparer.Ordinal))
        {
            var aliases = AnnotationTable.Aliases.Where(alias => alias.Value == info.Name).Select(alias => $", `{alias.Key}`");
            text.Append($"| `{info.Name}`{string.Concat(aliases)} | {Code(info.Default)} | {info.Risk} | {Word(info.Support)} | {info.Note} | {Bad(info.Name)} | {string.Join(", ", TestsOf(info.Name))} |\n");
        }

        text.Append("""

            ## The controller's ConfigMap

            `ingress-nginx/ingress-nginx-controller`. Keys that are not listed are reported (`unsupported-field`).

            | key | default | supported | difference |
            |---|---|---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var key in ConfigMapTable.All.OrderBy(key => key.Name, StringComparer.Ordinal))
        {
            text.Append($"| `{key.Name}` | {Code(key.Default)} | {Word(key.Support)} | {key.Note} |\n");
        }

        text.Append("""

            ## Quirks

            Behaviour that is kept for those who rely on it, and told of by `check` with the code `quirk-…`. The key `polygate-strict` of the controller's
            ConfigMap turns quirks off, and so do `--ingress-nginx-strict` and the chart's `ingressNginx.strict`: a list of codes, or `all`.

            | code | what happens | turned off |
            |---|---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var quirk in NginxQuirks.All)
        {
            text.Append($"| [{quirk.Code}](ingress-nginx/{quirk.Code}.md) | {quirk.Behaviour} | {quirk.Strict} |\n");
        }

        text.Append("""

            ## Snippets

            `configuration-snippet` and `server-snippet` are read as a typed subset where `allow-snippet-annotations` is true and `annotations-risk-level` is
            Critical; nothing else is ever interpreted. A snippet with anything that is not listed here is refused (`refused-snippet`) with the directive
            and its line, and the paths answer 503.

            | directive | what is understood |
            |---|---|
            | `more_set_headers`, `add_header`, `more_clear_headers`, `proxy_hide_header` | headers of answers, without variables |
            | `proxy_set_header`, `more_set_input_headers` | headers of requests, with variables about the request |
            | `return` | a status with a text, or a redirect; `$host` as host, `$request_uri` at the end |
            | `rewrite` | `redirect`, `permanent`, and one `break`; captures `$1` to `$9` |
            | `if` | one variable about the request, compared with `=`, `!=`, `~`, `~*`, `!~`, `!~*`; inside it `return` and redirecting `rewrite` |
            | `allow`, `deny` | networks and `all`; denials before admissions |
            | `set` | a text for later |
            | `client_max_body_size`, `proxy_read_timeout`, `proxy_send_timeout`, `proxy_connect_timeout` | as the annotations |

            ## Migration

            ```sh
            polygate migrate ingress-nginx --context production            # what becomes of each object of a cluster
            polygate migrate ingress-nginx --config ./manifests            # or of a folder
            polygate migrate ingress-nginx --config ./manifests --write-gateway-api gateway.yaml --with-policies
            ```

            In a cluster Ingresses, IngressClasses and Services are listed, and the Secrets and ConfigMaps that are named are asked for one by one; nothing is
            written. `polygate rbac --rules migration` prints the rights; without those on Secrets and ConfigMaps it works too, and says less. The flags of the
            controller (`--configmap`, `--default-ssl-certificate`, …) are the same as those of `run`. Everything that an administrator may allow is taken as allowed.

            The exit code is 1 where an object is unsupported (`--fail-on differs`: or differs, `--fail-on never`), and 2 where nothing could be read.

            `--write-gateway-api` writes a Gateway, routes, and what belongs to them; `--with-policies` also [policies](policies.md) for limits, addresses and passwords.
            Comments and the report name what is left out. Where requests would then pass that must not, or reach something else than they should, the rule has
            no backends and answers 500 until you have decided ([decision 13](decisions/0013-what-a-migration-cannot-say.md)).

            """.ReplaceLineEndings("\n"));
        return text.ToString();
    }

    private static List<string> TestsOf(string annotation)
    {
        var said = AnnotationTable.Aliases.Where(alias => alias.Value == annotation).Select(alias => alias.Key).Append(annotation).ToList();
        return
        [
            .. Sources.Where(source => said.Any(name => source.Text.Contains(name + ": ", StringComparison.Ordinal) && !IsOnlyPartOf(source.Text, name)))
                .Select(source => source.Name).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Whether the name stands there only as the end of another one (<c>canary</c> of <c>affinity-canary</c>).</summary>
    private static bool IsOnlyPartOf(string text, string name)
    {
        for (var i = text.IndexOf(name + ": ", StringComparison.Ordinal); i >= 0; i = text.IndexOf(name + ": ", i + 1, StringComparison.Ordinal))
        {
            if (i > 0 && text[i - 1] is '"' or ' ' or '/')
            {
                return false;
            }
        }

        return true;
    }

    private static readonly List<(string Name, string Text)> Sources =
    [
        .. new[] { "tests/Polygate.Dialects.Tests/IngressNginx", "tests/Polygate.EndToEnd.Tests/IngressNginx" }
            .SelectMany(folder => Directory.GetFiles(Path.Combine(Root, folder), "*.cs"))
            .Where(file => Path.GetFileName(file) != "AnnotationCases.cs")
            .Select(file => (Path.GetFileNameWithoutExtension(file), File.ReadAllText(file))),
    ];

    /// <summary>The bad value of an annotation's case with its outcome.</summary>
    private static string Bad(string annotation)
    {
        var item = AnnotationCases.Of(annotation);
        var value = item.Bad.Split(" | ").Select(entry => entry.Split(": ", 2)).Single(pair => pair[0] == annotation)[1];
        return $"{(value == "BREAK" ? "a line break" : $"`{value}`")}: {item.Outcome switch { BadOutcome.Default => "default", BadOutcome.Ignored => "Ingress ignored", BadOutcome.Answer503 => "503", _ => "403" }}";
    }

    private static string Code(string value) => value.Length == 0 ? "" : $"`{value}`";

    private static string Word(AnnotationSupport support) => support switch
    {
        AnnotationSupport.Supported => "yes",
        AnnotationSupport.Partly => "partly",
        AnnotationSupport.NoEffect => "no effect",
        AnnotationSupport.Unsupported => "no",
        _ => "refused",
    };
}
