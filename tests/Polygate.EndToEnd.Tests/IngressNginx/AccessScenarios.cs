using static Polygate.Dialects.Tests.Ingress.IngressYaml;

namespace Polygate.EndToEnd.Tests.IngressNginx;

/// <summary>Who may pass, from where, and how large and how often.</summary>
internal static class AccessScenarios
{
    /// <summary>User ann with the password secret, hashed with SHA-1.</summary>
    private const string PasswordFile = "ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=";

    private const string CorsHeaders = """
        add_header Access-Control-Allow-Origin $http_origin always;
        add_header Access-Control-Allow-Credentials true always;
        add_header Access-Control-Allow-Methods "GET, PUT, POST, DELETE, PATCH, OPTIONS" always;
        add_header Access-Control-Allow-Headers "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization" always;
        add_header Access-Control-Max-Age 1728000 always;
        """;

    public static OracleScenario Cors { get; } = new(
        "CORS",
        [
            Nginx("cors-any", "cors.test P /=a", "enable-cors: true"),
            Nginx("cors-list", "corslist.test P /=b", "enable-cors: true | cors-allow-origin: https://a.test, https://*.b.test:8443, myapp://c.test"),
            Nginx("cors-set", "corsset.test P /=c", "enable-cors: true | cors-allow-credentials: false | cors-allow-methods: PUT, GET | cors-allow-headers: X-One, X-Two | cors-expose-headers: X-Three | cors-max-age: 600 | cors-allow-origin: https://a.test"),
            Nginx("cors-denied", "corsdenied.test P /=a", "enable-cors: true | denylist-source-range: 127.0.0.0/8"),
        ],
        $$"""
        server { LISTEN; server_name cors.test; location / {
          set $http_origin *; set $cors true;
          if ($request_method = OPTIONS) { set $cors ${cors}options; }
          if ($cors = true) { {{CorsHeaders}} }
          if ($cors = trueoptions) { {{CorsHeaders}} return 204; }
          proxy_pass http://a; } }
        server { LISTEN; server_name corslist.test; location / {
          set $cors "";
          if ($http_origin ~* (https://a\.test|https://[A-Za-z0-9\-]+\.b\.test:8443|myapp://c\.test)$) { set $cors true; }
          if ($request_method = OPTIONS) { set $cors ${cors}options; }
          if ($cors = true) { {{CorsHeaders}} }
          if ($cors = trueoptions) { {{CorsHeaders}} return 204; }
          proxy_pass http://b; } }
        server { LISTEN; server_name corsset.test; location / {
          set $cors "";
          if ($http_origin ~* (https://a\.test)$) { set $cors true; }
          if ($request_method = OPTIONS) { set $cors ${cors}options; }
          if ($cors = true) {
            add_header Access-Control-Allow-Origin $http_origin always;
            add_header Access-Control-Allow-Methods "PUT, GET" always;
            add_header Access-Control-Allow-Headers "X-One, X-Two" always;
            add_header Access-Control-Expose-Headers "X-Three" always;
            add_header Access-Control-Max-Age 600 always;
          }
          if ($cors = trueoptions) {
            add_header Access-Control-Allow-Origin $http_origin always;
            add_header Access-Control-Allow-Methods "PUT, GET" always;
            add_header Access-Control-Allow-Headers "X-One, X-Two" always;
            add_header Access-Control-Expose-Headers "X-Three" always;
            add_header Access-Control-Max-Age 600 always;
            return 204;
          }
          proxy_pass http://c; } }
        server { LISTEN; server_name corsdenied.test; location / {
          set $http_origin *; set $cors true;
          deny 127.0.0.0/8;
          if ($request_method = OPTIONS) { set $cors ${cors}options; }
          if ($cors = true) { {{CorsHeaders}} }
          if ($cors = trueoptions) { {{CorsHeaders}} return 204; }
          proxy_pass http://a; } }
        """,
        """
        GET cors.test / | Origin: https://a.test
        GET cors.test /
        POST cors.test / | Origin: null | Content-Length: 0
        OPTIONS cors.test / | Origin: https://a.test | Access-Control-Request-Method: PUT
        OPTIONS cors.test / | Origin: https://a.test | Access-Control-Request-Method: PUT | Access-Control-Request-Headers: x-a
        OPTIONS cors.test /
        OPTIONS cors.test / | Origin: https://a.test
        GET corslist.test / | Origin: https://a.test
        GET corslist.test / | Origin: https://b.test
        GET corslist.test / | Origin: HTTPS://A.test
        GET corslist.test / | Origin: https://x.b.test:8443
        GET corslist.test / | Origin: https://x.b.test
        GET corslist.test / | Origin: https://x.y.b.test:8443
        GET corslist.test / | Origin: https://b.test:8443
        GET corslist.test / | Origin: https://a.test.evil.test
        GET corslist.test / | Origin: https://a-test
        GET corslist.test / | Origin: myapp://c.test
        GET corslist.test /
        GET corslist.test / | Origin: null
        OPTIONS corslist.test / | Origin: https://a.test | Access-Control-Request-Method: PUT
        OPTIONS corslist.test / | Origin: https://c.test | Access-Control-Request-Method: PUT
        OPTIONS corslist.test / | Origin: https://x.b.test:8443 | Access-Control-Request-Method: PUT
        OPTIONS corslist.test /
        GET corsset.test / | Origin: https://a.test
        GET corsset.test / | Origin: https://c.test
        OPTIONS corsset.test / | Origin: https://a.test | Access-Control-Request-Method: DELETE
        GET corsdenied.test / | Origin: https://a.test
        OPTIONS corsdenied.test / | Origin: https://a.test | Access-Control-Request-Method: PUT
        """);

    public static OracleScenario Lists { get; } = new(
        "address lists and passwords",
        [
            Nginx("allow", "allow.test P /=a", "allowlist-source-range: 127.0.0.0/8"),
            Nginx("allow-other", "allowother.test P /=a", "whitelist-source-range: 10.0.0.0/8, 192.168.0.1"),
            Nginx("deny", "deny.test P /=a", "denylist-source-range: 127.0.0.1"),
            Nginx("deny-allow", "denyallow.test P /=a", "denylist-source-range: 127.0.0.0/8 | allowlist-source-range: 0.0.0.0/0"),
            Nginx("basic", "basic.test P /=b", "auth-type: basic | auth-secret: staff | auth-realm: Staff"),
            Nginx("basic-deny", "basicdeny.test P /=b", "auth-type: basic | auth-secret: staff | denylist-source-range: 127.0.0.0/8"),
            Nginx("size", "size.test P /=c", "proxy-body-size: 10"),
            Nginx("size-default", "sizedefault.test P /=c"),
            Nginx("size-none", "sizenone.test P /=c", "proxy-body-size: 0"),
        ],
        $$"""
        server { LISTEN; server_name allow.test; location / { allow 127.0.0.0/8; deny all; proxy_pass http://a; } }
        server { LISTEN; server_name allowother.test; location / { allow 10.0.0.0/8; allow 192.168.0.1; deny all; proxy_pass http://a; } }
        server { LISTEN; server_name deny.test; location / { deny 127.0.0.1; proxy_pass http://a; } }
        server { LISTEN; server_name denyallow.test; location / { deny 127.0.0.0/8; allow 0.0.0.0/0; deny all; proxy_pass http://a; } }
        server { LISTEN; server_name basic.test; location / { auth_basic "Staff"; auth_basic_user_file PASSWORDS; HEADERS proxy_set_header Host $http_host; proxy_set_header Authorization ""; proxy_pass http://b; } }
        server { LISTEN; server_name basicdeny.test; location / { deny 127.0.0.0/8; auth_basic ""; auth_basic_user_file PASSWORDS; proxy_pass http://b; } }
        server { LISTEN; server_name size.test; location / { client_max_body_size 10; proxy_pass http://c; } }
        server { LISTEN; server_name sizedefault.test; location / { client_max_body_size 1m; proxy_pass http://c; } }
        server { LISTEN; server_name sizenone.test; location / { client_max_body_size 0; proxy_pass http://c; } }
        """,
        """
        GET allow.test /
        GET allowother.test /
        GET allowother.test / | X-Forwarded-For: 10.0.0.1
        GET deny.test /
        GET denyallow.test /
        GET basic.test /
        GET basic.test / | Authorization: Basic YW5uOnNlY3JldA==
        GET basic.test / | Authorization: basic YW5uOnNlY3JldA==
        GET basic.test / | Authorization: Basic YW5uOndyb25n
        GET basic.test / | Authorization: Basic YmVuOnNlY3JldA==
        GET basic.test / | Authorization: Basic !!!
        GET basic.test / | Authorization: Bearer YW5uOnNlY3JldA==
        GET basicdeny.test / | Authorization: Basic YW5uOnNlY3JldA==
        POST size.test / | Content-Length: 0
        POST size.test / | Content-Length: 11
        POST size.test / | Content-Length: 99999999
        POST sizedefault.test / | Content-Length: 1048577
        """)
    {
        Manifests = $$"""
            apiVersion: v1
            kind: Secret
            metadata: { name: staff }
            stringData: { auth: "{{PasswordFile}}" }
            """,
    };

    /// <summary>Each host with how many requests are sent to it at once.</summary>
    public static IReadOnlyDictionary<string, int> RateCounts { get; } = new Dictionary<string, int>
    {
        ["rpm1.test"] = 9,
        ["rpm2.test"] = 14,
        ["rpm1x1.test"] = 5,
        ["rpmshared.test"] = 9,
        ["rpmfree.test"] = 9,
    };

    /// <summary>So few a minute that none flows in while the test runs.</summary>
    public static OracleScenario Rates { get; } = new(
        "rates",
        [
            Nginx("rpm1", "rpm1.test P /=a", "limit-rpm: 1"),
            Nginx("rpm2", "rpm2.test P /=a", "limit-rpm: 2"),
            Nginx("rpm1x1", "rpm1x1.test P /=a", "limit-rpm: 1 | limit-burst-multiplier: 1"),
            Nginx("rpmshared", "rpmshared.test P /=a; rpmshared.test P /x=b", "limit-rpm: 1"),
            Nginx("rpmfree", "rpmfree.test P /=a", "limit-rpm: 1 | limit-allowlist: 127.0.0.0/8"),
        ],
        """
        limit_req_status 503;
        limit_req_zone $binary_remote_addr zone=rpm1:1m rate=1r/m;
        limit_req_zone $binary_remote_addr zone=rpm2:1m rate=2r/m;
        limit_req_zone $binary_remote_addr zone=rpm1x1:1m rate=1r/m;
        limit_req_zone $binary_remote_addr zone=rpmshared:1m rate=1r/m;
        geo $remote_addr $free { default 0; 127.0.0.0/8 1; }
        map $free $limited { 0 $binary_remote_addr; 1 ""; }
        limit_req_zone $limited zone=rpmfree:1m rate=1r/m;
        server { LISTEN; server_name rpm1.test; location / { limit_req zone=rpm1 burst=5 nodelay; proxy_pass http://a; } }
        server { LISTEN; server_name rpm2.test; location / { limit_req zone=rpm2 burst=10 nodelay; proxy_pass http://a; } }
        server { LISTEN; server_name rpm1x1.test; location / { limit_req zone=rpm1x1 burst=1 nodelay; proxy_pass http://a; } }
        server { LISTEN; server_name rpmshared.test;
          location / { limit_req zone=rpmshared burst=5 nodelay; proxy_pass http://a; }
          location /x/ { limit_req zone=rpmshared burst=5 nodelay; proxy_pass http://b; } }
        server { LISTEN; server_name rpmfree.test; location / { limit_req zone=rpmfree burst=5 nodelay; proxy_pass http://a; } }
        """,
        "");

    /// <summary>The password file as nginx wants it.</summary>
    public static string Passwords => PasswordFile + "\n";
}
