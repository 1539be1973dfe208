namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>A case for each annotation and alias.</summary>
internal static class AnnotationCases
{
    /// <summary>The columns of <see cref="AnnotationCase"/>, parted by semicolons between blanks. BREAK stands for a value with a line break.</summary>
    private const string Table = """
        server-alias ;  ; server-alias: alias.test ; VirtualHost: alias.test ; server-alias: not_a_name ; Default
        allowlist-source-range ;  ; allowlist-source-range: 10.0.0.0/8 ; AddressAccessFilter(Allow: [10.0.0.0/8] ; allowlist-source-range: home ; Answer503
        whitelist-source-range ;  ; whitelist-source-range: 10.0.0.0/8 ; AddressAccessFilter(Allow: [10.0.0.0/8] ; whitelist-source-range: 10.0.0.0/33 ; Answer503
        denylist-source-range ;  ; denylist-source-range: 10.0.0.0/8 ; AddressAccessFilter(Deny: [10.0.0.0/8] ; denylist-source-range: 10.0.0 ; Answer503
        satisfy ;  ; allowlist-source-range: 10.0.0.0/8 | auth-type: basic | auth-secret: file | satisfy: any ; AnyOfFilter ; satisfy: some ; Default
        backend-protocol ;  ; backend-protocol: GRPC ; Protocol: Http2 ; backend-protocol: SPDY ; Default
        connection-proxy-header ;  ; connection-proxy-header: keep-alive ; !annotation-without-effect ; connection-proxy-header: BREAK ; Default
        proxy-connect-timeout ;  ; proxy-connect-timeout: 7 ; ConnectTimeout: 7000ms ; proxy-connect-timeout: -1 ; Default
        proxy-cookie-domain ;  ; proxy-cookie-domain: in.test out.test ; CookieRewriteFilter(Domains: [TextReplacement(From: in.test, To: out.test ; proxy-cookie-domain: one ; Default
        proxy-cookie-path ;  ; proxy-cookie-path: /in /out ; CookieRewriteFilter(Paths: [TextReplacement(Kind: Prefix, From: /in, To: /out) ; proxy-cookie-path: ~( /x ; Default
        proxy-http-version ;  ; proxy-http-version: 1.0 ; !annotation-without-effect ; proxy-http-version: 3 ; Default
        proxy-next-upstream ;  ; proxy-next-upstream: http_502 ; RetryPolicy(Attempts: 2, Statuses: [502] ; proxy-next-upstream: http_418 ; Default
        proxy-next-upstream-timeout ;  ; proxy-next-upstream-timeout: 9 ; Deadline: 9000ms ; proxy-next-upstream-timeout: 9s ; Default
        proxy-next-upstream-tries ;  ; proxy-next-upstream-tries: 7 ; RetryPolicy(Attempts: 6 ; proxy-next-upstream-tries: often ; Default
        proxy-read-timeout ;  ; proxy-read-timeout: 17 ; IdleTimeout: 17000ms ; proxy-read-timeout: 60s ; Default
        proxy-redirect-from ;  ; proxy-redirect-from: http://in.test/ | proxy-redirect-to: https://out.test/ ; LocationRewriteFilter(Rules: [TextReplacement(Kind: Prefix, From: http://in.test/ ; proxy-redirect-from: ~( | proxy-redirect-to: /x ; Default
        proxy-redirect-to ;  ; proxy-redirect-from: http://in.test/ | proxy-redirect-to: https://out.test/ ; To: https://out.test/ ; proxy-redirect-from: http://a/ | proxy-redirect-to: http://b/$host/ ; Default
        proxy-send-timeout ;  ; proxy-send-timeout: 90 ; !annotation-without-effect ; proxy-send-timeout: soon ; Default
        service-upstream ; h.test P /=clustered ; service-upstream: true ; Endpoint(Host: 127.0.0.9, Port: 80 ; service-upstream: perhaps ; Default
        upstream-vhost ;  ; upstream-vhost: in.test ; RewriteFilter(Host: in.test) ; upstream-vhost: a b ; Default
        auth-realm ;  ; auth-type: basic | auth-secret: file | auth-realm: Staff ; Realm: Staff ; auth-type: basic | auth-secret: file | auth-realm: a"b ; Ignored
        auth-secret ;  ; auth-type: basic | auth-secret: file ; BasicAuthenticationFilter ; auth-type: basic | auth-secret: missing ; Answer503
        auth-secret-type ;  ; auth-type: basic | auth-secret: map | auth-secret-type: auth-map ; Users: [PasswordHash(User: ann ; auth-type: basic | auth-secret: file | auth-secret-type: auth-db ; Ignored
        auth-type ;  ; auth-secret: file | auth-type: basic ; BasicAuthenticationFilter ; auth-secret: file | auth-type: token ; Answer503
        canary ; c.test P /=a ; canary-weight: 30 | canary: true ; ShareCondition(Group: ingress-nginx/default/one, Below: 0.3) ; canary-weight: 30 | canary: perhaps ; Default
        canary-by-cookie ; c.test P /=a ; canary: true | canary-by-cookie: beta ; CookieCondition(Name: beta, Value: =always) ; canary: true | canary-by-cookie: BREAK ; Default
        canary-by-header ; c.test P /=a ; canary: true | canary-by-header: X-Canary ; HeaderCondition(Name: X-Canary, Values: [=always] ; canary: true | canary-by-header: a b ; Default
        canary-by-header-pattern ; c.test P /=a ; canary: true | canary-by-header: X-Canary | canary-by-header-pattern: ^v[0-9]+$ ; Values: [~^v[0-9]+$] ; canary: true | canary-by-header: X-Canary | canary-by-header-pattern: BREAK ; Default
        canary-by-header-value ; c.test P /=a ; canary: true | canary-by-header: X-Canary | canary-by-header-value: blue ; Values: [=blue] ; canary: true | canary-by-header: X-Canary | canary-by-header-value: BREAK ; Default
        canary-weight ; c.test P /=a ; canary: true | canary-weight: 30 ; ShareCondition(Group: ingress-nginx/default/one, Below: 0.3) ; canary: true | canary-weight: much ; Default
        canary-weight-total ; c.test P /=a ; canary: true | canary-weight: 30 | canary-weight-total: 300 ; Below: 0.1) ; canary: true | canary-weight: 30 | canary-weight-total: all ; Default
        auth-tls-error-page ;  ; auth-tls-secret: ca | auth-tls-error-page: https://in.test/why ; ErrorPage: https://in.test/why ; auth-tls-secret: ca | auth-tls-error-page: javascript:alert(1) ; Ignored
        auth-tls-match-cn ;  ; auth-tls-secret: ca | auth-tls-match-cn: CN=alice ; SubjectPattern: CN=alice ; auth-tls-secret: ca | auth-tls-match-cn: CN=( ; Ignored
        auth-tls-pass-certificate-to-upstream ;  ; auth-tls-secret: ca | auth-tls-pass-certificate-to-upstream: true ; CertificateHeader: ssl-client-cert ; auth-tls-secret: ca | auth-tls-pass-certificate-to-upstream: yes ; Default
        auth-tls-secret ;  ; auth-tls-secret: ca ; ClientCertificateFilter ; auth-tls-secret: missing ; Answer403
        auth-tls-verify-client ;  ; auth-tls-secret: ca | auth-tls-verify-client: optional ; -Require: true ; auth-tls-secret: ca | auth-tls-verify-client: maybe ; Default
        auth-tls-verify-depth ;  ; auth-tls-secret: ca | auth-tls-verify-depth: 3 ; VerifyDepth: 3 ; auth-tls-secret: ca | auth-tls-verify-depth: deep ; Default
        client-body-buffer-size ;  ; client-body-buffer-size: 1m ; !annotation-without-effect ; client-body-buffer-size: huge ; Default
        proxy-buffer-size ;  ; proxy-buffer-size: 8k ; !annotation-without-effect ; proxy-buffer-size: huge ; Default
        proxy-buffering ;  ; proxy-buffering: on ; !annotation-without-effect ; proxy-buffering: perhaps ; Default
        proxy-buffers-number ;  ; proxy-buffers-number: 8 ; !annotation-without-effect ; proxy-buffers-number: many ; Default
        proxy-busy-buffers-size ;  ; proxy-busy-buffers-size: 16k ; !annotation-without-effect ; proxy-busy-buffers-size: huge ; Default
        proxy-max-temp-file-size ;  ; proxy-max-temp-file-size: 1m ; !annotation-without-effect ; proxy-max-temp-file-size: huge ; Default
        proxy-request-buffering ;  ; proxy-request-buffering: off ; !annotation-without-effect ; proxy-request-buffering: perhaps ; Default
        configuration-snippet ;  ; configuration-snippet: more_set_headers "X-A: b"; ; HeaderValue(Name: X-A, Value: b) ; configuration-snippet: proxy_pass http://x; ; Answer503
        server-snippet ;  ; server-snippet: more_set_headers "X-A: b"; ; HeaderValue(Name: X-A, Value: b) ; server-snippet: load_module x; ; Answer503
        stream-snippet ;  ; stream-snippet: x ; RefuseFilter(Status: 503 ; stream-snippet: server {} ; Answer503
        cors-allow-credentials ;  ; enable-cors: true | cors-allow-credentials: false ; -AllowCredentials: true ; enable-cors: true | cors-allow-credentials: no ; Default
        cors-allow-headers ;  ; enable-cors: true | cors-allow-headers: X-A ; AllowHeaders: [X-A] ; enable-cors: true | cors-allow-headers: a b ; Default
        cors-allow-methods ;  ; enable-cors: true | cors-allow-methods: GET ; AllowMethods: [GET] ; enable-cors: true | cors-allow-methods: (POST) ; Default
        cors-allow-origin ;  ; enable-cors: true | cors-allow-origin: https://a.test ; AllowOriginPatterns: [(?i)^https://a\.test$] ; enable-cors: true | cors-allow-origin: example.com ; Default
        cors-expose-headers ;  ; enable-cors: true | cors-expose-headers: X-A ; ExposeHeaders: [X-A] ; enable-cors: true | cors-expose-headers: a b ; Default
        cors-max-age ;  ; enable-cors: true | cors-max-age: 60 ; MaxAge: 60 ; enable-cors: true | cors-max-age: long ; Default
        enable-cors ;  ; enable-cors: true ; CorsFilter ; enable-cors: on ; Default
        custom-headers ;  ; custom-headers: headers ; HeaderValue(Name: X-A, Value: b) ; custom-headers: missing ; Answer503
        custom-http-errors ;  ; default-backend: f | custom-http-errors: 404 ; Statuses: [404] ; default-backend: f | custom-http-errors: many ; Default
        default-backend ; h.test P /=empty ; default-backend: f ; Backend: default/f:80 ; default-backend: missing ; Default
        disable-proxy-intercept-errors ;  ; default-backend: f | custom-http-errors: 404 | disable-proxy-intercept-errors: true ; GatewayOnly: true ; default-backend: f | custom-http-errors: 404 | disable-proxy-intercept-errors: yes ; Default
        auth-always-set-cookie ;  ; auth-url: http://auth.test/ | auth-always-set-cookie: true ; -OnlyGoodResponses: true ; auth-url: http://auth.test/ | auth-always-set-cookie: yes ; Default
        auth-cache-duration ;  ; auth-url: http://auth.test/ | auth-cache-key: $remote_addr | auth-cache-duration: 200 1m ; AuthorizationLifetime(Status: 200, Duration: 60000ms) ; auth-url: http://auth.test/ | auth-cache-duration: forever ; Answer503
        auth-cache-key ;  ; auth-url: http://auth.test/ | auth-cache-key: $remote_addr ; Cache: AuthorizationCache ; auth-url: http://auth.test/ | auth-cache-key: $upstream_addr ; Default
        auth-keepalive ;  ; auth-keepalive: 10 ; !annotation-without-effect ; auth-keepalive: many ; Default
        auth-keepalive-requests ;  ; auth-keepalive-requests: 10 ; !annotation-without-effect ; auth-keepalive-requests: many ; Default
        auth-keepalive-share-vars ;  ; auth-keepalive-share-vars: true ; !annotation-without-effect ; auth-keepalive-share-vars: yes ; Default
        auth-keepalive-timeout ;  ; auth-keepalive-timeout: 10 ; !annotation-without-effect ; auth-keepalive-timeout: 10s ; Default
        auth-method ;  ; auth-url: http://auth.test/ | auth-method: HEAD ; Method: HEAD ; auth-url: http://auth.test/ | auth-method: STEAL ; Answer503
        auth-proxy-set-headers ;  ; auth-url: http://auth.test/ | auth-proxy-set-headers: headers ; HeaderTemplate(Name: X-A, ; auth-url: http://auth.test/ | auth-proxy-set-headers: missing ; Answer503
        auth-request-redirect ;  ; auth-url: http://auth.test/ | auth-request-redirect: https://in.test/back ; TextPart(Name: https://in.test/back) ; auth-url: http://auth.test/ | auth-request-redirect: $nonsense ; Default
        auth-response-headers ;  ; auth-url: http://auth.test/ | auth-response-headers: X-User ; CopyToRequest: [X-User] ; auth-url: http://auth.test/ | auth-response-headers: a b ; Answer503
        auth-signin ;  ; auth-url: http://auth.test/ | auth-signin: https://in.test/start ; SignIn: TextTemplate ; auth-url: http://auth.test/ | auth-signin: javascript:alert(1) ; Default
        auth-signin-redirect-param ;  ; auth-url: http://auth.test/ | auth-signin: https://in.test/start | auth-signin-redirect-param: next ; TextPart(Name: ?next=) ; auth-url: http://auth.test/ | auth-signin: https://in.test/start | auth-signin-redirect-param: a&b ; Default
        auth-snippet ;  ; auth-snippet: proxy_set_header A b; ; RefuseFilter(Status: 503 ; auth-snippet: x ; Answer503
        auth-url ;  ; auth-url: http://auth.test/ ; Backend: ingress-nginx/auth/http://auth.test:80 ; auth-url: auth.test ; Answer503
        enable-global-auth ; GLOBALAUTH ; enable-global-auth: false ; -ExternalAuthorizationFilter ; enable-global-auth: no ; Default
        fastcgi-index ;  ; backend-protocol: FCGI | fastcgi-index: index.php ; FastCgiSettings(Index: index.php ; backend-protocol: FCGI | fastcgi-index: /index.php ; Answer503
        fastcgi-params-configmap ;  ; backend-protocol: FCGI | fastcgi-params-configmap: headers ; Parameters: [HeaderTemplate(Name: X-A ; backend-protocol: FCGI | fastcgi-params-configmap: missing ; Answer503
        http2-push-preload ;  ; http2-push-preload: true ; !annotation-without-effect ; http2-push-preload: yes ; Default
        ssl-ciphers ;  ; ssl-ciphers: HIGH ; !unsupported-annotation ; ssl-ciphers: BREAK ; Default
        ssl-passthrough ;  ; ssl-passthrough: true ; StreamBinding(Listener: :443, VirtualHost: h.test ; ssl-passthrough: yes ; Default
        ssl-prefer-server-ciphers ;  ; ssl-prefer-server-ciphers: true ; !annotation-without-effect ; ssl-prefer-server-ciphers: yes ; Default
        load-balance ;  ; load-balance: ewma ; LoadBalancing(Algorithm: PeakEwma ; load-balance: ip_hash ; Default
        upstream-hash-by ;  ; upstream-hash-by: $request_uri ; LoadBalancing(Algorithm: RingHash, HashOn: PathAndQuery ; upstream-hash-by: $upstream_addr ; Default
        upstream-hash-by-subset ;  ; upstream-hash-by: $request_uri | upstream-hash-by-subset: true ; SubsetSize: 3 ; upstream-hash-by: $request_uri | upstream-hash-by-subset: yes ; Default
        upstream-hash-by-subset-size ;  ; upstream-hash-by: $request_uri | upstream-hash-by-subset: true | upstream-hash-by-subset-size: 5 ; SubsetSize: 5 ; upstream-hash-by: $request_uri | upstream-hash-by-subset: true | upstream-hash-by-subset-size: few ; Default
        enable-access-log ;  ; enable-access-log: false ; !unsupported-annotation ; enable-access-log: no ; Default
        enable-rewrite-log ;  ; enable-rewrite-log: true ; !annotation-without-effect ; enable-rewrite-log: yes ; Default
        mirror-host ;  ; mirror-target: https://mirror.test$request_uri | mirror-host: other.test ; !unsupported-annotation ; mirror-target: https://mirror.test$request_uri | mirror-host: BREAK ; Default
        mirror-request-body ;  ; mirror-target: https://mirror.test$request_uri | mirror-request-body: off ; !unsupported-annotation ; mirror-target: https://mirror.test$request_uri | mirror-request-body: some ; Default
        mirror-target ;  ; mirror-target: https://mirror.test$request_uri ; MirrorFilter(Backend: ingress-nginx/mirror/https://mirror.test ; mirror-target: http://localhost/$request_uri ; Default
        enable-modsecurity ;  ; enable-modsecurity: true ; RefuseFilter(Status: 503 ; enable-modsecurity: maybe ; Answer503
        enable-owasp-core-rules ;  ; enable-owasp-core-rules: true ; RefuseFilter(Status: 503 ; enable-owasp-core-rules: maybe ; Answer503
        modsecurity-snippet ;  ; modsecurity-snippet: SecRuleEngine On ; RefuseFilter(Status: 503 ; modsecurity-snippet: x ; Answer503
        modsecurity-transaction-id ;  ; modsecurity-transaction-id: $request_id ; !unsupported-annotation ; modsecurity-transaction-id: BREAK ; Default
        enable-opentelemetry ;  ; enable-opentelemetry: true ; !unsupported-annotation ; enable-opentelemetry: yes ; Default
        opentelemetry-operation-name ;  ; opentelemetry-operation-name: x ; !unsupported-annotation ; opentelemetry-operation-name: BREAK ; Default
        opentelemetry-trust-incoming-span ;  ; opentelemetry-trust-incoming-span: false ; !unsupported-annotation ; opentelemetry-trust-incoming-span: no ; Default
        limit-allowlist ;  ; limit-rps: 5 | limit-allowlist: 10.0.0.0/8 ; Exempt: [10.0.0.0/8] ; limit-rps: 5 | limit-allowlist: everyone ; Ignored
        limit-whitelist ;  ; limit-rps: 5 | limit-whitelist: 10.0.0.0/8 ; Exempt: [10.0.0.0/8] ; limit-rps: 5 | limit-whitelist: everyone ; Ignored
        limit-burst-multiplier ;  ; limit-rps: 5 | limit-burst-multiplier: 2 ; Burst: 11 ; limit-rps: 5 | limit-burst-multiplier: lots ; Ignored
        limit-connections ;  ; limit-connections: 8 ; ConcurrencyLimitFilter(Maximum: 8 ; limit-connections: few ; Ignored
        limit-rate ;  ; limit-rate: 100 ; BandwidthLimitFilter(BytesPerSecond: 102400 ; limit-rate: fast ; Ignored
        limit-rate-after ;  ; limit-rate: 100 | limit-rate-after: 10 ; AfterBytes: 10240 ; limit-rate: 100 | limit-rate-after: late ; Ignored
        limit-rpm ;  ; limit-rpm: 5 ; Counter: ingress-nginx/default/one/limit-rpm ; limit-rpm: 1.5 ; Ignored
        limit-rps ;  ; limit-rps: 5 ; Counter: ingress-nginx/default/one/limit-rps ; limit-rps: many ; Ignored
        proxy-body-size ;  ; proxy-body-size: 8m ; BodyLimitFilter(MaximumBytes: 8388608 ; proxy-body-size: huge ; Default
        proxy-ssl-ciphers ;  ; backend-protocol: HTTPS | proxy-ssl-ciphers: HIGH ; !unsupported-annotation ; backend-protocol: HTTPS | proxy-ssl-ciphers: BREAK ; Default
        proxy-ssl-name ;  ; backend-protocol: HTTPS | proxy-ssl-server-name: on | proxy-ssl-name: in.test ; BackendTls(ServerName: in.test ; backend-protocol: HTTPS | proxy-ssl-server-name: on | proxy-ssl-name: a b ; Default
        proxy-ssl-protocols ;  ; backend-protocol: HTTPS | proxy-ssl-protocols: TLSv1.3 ; !unsupported-annotation ; backend-protocol: HTTPS | proxy-ssl-protocols: BREAK ; Default
        proxy-ssl-secret ;  ; backend-protocol: HTTPS | proxy-ssl-secret: ca ; BackendTls(TrustedCertificatesPem: pem ; backend-protocol: HTTPS | proxy-ssl-secret: missing ; Answer503
        proxy-ssl-server-name ;  ; backend-protocol: HTTPS | proxy-ssl-name: in.test | proxy-ssl-server-name: on ; BackendTls(ServerName: in.test ; backend-protocol: HTTPS | proxy-ssl-name: in.test | proxy-ssl-server-name: yes ; Default
        proxy-ssl-verify ;  ; backend-protocol: HTTPS | proxy-ssl-verify: on ; -SkipVerification: true ; backend-protocol: HTTPS | proxy-ssl-verify: yes ; Default
        proxy-ssl-verify-depth ;  ; backend-protocol: HTTPS | proxy-ssl-verify-depth: 2 ; !unsupported-annotation ; backend-protocol: HTTPS | proxy-ssl-verify-depth: deep ; Default
        force-ssl-redirect ;  ; force-ssl-redirect: true ; RedirectToTlsFilter ; force-ssl-redirect: yes ; Default
        from-to-www-redirect ;  ; from-to-www-redirect: true ; VirtualHost: www.h.test ; from-to-www-redirect: yes ; Default
        permanent-redirect ;  ; permanent-redirect: https://new.test/ ; RedirectAction(Status: 301, Location: https://new.test/) ; permanent-redirect: new.test ; Ignored
        permanent-redirect-code ;  ; permanent-redirect: https://new.test/ | permanent-redirect-code: 308 ; RedirectAction(Status: 308 ; permanent-redirect: https://new.test/ | permanent-redirect-code: 808 ; Default
        preserve-trailing-slash ;  ; force-ssl-redirect: true | preserve-trailing-slash: true ; -DropTrailingSlash: true ; force-ssl-redirect: true | preserve-trailing-slash: yes ; Default
        relative-redirects ;  ; relative-redirects: true ; !unsupported-annotation ; relative-redirects: yes ; Default
        ssl-redirect ; TLS ; ssl-redirect: false ; -RedirectToTlsFilter ; ssl-redirect: no ; Default
        temporal-redirect ;  ; temporal-redirect: https://new.test/ ; RedirectAction(Status: 302, Location: https://new.test/) ; temporal-redirect: ftp://new.test/ ; Ignored
        temporal-redirect-code ;  ; temporal-redirect: https://new.test/ | temporal-redirect-code: 307 ; RedirectAction(Status: 307 ; temporal-redirect: https://new.test/ | temporal-redirect-code: 808 ; Default
        use-port-in-redirects ;  ; use-port-in-redirects: true ; !unsupported-annotation ; use-port-in-redirects: yes ; Default
        app-root ;  ; app-root: /foo ; Path: =/ ; app-root: foo ; Default
        rewrite-target ;  ; rewrite-target: /new ; Substitution: /new ; rewrite-target: /x$request_uri ; Default
        use-regex ; h.test I /a(b)?=a ; use-regex: true ; Path: ~^/a(b)? (any case) ; use-regex: yes ; Default
        x-forwarded-prefix ;  ; rewrite-target: /new | x-forwarded-prefix: /old ; HeaderValue(Name: X-Forwarded-Prefix, Value: /old) ; rewrite-target: /new | x-forwarded-prefix: /$1 ; Default
        affinity ;  ; affinity: cookie ; StickyCookie(Name: INGRESSCOOKIE ; affinity: ip ; Default
        affinity-canary-behavior ; CANARY ; affinity: cookie | affinity-canary-behavior: legacy ; ShareCondition(Group: ingress-nginx/default/canary ; affinity: cookie | affinity-canary-behavior: loose ; Default
        affinity-mode ;  ; affinity: cookie | affinity-mode: persistent ; -Balanced: true ; affinity: cookie | affinity-mode: sideways ; Default
        session-cookie-change-on-failure ;  ; affinity: cookie | session-cookie-change-on-failure: true ; -KeepOnFailure: true ; affinity: cookie | session-cookie-change-on-failure: yes ; Default
        session-cookie-conditional-samesite-none ;  ; affinity: cookie | session-cookie-conditional-samesite-none: true ; OmitSameSiteNoneWhereBroken: true ; affinity: cookie | session-cookie-conditional-samesite-none: yes ; Default
        session-cookie-domain ;  ; affinity: cookie | session-cookie-domain: a.test ; Domain: a.test ; affinity: cookie | session-cookie-domain: a;b ; Default
        session-cookie-expires ;  ; affinity: cookie | session-cookie-expires: 90 ; Expires: 90 ; affinity: cookie | session-cookie-expires: 90s ; Default
        session-cookie-max-age ;  ; affinity: cookie | session-cookie-max-age: 60 ; MaxAge: 60 ; affinity: cookie | session-cookie-max-age: 60s ; Default
        session-cookie-name ;  ; affinity: cookie | session-cookie-name: route ; StickyCookie(Name: route ; affinity: cookie | session-cookie-name: a;b ; Default
        session-cookie-path ;  ; affinity: cookie | session-cookie-path: /p ; Path: /p, ; affinity: cookie | session-cookie-path: /a;b ; Default
        session-cookie-samesite ;  ; affinity: cookie | session-cookie-samesite: Lax ; SameSite: Lax ; affinity: cookie | session-cookie-samesite: Loose ; Default
        session-cookie-secure ;  ; affinity: cookie | session-cookie-secure: true ; Secure: true ; affinity: cookie | session-cookie-secure: yes ; Default
        """;

    public static IReadOnlyList<AnnotationCase> All { get; } = [.. Table.Split('\n').Select(line => line.Split(" ; ")).Select(row => new AnnotationCase(row[0], row[1], row[2], row[3], row[4], Enum.Parse<BadOutcome>(row[5])))];

    private static readonly Dictionary<string, AnnotationCase> ByName = All.ToDictionary(item => item.Name, StringComparer.Ordinal);

    /// <summary>The case of an annotation.</summary>
    public static AnnotationCase Of(string name) => ByName.TryGetValue(name, out var found) ? found : throw new InvalidOperationException($"{name} has no case in {nameof(AnnotationCases)}.");
}
