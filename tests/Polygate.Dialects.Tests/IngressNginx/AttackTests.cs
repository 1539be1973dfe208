using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Tests.Golden;
using Polygate.Dialects.Tests.Ingress;
using Polygate.Model;
using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>The classes of vulnerabilities that ingress-nginx had, each tried: an annotation's text must never be more than a value.</summary>
public sealed class AttackTests
{
    private static readonly IngressNginxOptions Lax = IngressNginxOptions.Default with { AllowsSnippets = true, AllowsPassthrough = true, RiskLevel = AnnotationRisk.Critical };

    /// <summary>What broke out of generated configuration: directives, line ends, quotation marks, comments, variables.</summary>
    private static readonly string[] Injections =
    [
        "x;\n}\nlocation /pwn { return 200 pwned; }\n#",
        "x\r\nX-Pwned: yes",
        "\"; return 200 pwned; #",
        "http://x.test/#;\nload_module /tmp/pwn.so;\n",
        "CN=abc #(\n){}\n }}\nssl_engine /tmp/pwn.so;\n#",
        "{{ .Cfg }} ${jndi:ldap://x} $(id) `id`",
        "/x\0y",
        "GET;return 200",
    ];

    public static TheoryData<string> Names => [.. AnnotationTable.All.Select(info => info.Name).Concat(AnnotationTable.Aliases.Keys)];

    public static TheoryData<string> References =>
        [.. AnnotationTable.All.Where(info => info.Kind == AnnotationKind.Name && info.Name != "default-backend").Select(info => info.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task No_text_becomes_more_than_a_value(string name)
    {
        foreach (var injection in Injections)
        {
            var yaml = Yaml(Annotated("one", "h.test I /x=a", $"{Companions(name)}{name}: PAYLOAD"), injection);
            var requests = new ServedRequests(yaml, new IngressNginxDialect(Lax));
            Assert.DoesNotContain(requests.Diagnostics, diagnostic => diagnostic.Code == "internal-error");
            Assert.Equal("404", await requests.AnswerAsync("http://h.test/pwn"));
            foreach (var text in HeaderTexts(requests.Configuration))
            {
                Assert.False(text.AsSpan().ContainsAny('\r', '\n', '\0'), $"{name}: {text}");
            }
        }
    }

    [Theory]
    [InlineData("allowlist-source-range")]
    [InlineData("denylist-source-range")]
    [InlineData("whitelist-source-range")]
    [InlineData("auth-url")]
    [InlineData("auth-type")]
    [InlineData("auth-tls-match-cn")]
    public async Task What_restricts_access_never_opens_when_it_is_malformed(string name)
    {
        foreach (var injection in Injections)
        {
            var requests = new ServedRequests(Yaml(Annotated("one", "h.test P /=a", $"{Companions(name)}{name}: PAYLOAD"), injection), new IngressNginxDialect(Lax));
            Assert.Contains(await requests.AnswerAsync("https://h.test/"), new[] { "503", "403", "404", "400" });
        }
    }

    [Fact]
    public async Task A_path_that_can_backtrack_runs_with_a_limit_and_its_host_goes_on()
    {
        var requests = Serve(Annotated("one", "h.test I /(?=a)(a+)+$=a; h.test I /ok=b", "use-regex: true"));
        Assert.Equal("404", await requests.AnswerAsync("http://h.test/" + new string('a', 5_000) + "!"));
        Assert.Equal("b /ok", await requests.AnswerAsync("http://h.test/ok"));
        Assert.Equal("backtracking-regex", Assert.Single(requests.Diagnostics).Code);
    }

    [Theory]
    [MemberData(nameof(References))]
    public void Objects_of_another_namespace_are_never_read(string name)
    {
        const string foreign = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: other}\nstringData: {auth: 'leaked:{SHA}leaked', ca.crt: leaked, tls.crt: leaked, tls.key: leaked}\n"
            + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: s, namespace: other}\ndata: {X-Leaked: leaked}\n";
        foreach (var reference in new[] { "other/s", "../other/s", "default/../other/s", "other%2Fs" })
        {
            var (translator, _) = GoldenFile.Translate(
                IngressYaml.Write(Annotated("one", "h.test P /=a", $"{Companions(name)}{name}: {reference}")) + "---\n" + foreign, [new IngressNginxDialect(Lax)]);
            Assert.DoesNotContain("leaked", ModelDump.Write(translator), StringComparison.OrdinalIgnoreCase);
            Assert.NotEmpty(translator.Diagnostics);
        }
    }

    [Theory]
    [InlineData("auth-url: http://auth.test/")]
    [InlineData("auth-type: basic | auth-secret: s")]
    [InlineData("denylist-source-range: 0.0.0.0/0")]
    public void Error_pages_never_stand_in_for_authentication(string access)
    {
        const string secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {auth: 'ann:{SHA}abc'}\n";
        var (configuration, _) = Translate(secret, Annotated("one", "h.test P /=a", access + " | custom-http-errors: 401,403,503 | default-backend: f"));
        foreach (var route in configuration.Routes)
        {
            var kinds = route.Filters.Select(filter => filter.GetType()).ToList();
            var guard = kinds.FindIndex(kind => kind == typeof(ExternalAuthorizationFilter) || kind == typeof(BasicAuthenticationFilter) || kind == typeof(AddressAccessFilter));
            Assert.True(guard > kinds.IndexOf(typeof(ErrorPagesFilter)), "The refusal passes the error pages on its way out, so that it is never lost.");
            var pages = route.Filters.OfType<ErrorPagesFilter>().Single();
            Assert.NotEqual(((ForwardAction)route.Action).Backends.Single().Backend, pages.Backend);
        }
    }

    [Fact]
    public void An_authentication_that_cannot_be_set_up_is_not_replaced_by_another_way_in()
    {
        var (configuration, _) = Translate("", Annotated("one", "h.test P /=a", "satisfy: any | allowlist-source-range: 0.0.0.0/0 | auth-type: basic | auth-secret: nowhere | custom-http-errors: 503 | default-backend: f"));
        var filters = configuration.Routes.Single().Filters;
        Assert.Contains(new RefuseFilter(503), filters);
        Assert.Empty(filters.OfType<AnyOfFilter>());
    }

    /// <summary>Line breaks cannot be written in the few words of <see cref="Annotated"/>.</summary>
    private static string Yaml(IngressYaml ingress, string payload) => IngressYaml.Write(ingress)
        .Replace("'PAYLOAD'", System.Text.Json.JsonSerializer.Serialize(payload), StringComparison.Ordinal);

    private static IEnumerable<string> HeaderTexts(GatewayConfiguration configuration) => configuration.Routes.SelectMany(route => route.Filters).SelectMany(filter => filter switch
    {
        ResponseHeaderFilter headers => headers.Changes.Set.Concat(headers.Changes.Add).SelectMany(header => new[] { header.Name, header.Value }),
        RequestHeaderFilter headers => headers.Changes.Set.SelectMany(header => new[] { header.Name, header.Value }),
        RequestHeaderTemplateFilter templates => templates.Set.SelectMany(header => header.Value.Parts.Select(part => part.Name)),
        CorsFilter cors => cors.AllowHeaders.Concat(cors.AllowMethods).Concat(cors.ExposeHeaders).Concat(cors.AllowOrigins),
        RewriteFilter { Host: { } host } => [host],
        BasicAuthenticationFilter basic => [basic.Realm],
        _ => [],
    });
}
