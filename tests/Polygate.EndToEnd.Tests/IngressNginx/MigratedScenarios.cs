using Polygate.Dialects.Tests.Ingress;
using static Polygate.Dialects.Tests.Ingress.IngressYaml;

namespace Polygate.EndToEnd.Tests.IngressNginx;

/// <summary>Ingresses as people have them, with requests that are answered the same once they are Gateway API manifests with policies.</summary>
internal static class MigratedScenarios
{
    public const string Secrets = """
        apiVersion: v1
        kind: Secret
        metadata: { name: people }
        stringData: { auth: "ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=" }

        """;

    /// <summary>What is carried over as a whole.</summary>
    public static IReadOnlyList<IngressYaml> Carried { get; } =
    [
        Nginx("allow", "allow.test P /=a", "allowlist-source-range: 127.0.0.0/8"),
        Nginx("allow-others", "others.test P /=a", "allowlist-source-range: 10.0.0.0/8, 192.168.0.1"),
        Nginx("deny", "deny.test P /=a", "denylist-source-range: 127.0.0.0/8 | allowlist-source-range: 127.0.0.0/8"),
        Nginx("basic", "basic.test P /=a; basic.test P /more=b", "auth-type: basic | auth-secret: people | auth-realm: Staff only"),
        Nginx("body", "body.test P /=a", "proxy-body-size: 1k"),
        Nginx("cors-few", "fewcors.test P /=a", "enable-cors: true | cors-allow-origin: https://a.test, https://*.b.test | cors-allow-methods: GET, PUT | cors-allow-headers: X-One | cors-expose-headers: X-Two | cors-max-age: 60"),
        Nginx("prefix-in-disguise", "disguise.test I /app(/|$)(.*)=a", "rewrite-target: /$2"),
        Nginx("prefix-to-prefix", "deeper.test I /v1(/|$)(.*)=a; deeper.test I /v1/old(/|$)(.*)=b", "rewrite-target: /api/v2/$2"),
        Nginx("beside-rewrite", "deeper.test P /plain=c", day: 2),
        Nginx("fixed", "fixed.test P /shop=a", "rewrite-target: /index | upstream-vhost: in.test | x-forwarded-prefix: /shop"),
        Nginx("expressions", "patterns.test I /id/[0-9]+=a; patterns.test I /id=b; patterns.test P /=c", "use-regex: true"),
        Nginx("moved", "moved.test P /=a", "permanent-redirect: https://new.test/to$request_uri | permanent-redirect-code: 308"),
        Nginx("moved-root", "root.test P /=a", "app-root: /start"),
        Nginx("www", "www.apex.test P /=a", "from-to-www-redirect: true"),
        Nginx("force", "force.test P /=a", "force-ssl-redirect: true | preserve-trailing-slash: true"),
        Nginx("tls", "tls.test P /=a", "preserve-trailing-slash: true", spec: "tls: [{hosts: [tls.test], secretName: tls}]"),
        Nginx("header", "header.test P /=a"), Nginx("header-canary", "header.test P /=b", "canary: true | canary-by-header: X-Canary"),
        Nginx("value", "value.test P /=a"), Nginx("value-canary", "value.test P /=b", "canary: true | canary-by-header: X-Canary | canary-by-header-value: blue"),
        Nginx("pattern", "pattern.test P /=a"), Nginx("pattern-canary", "pattern.test P /=b", "canary: true | canary-by-header: X-Canary | canary-by-header-pattern: v[0-9]+$"),
        Nginx("cookie", "cookie.test P /=a"), Nginx("cookie-canary", "cookie.test P /=b", "canary: true | canary-by-cookie: beta | canary-by-header: X-Canary"),
        Nginx("all", "all.test P /=a", "allowlist-source-range: 127.0.0.0/8"), Nginx("all-canary", "all.test P /=b", "canary: true | canary-weight: 100 | canary-by-cookie: beta"),
        Nginx("none", "none.test P /=a"), Nginx("none-canary", "none.test P /=b", "canary: true | canary-weight: 0 | canary-by-header: X-Canary"),
        Nginx("default", "default.test P /only=a", spec: "defaultBackend: {service: {name: b, port: {number: 80}}}"),
        Nginx("wild", "*.wild.test P /=a"), Nginx("not-wild", "precise.wild.test P /only=b"),
        Nginx("headers", "headers.test P /=a", "custom-headers: default/more"),
        Nginx("order", "prefixes.test P /=a; prefixes.test P /foo=b; prefixes.test P /foo/bar=c; prefixes.test E /foo=d; prefixes.test P /slash/=a"),
    ];

    /// <summary>What has no words: nobody is let in, and nothing is sent elsewhere, in the meantime.</summary>
    public static IReadOnlyList<IngressYaml> Withheld { get; } =
    [
        Nginx("asked", "asked.test P /=a", "auth-url: http://127.0.0.1:1/"),
        Nginx("either", "either.test P /=a", "satisfy: any | allowlist-source-range: 10.0.0.0/8 | auth-type: basic | auth-secret: people"),
        Nginx("digest", "digest.test P /=a", "auth-type: digest | auth-secret: people | auth-realm: Staff"),
        Nginx("secure", "secure.test P /=a", "backend-protocol: HTTPS"),
        Nginx("captures", "captures.test I /a/(.*)/b/(.*)=a", "rewrite-target: /$2/$1"),
        Nginx("mapped", "mapped.test P /=a", "auth-type: basic | auth-secret: people | auth-secret-type: auth-map"),
        Nginx("firewall", "firewall.test P /=a", "enable-modsecurity: true"),
        Nginx("snippet", "snippet.test P /=a", "server-snippet: if ($http_x_secret != \"yes\") { return 403; }"),
    ];

    /// <summary>As <see cref="OracleScenario.Requests"/>.</summary>
    public static IReadOnlyList<string> Requests { get; } = """
        GET allow.test /x?y=1
        GET others.test /
        GET deny.test /
        GET basic.test /
        GET basic.test / | Authorization: Basic YW5uOnNlY3JldA==
        GET basic.test /more | Authorization: Basic YW5uOndyb25n
        GET body.test /
        POST body.test / | Content-Length: 4096
        GET fewcors.test / | Origin: https://x.b.test
        GET fewcors.test / | Origin: https://evil.test
        OPTIONS fewcors.test / | Origin: https://a.test | Access-Control-Request-Method: PUT
        GET disguise.test /app
        GET disguise.test /app/
        GET disguise.test /app/x/y?z=1
        GET disguise.test /other
        GET deeper.test /v1/x
        GET deeper.test /v1/old/x
        GET deeper.test /v1
        GET deeper.test /plain/x
        GET deeper.test /none
        GET fixed.test /shop/x?y=1
        GET patterns.test /id/12/x
        GET patterns.test /ID/7
        GET patterns.test /id/x
        GET patterns.test /idx
        GET patterns.test /z
        GET moved.test /x?y=1
        GET root.test /
        GET root.test /x
        GET apex.test /x?y=1
        GET www.apex.test /x
        GET force.test /x/?y=1
        GET tls.test /x/
        GET header.test / | X-Canary: always
        GET header.test / | X-Canary: never
        GET header.test / | x-canary: maybe
        GET header.test /
        GET value.test / | X-Canary: blue
        GET value.test / | X-Canary: always
        GET pattern.test / | X-Canary: is v12
        GET pattern.test / | X-Canary: v12x
        GET cookie.test / | Cookie: a=b; beta=always
        GET cookie.test / | Cookie: beta=never
        GET cookie.test / | Cookie: xbeta=always
        GET cookie.test / | Cookie: beta=always | X-Canary: never
        GET cookie.test / | Cookie: beta=never | X-Canary: always
        GET all.test /
        GET all.test / | Cookie: beta=never
        GET none.test /
        GET none.test / | X-Canary: always
        GET default.test /only
        GET default.test /else
        GET one.wild.test /x
        GET precise.wild.test /only
        GET precise.wild.test /else
        GET wild.test /
        GET headers.test /
        GET prefixes.test /
        GET prefixes.test /foo
        GET prefixes.test /foo/
        GET prefixes.test /foo/bar/x
        GET prefixes.test /foobar
        GET prefixes.test /slash
        GET prefixes.test /slash/x
        GET unknown.test /
        """.Split('\n');
}
