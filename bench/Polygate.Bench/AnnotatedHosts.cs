namespace Polygate.Bench;

/// <summary>
/// Hosts with the annotations of ingress-nginx that are used most, and nginx configured by hand as these would: a rewrite with captures, CORS, sessions,
/// a limit of requests (too high to be met), and all four together.
/// </summary>
internal static class AnnotatedHosts
{
    private const string Cors = """
        set $cors "";
        if ($http_origin ~* (https://app\.test)$) { set $cors true; }
        if ($request_method = OPTIONS) { set $cors ${cors}options; }
        if ($cors = true) {
          add_header Access-Control-Allow-Origin $http_origin always;
          add_header Access-Control-Allow-Credentials true always;
          add_header Access-Control-Allow-Methods "GET, PUT, POST, DELETE, PATCH, OPTIONS" always;
          add_header Access-Control-Allow-Headers "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization" always;
          add_header Access-Control-Max-Age 1728000 always;
        }
        if ($cors = trueoptions) { return 204; }
        """;

    private const string Limit = "limit_req zone=rps burst=500000 nodelay;";
    private const string Session = "add_header Set-Cookie $new_session;";

    private static readonly (string Host, string Annotations, string Location, string Directives, string Upstream)[] Hosts =
    [
        ("rewrite.bench", "rewrite-target: /$2", "~* \"^/app(/|$)(.*)\"", "rewrite \"(?i)/app(/|$)(.*)\" /$2 break;", "backend"),
        ("cors.bench", "enable-cors: \"true\" | cors-allow-origin: https://app.test", "/", Cors, "backend"),
        ("session.bench", "affinity: cookie", "/", Session, "sticky"),
        ("limit.bench", "limit-rps: \"100000\"", "/", Limit, "backend"),
        ("annotated.bench", "rewrite-target: /$2 | enable-cors: \"true\" | cors-allow-origin: https://app.test | affinity: cookie | limit-rps: \"100000\"",
            "~* \"^/app(/|$)(.*)\"", $"{Limit} {Session} {Cors} rewrite \"(?i)/app(/|$)(.*)\" /$2 break;", "sticky"),
    ];

    /// <summary>What stands before nginx's servers.</summary>
    public static string NginxPreamble => $$"""
        limit_req_zone $binary_remote_addr zone=rps:10m rate=100000r/s;
        map $cookie_INGRESSCOOKIE $new_session { "" "INGRESSCOOKIE=$request_id; Path=/; HttpOnly"; default ""; }
        upstream sticky { hash $cookie_INGRESSCOOKIE consistent; server {{Setup.Backend}}; keepalive 256; keepalive_requests 100000000; }
        """;

    /// <summary>nginx's servers, after the one that is the default.</summary>
    public static string NginxServers => string.Join('\n', Hosts.Select(host => $$"""
        server { listen 127.0.0.1:18100; server_name {{host.Host}}; location {{host.Location}} { {{host.Directives}} proxy_pass http://{{host.Upstream}}; } }
        """));

    /// <summary>The Ingresses.</summary>
    public static string Ingresses => string.Join("\n---\n", Hosts.Select(host => $$"""
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: {{host.Host}}
          annotations:
        {{string.Join('\n', host.Annotations.Split(" | ").Select(annotation => "    nginx.ingress.kubernetes.io/" + annotation))}}
        spec:
          ingressClassName: nginx
          rules:
            - host: {{host.Host}}
              http:
                paths: [{ path: {{(host.Location == "/" ? "/" : "/app(/|$)(.*)")}}, pathType: ImplementationSpecific, backend: { service: { name: app, port: { number: 80 } } } }]
        """));

    /// <summary>A scenario for each host.</summary>
    public static IEnumerable<Scenario> Scenarios() => new (string Name, string Description, string Path, bool HasSession)[]
    {
        ("rewrite", "small answer, path rewritten with captures", "/app/small", false),
        ("cors", "small answer, CORS", "/small", false),
        ("session", "small answer, a client with a session", "/small", true),
        ("limit", "small answer, requests counted for each client", "/small", false),
        ("annotated", "small answer, all four annotations", "/app/small", true),
    }.Select(row => new Scenario(row.Name, row.Description, (proxy, seconds) => Run(proxy, row.Name + ".bench", row.Path, row.HasSession, seconds)) { OnlyNginx = true });

    private static LoadResult Run(Proxy proxy, string host, string path, bool hasSession, int seconds)
    {
        var url = $"http://127.0.0.1:{proxy.Port}{path}";
        string[] headers = [$"Host: {host}", "Origin: https://app.test"];
        return Load.Wrk(Scenario.OtherCpu, url, 64, seconds, headers: hasSession ? [.. headers, $"Cookie: {SessionOf(url, host)}"] : headers);
    }

    /// <summary>The cookie that a proxy gives to a new client.</summary>
    private static string SessionOf(string url, string host)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Host = host } };
        using var answer = client.Send(request);
        return answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }
}
