using static Polygate.Dialects.Tests.Ingress.IngressYaml;

namespace Polygate.EndToEnd.Tests.IngressNginx;

/// <summary>What the backend sees as path, and where clients are sent.</summary>
internal static class RewriteScenarios
{
    public static OracleScenario Targets { get; } = new(
        "rewrite targets",
        [
            Nginx("captures", "rewrite.test I /something(/|$)(.*)=a", "rewrite-target: /$2"),
            Nginx("one", "rewrite.test I /foo/bar/(.+)=b", "rewrite-target: /new/backend/$1"),
            Nginx("plain", "rewrite.test P /plain=c", "rewrite-target: /fixed"),
            Nginx("prefix", "rewrite.test I /pre/(.*)=d", "rewrite-target: /$1 | x-forwarded-prefix: /pre"),
            Nginx("swap", "rewrite.test I /swap/([^/]+)/([^/]+)=e", "rewrite-target: /$2/$1"),
            Nginx("missing", "rewrite.test I /missing/(.*)=f", "rewrite-target: /m/$1/$3"),
        ],
        """
        server { LISTEN; server_name rewrite.test;
          location ~* "^/swap/([^/]+)/([^/]+)" { rewrite "(?i)/swap/([^/]+)/([^/]+)" /$2/$1 break; proxy_pass http://e; }
          location ~* "^/something(/|$)(.*)" { rewrite "(?i)/something(/|$)(.*)" /$2 break; proxy_pass http://a; }
          location ~* "^/foo/bar/(.+)" { rewrite "(?i)/foo/bar/(.+)" /new/backend/$1 break; proxy_pass http://b; }
          location ~* "^/missing/(.*)" { rewrite "(?i)/missing/(.*)" /m/$1/$3 break; proxy_pass http://f; }
          location ~* "^/pre/(.*)" { rewrite "(?i)/pre/(.*)" /$1 break; HEADERS proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Prefix /pre; proxy_pass http://d; }
          location ~* "^/plain" { rewrite "(?i)/plain" /fixed break; proxy_pass http://c; }
          location / { return 404; }
        }
        """,
        """
        GET rewrite.test /something
        GET rewrite.test /something/
        GET rewrite.test /something/new
        GET rewrite.test /something/new/path?x=1&y=2
        GET rewrite.test /SOMETHING/New
        GET rewrite.test /somethingelse
        GET rewrite.test /something//double
        GET rewrite.test /something/a%20b
        GET rewrite.test /something/%C3%BC
        GET rewrite.test /something/a%3Fb
        GET rewrite.test /something/a%2Fb
        GET rewrite.test /something/a%25b
        GET rewrite.test /something/a%2541b
        GET rewrite.test /something/%FF%80
        GET rewrite.test /something%2Fx
        GET rewrite.test /something/a%26b%3Dc%3Bd
        GET rewrite.test /something/a%22b%5Cc%7Cd
        GET rewrite.test /something/a%23b
        GET rewrite.test /something/a+b
        GET rewrite.test /something/a:b@c
        GET rewrite.test /something/x/../y
        GET rewrite.test /something/%7Etilde
        GET rewrite.test /x/something/y
        GET rewrite.test /foo/bar/baz
        GET rewrite.test /foo/bar/baz/qux?q
        GET rewrite.test /foo/bar/
        GET rewrite.test /plain
        GET rewrite.test /plain/x?y=z
        GET rewrite.test /plainer
        GET rewrite.test /pre/x
        GET rewrite.test /pre/x | X-Forwarded-Prefix: /forged
        GET rewrite.test /swap/one/two
        GET rewrite.test /swap/one/two/three
        GET rewrite.test /missing/x
        POST rewrite.test /something/post | Content-Length: 0
        GET rewrite.test /something/?only=query
        """);

    public static OracleScenario Unchanged { get; } = new(
        "targets pass unchanged without a rewrite",
        [Nginx("unchanged", "raw.test P /=a"), Nginx("vhost", "vhost.test P /=b", "upstream-vhost: inner.test")],
        """
        server { LISTEN; server_name raw.test; location / { proxy_pass http://a; } }
        server { LISTEN; server_name vhost.test; location / { HEADERS proxy_set_header Host inner.test; proxy_pass http://b; } }
        """,
        """
        GET raw.test /a%20b
        GET raw.test /a%2fb
        GET raw.test /a%2Fb
        GET raw.test /a//b
        GET raw.test /a/./b
        GET raw.test /a/../b
        GET raw.test /%41%42
        GET raw.test /a%3Fb?c%3Dd
        GET raw.test /?%20
        GET raw.test /a?
        GET raw.test /a;b=c
        GET raw.test /a | X-Forwarded-For: 1.2.3.4
        GET raw.test /a | X-Forwarded-For: 1.2.3.4, 5.6.7.8 | X-Forwarded-Proto: https
        GET raw.test /a | X-Forwarded-Host: evil.test | X-Real-IP: 9.9.9.9
        GET raw.test /a | X-Scheme: https | X-Forwarded-Scheme: https | X-Original-Forwarded-For: 7.7.7.7
        GET raw.test /a | Proxy: http://evil.test
        GET raw.test /a | Authorization: Basic YTpi
        GET raw.test /a | Cookie: a=b; c=d | Accept: text/html
        GET vhost.test /x
        """);

    public static OracleScenario Redirects { get; } = new(
        "redirects",
        [
            Nginx("permanent", "moved.test P /=a", "permanent-redirect: https://new.test/there"),
            Nginx("permanent-code", "moved8.test P /=a", "permanent-redirect: https://new.test/there | permanent-redirect-code: 308"),
            Nginx("temporal", "temporal.test P /=a", "temporal-redirect: https://new.test/ | permanent-redirect: https://old.test/"),
            Nginx("uri", "uri.test P /=a", "permanent-redirect: https://new.test$request_uri"),
            Nginx("root", "root.test P /=a", "app-root: /app"),
            Nginx("denied", "moveddenied.test P /=a", "permanent-redirect: https://new.test/ | denylist-source-range: 0.0.0.0/0"),
        ],
        """
        server { LISTEN; server_name moved.test; location / { return 301 https://new.test/there; } }
        server { LISTEN; server_name moved8.test; location / { return 308 https://new.test/there; } }
        server { LISTEN; server_name temporal.test; location / { return 302 https://new.test/; } }
        server { LISTEN; server_name uri.test; location / { return 301 https://new.test$request_uri; } }
        server { LISTEN; server_name root.test; if ($uri = /) { return 302 $scheme://$http_host/app; } location / { proxy_pass http://a; } }
        server { LISTEN; server_name moveddenied.test; location / { deny 0.0.0.0/0; return 301 https://new.test/; } }
        """,
        """
        GET moved.test /
        GET moved.test /x?y=z
        POST moved.test /x | Content-Length: 0
        GET moved8.test /x
        GET temporal.test /x
        GET uri.test /
        GET uri.test /x?y=z
        GET uri.test /x//y
        GET uri.test /a%20b?c=%2F
        GET root.test /
        GET root.test /?x=1
        GET root.test /x
        GET root.test /app
        GET root.test //
        GET root.test /.
        GET root.test /x/..
        HEAD root.test /
        GET moveddenied.test /
        """);
}
