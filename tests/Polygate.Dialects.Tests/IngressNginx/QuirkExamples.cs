using System.Globalization;
using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.Tests.Golden;
using Polygate.Dialects.Tests.Ingress;
using Polygate.Model;
using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>A quirk at work: what runs into it, what is observed, and what to write to be free of it.</summary>
/// <param name="Code">The quirk.</param>
/// <param name="Question">What is looked at: a request, or something else in words.</param>
/// <param name="Observe">The answer to it.</param>
/// <param name="Example">Runs into the quirk.</param>
/// <param name="Clean">Means the same, and does not.</param>
internal sealed record QuirkExample(string Code, string Question, Func<ServedRequests, Task<string>> Observe, IngressYaml[] Example, IngressYaml[] Clean)
{
    /// <summary>What the clean way needs beside the Ingresses.</summary>
    public string CleanMore { get; init; } = "";

    public NginxQuirk Quirk => NginxQuirks.Find(Code)!;

    public ServedRequests ServeExample(bool isStrict) => Serve(Options(isStrict), "", Example);

    public ServedRequests ServeClean(bool isStrict) => Serve(Options(isStrict), CleanMore, Clean);

    private IngressNginxOptions Options(bool isStrict) => isStrict ? IngressNginxOptions.Default with { Strict = [Code] } : IngressNginxOptions.Default;
}

/// <summary>One example for each quirk.</summary>
internal static class QuirkExamples
{
    public static IReadOnlyList<QuirkExample> All { get; } =
    [
        Request("host-wide-regex", "http://shop.test/CARTS", [Annotated("shop", "shop.test P /cart=a"), Annotated("items", "shop.test I /items/[0-9]+$=b", "use-regex: true")],
            [Annotated("shop", "shop.test P /cart=a"), Annotated("items", "items.test I /items/[0-9]+$=b", "use-regex: true")]),
        Request("rewrite-implies-regex", "http://shop.test/v1x2", [Annotated("shop", "shop.test P /v1.2=a", "rewrite-target: /api")],
            [Annotated("shop", "shop.test I /v1\\.2$=a", "rewrite-target: /api | use-regex: true")]),
        Request("open-regex", "http://shop.test/ID/1/secret", [Annotated("shop", "shop.test I /id/[0-9]+=a", "use-regex: true")],
            [Annotated("shop", "shop.test I /id/[0-9]+$=a", "use-regex: true")]),
        Request("slash-redirect", "http://shop.test/cart", [Annotated("shop", "shop.test P /cart/=a")], [Annotated("shop", "shop.test P /cart=a")]),
        Request("tls-redirect-slash", "http://shop.test/cart/", [Annotated("shop", "shop.test P /=a", "force-ssl-redirect: true")],
            [Annotated("shop", "shop.test P /=a", "force-ssl-redirect: true | preserve-trailing-slash: true")]),
        new("unverified-upstream", "Is the backend's certificate verified?", served => Task.FromResult(served.Configuration.Pieces.Values.SelectMany(piece => piece.Backends).Single().Tls!.SkipVerification ? "no" : "yes"),
            [Annotated("shop", "shop.test P /=a", "backend-protocol: HTTPS")],
            [Annotated("shop", "shop.test P /=a", "backend-protocol: HTTPS | proxy-ssl-verify: on | proxy-ssl-secret: authority | proxy-ssl-name: a.default.svc")])
        {
            CleanMore = "apiVersion: v1\nkind: Secret\nmetadata: {name: authority}\nstringData: {ca.crt: \"…\"}\n",
        },
        new("rate-limit-503", "The status beyond five requests a second", served => Task.FromResult(Only<RateLimitFilter>(served).RejectStatus.ToString(CultureInfo.InvariantCulture)),
            [Annotated("shop", "shop.test P /=a", "limit-rps: 5")], [Annotated("shop", "shop.test P /=a", "limit-rps: 5")])
        {
            CleanMore = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ingress-nginx-controller, namespace: ingress-nginx}\ndata: {limit-req-status-code: \"429\"}\n",
        },
        new("cors-credentials", "Are any origin and credentials allowed together?", served => Task.FromResult(Only<CorsFilter>(served) is { AllowCredentials: true, AllowOrigins: ["*"] } ? "yes" : "no"),
            [Annotated("shop", "shop.test P /=a", "enable-cors: true")],
            [Annotated("shop", "shop.test P /=a", "enable-cors: true | cors-allow-origin: https://www.shop.test")]),
        Request("silent-default", "http://shop.test/", [Annotated("shop", "shop.test P /=a", "proxy-read-timeout: 60s")], [Annotated("shop", "shop.test P /=a", "proxy-read-timeout: 60")]),
    ];

    private static QuirkExample Request(string code, string url, IngressYaml[] example, IngressYaml[] clean) =>
        new(code, $"`GET {url}`", served => served.AnswerAsync(url), example, clean);

    private static T Only<T>(ServedRequests served) => served.Configuration.Routes.Single().Filters.OfType<T>().Single();
}
