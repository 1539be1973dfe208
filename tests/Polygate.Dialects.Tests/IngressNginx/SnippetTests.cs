using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Tests.Golden;
using Polygate.Dialects.Tests.Ingress;
using Polygate.Model;
using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>The typed subset of snippets, and that everything else is refused with its directive and line.</summary>
public sealed class SnippetTests
{
    private static readonly IngressNginxOptions Allowed = IngressNginxOptions.Default with { AllowsSnippets = true, RiskLevel = AnnotationRisk.Critical };

    [Theory]
    [InlineData("return 418;", "http://h.test/", "418")]
    [InlineData("return 418 \"short and stout\";", "http://h.test/x", "418")]
    [InlineData("return 301 https://new.test/;", "http://h.test/x", "301 https://new.test/")]
    [InlineData("return 302 https://new.test$request_uri;", "http://h.test/x?y=z", "302 https://new.test/x?y=z")]
    [InlineData("return 308 https://$host/base$request_uri;", "http://h.test/x", "308 https://h.test/base/x")]
    [InlineData("return https://new.test/;", "http://h.test/x", "302 https://new.test/")]
    [InlineData("rewrite ^/old/(.*)$ /new/$1 permanent;", "http://h.test/old/x", "301 http://h.test/new/x")]
    [InlineData("rewrite ^/old/(.*)$ https://other.test/$1 redirect;", "http://h.test/old/x", "302 https://other.test/x")]
    [InlineData("rewrite ^/old/(.*)$ /new/$1 permanent;", "http://h.test/x", "a /x")]
    [InlineData("rewrite ^/old/(.*)$ /new/$1 break;", "http://h.test/old/x", "a /new/x")]
    [InlineData("if ($request_method = POST) { return 405; }", "http://h.test/", "a /")]
    [InlineData("if ($host = h.test) { return 301 https://www.h.test$request_uri; }", "http://h.test/x", "301 https://www.h.test/x")]
    [InlineData("if ($http_x_key = \"\") { return 403; }", "http://h.test/", "403")]
    [InlineData("if ($http_x_key) { return 403; }", "http://h.test/", "a /")]
    [InlineData("if ($arg_debug ~* ^(1|true)$) { return 404; } # off", "http://h.test/?debug=TRUE", "404")]
    [InlineData("if ($arg_debug !~* ^(1|true)$) { return 404; }", "http://h.test/?debug=1", "a /")]
    [InlineData("if ( $cookie_beta != yes ) { return 404; }", "http://h.test/", "404")]
    [InlineData("if ($http_user_agent ~ bot) { return 403; } return 200;", "http://h.test/", "200")]
    [InlineData("deny 127.0.0.0/8;", "http://h.test/", "403")]
    [InlineData("deny all;", "http://h.test/", "403")]
    [InlineData("allow 127.0.0.0/8; deny all;", "http://h.test/", "a /")]
    [InlineData("allow 10.0.0.0/8; deny all;", "http://h.test/", "403")]
    [InlineData("allow all;", "http://h.test/", "a /")]
    public async Task The_subset_is_served(string snippet, string url, string expected)
    {
        foreach (var name in new[] { "configuration-snippet", "server-snippet" })
        {
            var requests = Serve(Allowed, "", Annotated("one", "h.test P /=a", $"{name}: {snippet}"));
            Assert.Empty(requests.Diagnostics);
            Assert.Equal((name, expected), (name, await requests.AnswerAsync(url)));
        }
    }

    [Fact]
    public async Task Headers_and_limits_become_typed_values()
    {
        var requests = Serve(
            Allowed, "",
            Annotated("one", "h.test P /=a", "configuration-snippet: more_set_headers \"X-Frame-Options: DENY\" 'X-Two: 2'; add_header X-Three \"3; x\" always; more_clear_headers X-Powered-By; set $team blue; proxy_set_header X-Team \"$team-$host\"; proxy_set_header X-Real-Host $http_host; client_max_body_size 8k; proxy_read_timeout 2m; proxy_connect_timeout 3s;"));
        Assert.Equal("a /", await requests.AnswerAsync("http://h.test/"));
        Assert.True(requests.Forwarded.Headers.TryGet("x-team"u8, out var team));
        Assert.Equal("blue-h.test", System.Text.Encoding.UTF8.GetString(team));

        var route = requests.Configuration.Routes.Single();
        var headers = route.Filters.OfType<ResponseHeaderFilter>().Last().Changes;
        Assert.Equal([new HeaderValue("X-Frame-Options", "DENY"), new HeaderValue("X-Two", "2")], headers.Set);
        Assert.Equal([new HeaderValue("X-Three", "3; x")], headers.Add);
        Assert.Equal(["X-Powered-By"], headers.Remove);
        Assert.Equal(8192, route.Filters.OfType<BodyLimitFilter>().Single().MaximumBytes);
        Assert.Equal(TimeSpan.FromMinutes(2), ((ForwardAction)route.Action).IdleTimeout);
        Assert.Equal(TimeSpan.FromSeconds(3), requests.Configuration.Pieces.Values.Single().Backends.Single().ConnectTimeout);
    }

    [Theory]
    [InlineData("proxy_pass http://evil.test;", "proxy_pass", 1)]
    [InlineData("return 200;\nload_module x.so;", "load_module", 2)]
    [InlineData("# fine\n\naccess_by_lua_block { ngx.exit(1) }", "access_by_lua_block", 3)]
    [InlineData("location /x { return 200; }", "location", 1)]
    [InlineData("if ($host = h.test) {\n  proxy_pass http://evil.test;\n}", "proxy_pass", 2)]
    [InlineData("if (-f /etc/passwd) { return 200; }", "if", 1)]
    [InlineData("if ($upstream_addr = x) { return 200; }", "if", 1)]
    [InlineData("if ($http_a ~ \"(?=x)\") { return 200; }", "if", 1)]
    [InlineData("alias /etc/;", "alias", 1)]
    [InlineData("root /;", "root", 1)]
    [InlineData("include /etc/passwd;", "include", 1)]
    [InlineData("proxy_set_header X $ssl_client_raw_cert;", "proxy_set_header", 1)]
    [InlineData("proxy_set_header \"X: y\\r\\nZ\" v;", "proxy_set_header", 1)]
    [InlineData("add_header X-Time $request_time;", "add_header", 1)]
    [InlineData("more_set_headers -s 404 \"X: y\";", "more_set_headers", 1)]
    [InlineData("rewrite ^/(.*)$ /$1 last;", "rewrite", 1)]
    [InlineData("rewrite ( /x permanent;", "rewrite", 1)]
    [InlineData("allow all; deny 10.0.0.0/8; allow 10.1.0.0/16; deny 10.2.0.0/16;", "deny", 1)]
    [InlineData("deny home;", "deny", 1)]
    [InlineData("client_max_body_size huge;", "client_max_body_size", 1)]
    [InlineData("return 999;", "return", 1)]
    [InlineData("return 200 $document_root;", "return", 1)]
    [InlineData("}", "closing brace", 1)]
    [InlineData("return 200", "semicolon", 1)]
    [InlineData("return 200 \"open;", "quotation", 1)]
    [InlineData("if ($host) { return 200;", "brace", 1)]
    public async Task Everything_else_is_refused_with_the_directive_and_its_line(string snippet, string names, int line)
    {
        var yaml = IngressYaml.Write(Annotated("one", "h.test P /=a", "configuration-snippet: SNIPPET"), Annotated("two", "i.test P /=b"))
            .Replace("'SNIPPET'", System.Text.Json.JsonSerializer.Serialize(snippet), StringComparison.Ordinal);
        var requests = new ServedRequests(yaml, new IngressNginxDialect(Allowed));

        Assert.Equal("503", await requests.AnswerAsync("http://h.test/"));
        Assert.Equal("b /", await requests.AnswerAsync("http://i.test/"));
        var diagnostic = Assert.Single(requests.Diagnostics);
        Assert.Equal((DiagnosticSeverity.Error, "refused-snippet"), (diagnostic.Severity, diagnostic.Code));
        Assert.Contains(names, diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains($"line {line}", diagnostic.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auth-snippet: proxy_set_header X y;")]
    [InlineData("stream-snippet: return x;")]
    [InlineData("modsecurity-snippet: SecRuleEngine On")]
    public async Task Snippets_for_other_places_fail_closed(string annotation) =>
        Assert.Equal("503", await Serve(Allowed, "", Annotated("one", "h.test P /=a", annotation)).AnswerAsync("http://h.test/"));

    [Fact]
    public async Task The_first_snippet_of_a_host_holds_for_all_its_ingresses()
    {
        var requests = Serve(
            Allowed, "",
            Annotated("old", "h.test P /a=a", "server-snippet: if ($http_x = 1) { return 403; }", day: 1),
            Annotated("new", "h.test P /b=b", "server-snippet: return 404;", day: 2));
        Assert.Equal("b /b", await requests.AnswerAsync("http://h.test/b"));
        Assert.Equal("403", await requests.AnswerAsync("http://h.test/b", headers: [("X", "1")]));
    }
}
