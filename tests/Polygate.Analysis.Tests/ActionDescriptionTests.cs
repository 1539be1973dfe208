using Polygate.Model;

namespace Polygate.Analysis.Tests;

/// <summary>What answers, in sentences and in the few words of a table.</summary>
public sealed class ActionDescriptionTests
{
    private static readonly Backend Shop = new("shop", new StaticEndpoints([new Endpoint("127.0.0.1", 9000)]));

    private static readonly (RouteAction Action, string Target, string[] Sentences)[] Known =
    [
        (new ForwardAction([new WeightedBackend("shop")]), "shop", ["It is sent to shop by HTTP/1.1: 127.0.0.1:9000."]),
        (new ForwardAction([new WeightedBackend("shop", 2), new WeightedBackend(null, 1)]),
            "shop (66.67%), status 500 (33.33%)",
            [
                "It is sent to shop (66.67%) by HTTP/1.1: 127.0.0.1:9000.",
                "status 500 (33.33%): the reference is invalid, and its share is answered 500.",
            ]),
        (new ForwardAction([new WeightedBackend("shop") { Filters = [new BodyLimitFilter(9)] }]),
            "shop",
            ["It is sent to shop by HTTP/1.1: 127.0.0.1:9000.", "For shop only: A body of more than 9 bytes is refused with 413."]),
        (new ForwardAction([]) { NoBackendStatus = 503 }, "status 503", ["No backend has a share: the gateway answers 503."]),
        (new ForwardAction([new WeightedBackend("shop", 0)]), "shop", ["No backend has a share: the gateway answers 500."]),
        (new ForwardAction([new WeightedBackend("shop")])
        {
            RequestTimeout = TimeSpan.FromSeconds(10),
            BackendTimeout = TimeSpan.FromMilliseconds(250),
            IdleTimeout = TimeSpan.FromMinutes(1),
            AllowUpgrade = false,
        },
            "shop",
            [
                "It is sent to shop by HTTP/1.1: 127.0.0.1:9000.",
                "The whole exchange may take 10 s, then the answer is 504.",
                "One attempt may take 250 ms, then the answer is 504.",
                "The backend may be silent for 60 s.",
                "Upgrades, such as to WebSocket, are not tunnelled.",
            ]),
        (new ForwardAction([new WeightedBackend("shop")]) { FastCgi = new FastCgiSettings() },
            "shop",
            ["It is sent to shop by HTTP/1.1: 127.0.0.1:9000.", "FastCGI applications are told the usual parameters."]),
        (new ForwardAction([new WeightedBackend("shop")])
        {
            FastCgi = new FastCgiSettings
            {
                Index = "index.php",
                Parameters = [new HeaderTemplate("SCRIPT_FILENAME", new TextTemplate([TextPart.Literal("/app"), new TextPart(TextSource.Document, "index.php")]))],
            },
        },
            "shop",
            [
                "It is sent to shop by HTTP/1.1: 127.0.0.1:9000.",
                "FastCGI applications are told the usual parameters, with index.php for a folder, and SCRIPT_FILENAME = /app{Document index.php}.",
            ]),
        (new RedirectAction(), "redirect the same URL", ["The client is redirected (302) to the same URL."]),
        (new RedirectAction { Location = "https://a.example/" }, "redirect https://a.example/", ["The client is redirected (302) to https://a.example/."]),
        (new RedirectAction
        {
            Status = 301,
            Scheme = "https",
            Host = "b.example",
            Port = 8443,
            Path = new ReplaceElementPrefix("/a", "/b"),
            StripQuery = true,
            DropTrailingSlash = true,
        },
            "redirect scheme https, host b.example, port 8443, the path with /b in place of /a, no query, no slash at the end",
            [
                "The client is redirected (301) to scheme https, host b.example, port 8443, the path with /b in place of /a, no query, no slash at the end.",
            ]),
        (new DirectResponseAction(204), "status 204", ["The gateway answers 204."]),
        (new DirectResponseAction(200, "hello") { Headers = [new HeaderValue("X-A", "1")] },
            "status 200",
            ["The gateway answers 200 with 5 characters of text/plain; charset=utf-8.", "In the answer the header X-A is 1."]),
    ];

    public static TheoryData<int> Rows() => [.. Enumerable.Range(0, Known.Length)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void An_action_is_told_in_plain_words(int row)
    {
        Assert.Equal(Known[row].Sentences, Describe.Action(Known[row].Action, Shop));
        Assert.Equal(Known[row].Target, Describe.Target(Known[row].Action));
    }

    [Fact]
    public void No_kind_of_action_is_forgotten() =>
        Assert.Equal(ModelTypes.DerivedFrom<RouteAction>(), ModelTypes.NamesOf(Known.Select(known => known.Action)));

    public static TheoryData<RetryPolicy, string> Retries() => new()
    {
        {
            new RetryPolicy(1),
            "A failed attempt (a broken connection) is repeated up to 1 time (methods that are not idempotent only while nothing was sent)."
        },
        {
            new RetryPolicy(3) { Statuses = [502, 503], OnTimeout = true, NonIdempotent = true, Backoff = TimeSpan.FromMilliseconds(20) },
            "A failed attempt (status 502, 503 or a broken connection or a timeout) is repeated up to 3 times, after 20 ms at first."
        },
    };

    [Theory]
    [MemberData(nameof(Retries), DisableDiscoveryEnumeration = true)]
    public void A_retry_says_what_is_repeated_and_how_often(RetryPolicy retry, string sentence) =>
        Assert.Equal(sentence, Describe.Action(new ForwardAction([new WeightedBackend("shop")]) { Retry = retry }, Shop)[^1]);
}
