using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.Tests.Golden;
using Polygate.Dialects.Tests.Ingress;
using Polygate.Model;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>Ingresses of the class nginx in few words.</summary>
internal static class Nginx
{
    /// <summary>As <see cref="IngressYaml.Nginx"/>.</summary>
    public static IngressYaml Annotated(string name, string paths, string annotations = "", int day = 0, string spec = "") =>
        IngressYaml.Nginx(name, paths, annotations, day, spec);

    /// <summary>What an Ingress and further documents become, for filters that need more than a routing table to be tried.</summary>
    public static (GatewayConfiguration Configuration, IReadOnlyList<Diagnostic> Diagnostics) Translate(string more, params IngressYaml[] ingresses)
    {
        var (translator, problems) = GoldenFile.Translate(IngressYaml.Write(ingresses) + "---\n" + more, [new IngressNginxDialect()]);
        Assert.Empty(problems);
        return (translator.Configuration, translator.Diagnostics);
    }

    public static ServedRequests Serve(params IngressYaml[] ingresses) => Serve("", ingresses);

    /// <param name="more">Further documents.</param>
    /// <param name="ingresses">The Ingresses.</param>
    public static ServedRequests Serve(string more, params IngressYaml[] ingresses) =>
        new(IngressYaml.Write(ingresses) + (more.Length > 0 ? "---\n" + more : ""), new IngressNginxDialect());

    public static ServedRequests Serve(IngressNginxOptions options, string more, params IngressYaml[] ingresses) =>
        new(IngressYaml.Write(ingresses) + (more.Length > 0 ? "---\n" + more : ""), new IngressNginxDialect(options));

    /// <summary>The annotations beside which another one is looked at at all.</summary>
    public static string Companions(string name) =>
        name.StartsWith("auth-tls-", StringComparison.Ordinal) && name != "auth-tls-secret" ? "auth-tls-secret: ca | "
        : name is "auth-secret" or "auth-realm" or "auth-secret-type" ? "auth-type: basic | "
        : name.StartsWith("auth-", StringComparison.Ordinal) && name is not ("auth-url" or "auth-type" or "auth-tls-secret") ? "auth-url: http://auth.test/ | "
        : name is "canary-by-header-value" or "canary-by-header-pattern" ? "canary: true | canary-by-header: X-A | "
        : name.StartsWith("canary-", StringComparison.Ordinal) ? "canary: true | "
        : name.StartsWith("cors-", StringComparison.Ordinal) ? "enable-cors: true | "
        : name.StartsWith("session-cookie-", StringComparison.Ordinal) || name is "affinity-mode" or "affinity-canary-behavior" ? "affinity: cookie | "
        : name.StartsWith("proxy-ssl-", StringComparison.Ordinal) ? "backend-protocol: HTTPS | "
        : name.StartsWith("fastcgi-", StringComparison.Ordinal) ? "backend-protocol: FCGI | "
        : name == "proxy-redirect-from" ? "proxy-redirect-to: /x | "
        : name == "proxy-redirect-to" ? "proxy-redirect-from: http://in.test/ | "
        : name == "x-forwarded-prefix" ? "rewrite-target: /x | "
        : name.StartsWith("upstream-hash-by-", StringComparison.Ordinal) ? "upstream-hash-by: $request_uri | "
        : name is "limit-allowlist" or "limit-whitelist" or "limit-burst-multiplier" ? "limit-rps: 5 | "
        : name == "limit-rate-after" ? "limit-rate: 5 | "
        : name is "custom-http-errors" or "disable-proxy-intercept-errors" ? "default-backend: a | "
        : "";
}
