using static Polygate.Dialects.Tests.Ingress.IngressYaml;

namespace Polygate.EndToEnd.Tests.IngressNginx;

/// <summary>Which host and which location a request finds.</summary>
internal static class LocationScenarios
{
    public static OracleScenario Order { get; } = new(
        "location order",
        [Nginx("order", "order.test P /=a; order.test P /foo=b; order.test P /foo/bar=c; order.test E /foo=d; order.test E /exact=e; order.test P /aaa=f")],
        """
        server { LISTEN; server_name order.test;
          location / { proxy_pass http://a; }
          location /foo/ { proxy_pass http://b; }
          location = /foo/bar { proxy_pass http://c; }
          location /foo/bar/ { proxy_pass http://c; }
          location = /foo { proxy_pass http://d; }
          location = /exact { proxy_pass http://e; }
          location = /aaa { proxy_pass http://f; }
          location /aaa/ { proxy_pass http://f; }
        }
        """,
        """
        GET order.test /
        GET order.test /?x=1
        GET order.test /foo
        GET order.test /foo?x=1
        GET order.test /foo/
        GET order.test /foo/x
        GET order.test /foobar
        GET order.test /FOO
        GET order.test /foo/bar
        GET order.test /foo/bar/
        GET order.test /foo/bar/baz?a=b&c=d
        GET order.test /foo/barb
        GET order.test /foo/BAR
        GET order.test /exact
        GET order.test /exact/
        GET order.test /exact/x
        GET order.test /aaa
        GET order.test /aaa/
        GET order.test /aaaccc
        GET order.test /aaa/ccc
        GET order.test /./foo
        GET order.test /x/../foo
        GET order.test /foo/../aaa
        GET order.test /foo/.
        GET order.test /foo/./bar
        GET order.test /foo/bar/..
        GET order.test /foo/bar/../x
        GET order.test /x/%2e%2e/foo
        GET order.test /%66oo
        GET order.test /%66oo/b%61r
        GET order.test /foo%20x
        GET order.test /foo/%C3%BC
        GET order.test //foo
        GET order.test /foo//bar
        GET order.test /foo/bar//
        GET order.test //
        GET order.test /foo%2Fbar
        GET order.test /foo%2fbar%2f..%2Fx
        GET order.test /x/..%2Ffoo
        GET order.test /x%2F%2E%2E/aaa
        GET order.test /aaa%2F%2Fccc
        GET order.test ///aaa
        GET order.test /foo%3Fbar
        GET order.test /%2566oo
        GET order.test /aaa%00
        GET order.test /foo/x;y=1
        GET order.test /foo/a+b?c=d+e
        GET order.test /foo/x?/exact
        HEAD order.test /foo
        POST order.test /exact | Content-Length: 0
        DELETE order.test /aaa/1
        OPTIONS order.test /foo/x
        PATCH order.test /foo/bar | Content-Length: 0
        """);

    public static OracleScenario Slashes { get; } = new(
        "slash redirects",
        [Nginx("slashes", "slash.test P /s/=a; slash.test P /deep/er/=b; slash.test P /both/=c; slash.test P /both=d; slash.test E /exact/=e; slash.test P /under/=f; slash.test E /under=a")],
        """
        server { LISTEN; server_name slash.test;
          location /s/ { proxy_pass http://a; }
          location /deep/er/ { proxy_pass http://b; }
          location /both/ { proxy_pass http://c; }
          location = /both { proxy_pass http://d; }
          location = /exact/ { proxy_pass http://e; }
          location /under/ { proxy_pass http://f; }
          location = /under { proxy_pass http://a; }
          location / { return 404; }
        }
        """,
        """
        GET slash.test /s
        GET slash.test /s/
        GET slash.test /s?q=1
        GET slash.test /s?q=/
        GET slash.test /sx
        GET slash.test /s/x
        GET slash.test /S
        HEAD slash.test /s
        POST slash.test /s | Content-Length: 0
        GET slash.test /%73
        GET slash.test /x/../s
        GET slash.test /deep/er
        GET slash.test /deep/er?a=b&c=d
        GET slash.test /deep
        GET slash.test /deep/
        GET slash.test /deep/err
        GET slash.test /both
        GET slash.test /both/
        GET slash.test /exact
        GET slash.test /exact/
        GET slash.test /exact/x
        GET slash.test /under
        GET slash.test /under/
        GET slash.test /under/x
        """);

    public static OracleScenario Hosts { get; } = new(
        "hosts",
        [
            Nginx("hosts", "host.test P /=a; *.host.test P /=b; deep.host.test P /only=c"),
            Nginx("aliases", "main.test P /=d", "server-alias: alias.test, ~^re[0-9]+\\.test$"),
        ],
        """
        server { LISTEN; server_name host.test; location / { proxy_pass http://a; } }
        server { LISTEN; server_name "~^(?<subdomain>[\w-]+)\.host\.test$"; location / { proxy_pass http://b; } }
        server { LISTEN; server_name deep.host.test;
          location = /only { proxy_pass http://c; }
          location /only/ { proxy_pass http://c; }
          location / { return 404; } }
        server { LISTEN; server_name main.test alias.test "~^re[0-9]+\.test$"; location / { proxy_pass http://d; } }
        """,
        """
        GET host.test /
        GET HOST.test /
        GET Host.Test /x
        GET host.test:80 /
        GET host.test:8080 /x
        GET host.test. /
        GET sub.host.test /
        GET SUB.host.test /
        GET sub-1.host.test /x
        GET a.b.host.test /
        GET deep.host.test /
        GET deep.host.test /only
        GET deep.host.test /only/x
        GET nothost.test /
        GET host.test.evil /
        GET other.test /
        GET main.test /
        GET alias.test /x
        GET re17.test /
        GET re.test /
        GET xre17.test /
        GET 127.0.0.1 /
        """);

    public static OracleScenario Expressions { get; } = new(
        "regular expressions",
        [
            Nginx("expressions", "regex.test I /foo/bar/[a-z]{3}=a; regex.test I /foo/bar/bar=b; regex.test I /id/[0-9]+=c; regex.test I /end$=d; regex.test E /exact=e; regex.test P /=f", "use-regex: true"),
            Nginx("dragged", "regex.test P /other=b; regex.test P /slash/=c; regex.test E /case=d", day: 2),
        ],
        """
        server { LISTEN; server_name regex.test;
          location ~* "^/foo/bar/[a-z]{3}" { proxy_pass http://a; }
          location ~* "^/foo/bar/bar" { proxy_pass http://b; }
          location ~* "^/id/[0-9]+" { proxy_pass http://c; }
          location ~* "^/slash/" { proxy_pass http://c; }
          location ~* "^/other/" { proxy_pass http://b; }
          location ~* "^/other" { proxy_pass http://b; }
          location ~* "^/exact" { proxy_pass http://e; }
          location ~* "^/end$" { proxy_pass http://d; }
          location ~* "^/case" { proxy_pass http://d; }
          location ~* "^/" { proxy_pass http://f; }
        }
        """,
        """
        GET regex.test /foo/bar/bar
        GET regex.test /foo/bar/xyz
        GET regex.test /foo/bar/XYZ
        GET regex.test /foo/bar/xy
        GET regex.test /foo/bar/xyz123
        GET regex.test /FOO/bar/bar
        GET regex.test /foo/bar
        GET regex.test /id/123
        GET regex.test /id/123a
        GET regex.test /id/a
        GET regex.test /x/id/123
        GET regex.test /end
        GET regex.test /end/
        GET regex.test /endx
        GET regex.test /end?x=1
        GET regex.test /exact
        GET regex.test /exact/x
        GET regex.test /EXACTly
        GET regex.test /other
        GET regex.test /others
        GET regex.test /other/x
        GET regex.test /slash
        GET regex.test /slash/
        GET regex.test /SLASH/x
        GET regex.test /Case
        GET regex.test /casement
        GET regex.test /
        GET regex.test /id/%31
        GET regex.test //id/1
        GET regex.test /x/../id/7
        """);
}
