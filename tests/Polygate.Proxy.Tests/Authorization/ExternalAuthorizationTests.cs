using Polygate.Model;
using Polygate.Proxy.Tests.Forwarding;

namespace Polygate.Proxy.Tests.Authorization;

/// <summary>Requests that an authorization service decides about, over real sockets.</summary>
public abstract class ExternalAuthorizationTests(TransportKind transport) : ProxyTests(transport)
{
    private const string Get = "GET /private?x=1 HTTP/1.1\r\nHost: shop.example\r\nX-User: forged\r\nCookie: session=1\r\n\r\n";
    private const string Yes = "HTTP/1.1 200 OK\r\nX-User: alice\r\nSet-Cookie: seen=1; Path=/\r\nContent-Length: 0\r\n\r\n";

    private static readonly ExternalAuthorizationFilter Filter = new("auth")
    {
        Request = new AuthorizationRequest
        {
            Method = "GET",
            Path = TextTemplate.Literal("/verify"),
            Set = [new HeaderTemplate("X-Original-Url", TextTemplate.Of(TextSource.Url)), new HeaderTemplate("X-Original-Method", TextTemplate.Of(TextSource.Method))],
        },
        Success = new AuthorizationSuccess { CopyToRequest = ["X-User", "X-Group"], CopyToResponse = ["Set-Cookie"] },
    };

    [Fact]
    public async Task A_yes_lets_the_request_pass_with_what_the_service_says_of_it()
    {
        await using var auth = TestBackend.Answering(Yes);

        var answer = await SendAsync(auth, Filter, Get.Replace("X-User", "X-Group: forged\r\nX-User", StringComparison.Ordinal));

        Assert.Equal(200, answer.Status);
        Assert.Contains("X-User: alice\r\n", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("forged", answer.Body, StringComparison.Ordinal);
        Assert.Equal("seen=1; Path=/", answer["Set-Cookie"]);
    }

    [Fact]
    public async Task The_service_is_told_of_the_request_but_not_its_body()
    {
        var seen = new TaskCompletionSource<TestMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var auth = new TestBackend(async connection =>
        {
            seen.TrySetResult((await connection.ReadRequestAsync())!);
            await connection.SendAsync(Yes);
        });

        var answer = await SendAsync(
            auth, Filter, "POST /private?x=1 HTTP/1.1\r\nHost: shop.example\r\nCookie: session=1\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody");
        var question = await seen.Task;

        Assert.EndsWith("body", answer.Body, StringComparison.Ordinal);
        Assert.Equal("GET /verify HTTP/1.1", question.StartLine);
        Assert.Equal("shop.example", question["Host"]);
        Assert.Equal("session=1", question["Cookie"]);
        Assert.Equal("http://shop.example/private?x=1", question["X-Original-Url"]);
        Assert.Equal("POST", question["X-Original-Method"]);
        Assert.Null(question["Content-Type"]);
        Assert.Equal("", question.Body);
    }

    [Fact]
    public async Task What_the_service_is_told_of_the_target_is_what_the_client_sent()
    {
        var seen = new TaskCompletionSource<TestMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var auth = new TestBackend(async connection =>
        {
            seen.TrySetResult((await connection.ReadRequestAsync())!);
            await connection.SendAsync(Yes);
        });

        var answer = await SendAsync(auth, [new RewriteFilter { Path = new ReplaceFullPath("/other"), Host = "inner" }, Filter], Get);

        Assert.StartsWith("GET /other?x=1", answer.Body, StringComparison.Ordinal);
        Assert.Equal("http://shop.example/private?x=1", (await seen.Task)["X-Original-Url"]);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(429)]
    public async Task A_no_is_the_answer(int status)
    {
        await using var auth = TestBackend.Answering($"HTTP/1.1 {status} No\r\nWWW-Authenticate: Bearer\r\nX-Why: because\r\nContent-Length: 2\r\n\r\nno");

        var answer = await SendAsync(auth, Filter, Get);

        Assert.Equal((status, "no", "Bearer", "because"), (answer.Status, answer.Body, answer["WWW-Authenticate"], answer["X-Why"]));
    }

    [Fact]
    public async Task Of_a_no_only_what_is_listed_reaches_the_client()
    {
        await using var auth = TestBackend.Answering("HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer\r\nX-Why: because\r\nContent-Length: 2\r\n\r\nno");

        var answer = await SendAsync(auth, Filter with { Denial = new AuthorizationDenial { CopyBody = false, Headers = ["WWW-Authenticate"] } }, Get);

        Assert.Equal((401, "Bearer"), (answer.Status, answer["WWW-Authenticate"]));
        Assert.Null(answer["X-Why"]);
        Assert.NotEqual("no", answer.Body);
    }

    [Fact]
    public async Task A_client_without_credentials_is_sent_to_sign_in()
    {
        await using var auth = TestBackend.Answering("HTTP/1.1 401 No\r\nSet-Cookie: state=1\r\nContent-Length: 0\r\n\r\n");
        var signIn = new TextTemplate([TextPart.Literal("https://login.example/?rd="), new TextPart(TextSource.Url) { Escape = true }]);

        var answer = await SendAsync(auth, Filter with { Denial = new AuthorizationDenial { SignIn = signIn } }, Get);

        Assert.Equal(302, answer.Status);
        Assert.Equal("https://login.example/?rd=http%3A%2F%2Fshop.example%2Fprivate%3Fx%3D1", answer["Location"]);
        Assert.Equal("state=1", answer["Set-Cookie"]);
    }

    [Theory]
    [InlineData("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 302 Elsewhere\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("garbage\r\n\r\n")]
    [InlineData("")]
    public async Task An_answer_that_is_neither_yes_nor_no_closes_the_route(string answerOfService)
    {
        await using var auth = new TestBackend(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(answerOfService);
        });

        var answer = await SendAsync(auth, Filter with { Denial = new AuthorizationDenial { Statuses = [401, 403] }, ErrorStatus = 503 }, Get);

        Assert.Equal(503, answer.Status);
    }

    [Fact]
    public async Task A_service_that_cannot_be_reached_closes_the_route_unless_told_otherwise()
    {
        var auth = TestBackend.Answering(Yes);
        await auth.DisposeAsync();

        Assert.Equal(500, (await SendAsync(auth, Filter, Get)).Status);
        Assert.Equal(200, (await SendAsync(auth, Filter with { FailOpen = true }, Get)).Status);
    }

    [Fact]
    public async Task A_service_that_does_not_answer_in_time_closes_the_route()
    {
        await using var auth = new TestBackend(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.ReadToEndAsync();
        });

        Assert.Equal(500, (await SendAsync(auth, Filter with { Timeout = TimeSpan.FromMilliseconds(150) }, Get)).Status);
    }

    [Theory]
    [InlineData(10, true, "0123456789", 200)]
    [InlineData(4, true, "0123", 200)]
    [InlineData(4, false, "", 413)]
    public async Task The_body_goes_to_the_service_and_then_to_the_backend(int maximum, bool partial, string told, int status)
    {
        var seen = "";
        await using var auth = new TestBackend(async connection =>
        {
            seen = (await connection.ReadRequestAsync())!.Body;
            await connection.SendAsync(Yes);
        });
        var filter = Filter with { Request = new AuthorizationRequest(), Body = new AuthorizationBody(maximum) { AllowPartial = partial } };

        var answer = await SendAsync(auth, filter, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n");

        Assert.Equal((status, told), (answer.Status, seen));
        if (status == 200)
            Assert.Contains("0123456789", answer.Body.Replace("\r\n5\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_are_remembered_by_their_key()
    {
        var asked = 0;
        await using var auth = new TestBackend(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                asked++;
                await connection.SendAsync(Yes);
            }
        });
        var cache = new AuthorizationCache(TextTemplate.Of(TextSource.Cookie, "session")) { Lifetimes = [new AuthorizationLifetime(200, TimeSpan.FromMinutes(5))] };
        await using var backend = TestBackend.Echoing();
        await using var proxy = With(auth, backend, Filter with { Cache = cache });
        using var client = await proxy.ConnectAsync();

        foreach (var request in new[] { Get, Get, Get.Replace("session=1", "session=2", StringComparison.Ordinal), Get })
        {
            await client.SendAsync(request);
            Assert.Contains("X-User: alice\r\n", (await client.ReadResponseAsync()).Body, StringComparison.Ordinal);
        }

        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task Cookies_of_the_service_replace_those_of_the_backend()
    {
        await using var auth = TestBackend.Answering("HTTP/1.1 200 OK\r\nSet-Cookie: a=auth\r\nSet-Cookie: b=auth\r\nContent-Length: 0\r\n\r\n");
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nSet-Cookie: a=backend\r\nSet-Cookie: c=backend\r\nContent-Length: 0\r\n\r\n");
        await using var proxy = With(auth, backend, Filter with { Success = new AuthorizationSuccess { CookiesToResponse = ["a"] } });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);

        Assert.Equal(["c=backend", "a=auth"], (await client.ReadResponseAsync()).Values("Set-Cookie"));
    }

    private Task<TestMessage> SendAsync(TestBackend auth, ExternalAuthorizationFilter filter, string request) => SendAsync(auth, [filter], request);

    private async Task<TestMessage> SendAsync(TestBackend auth, Filter[] filters, string request)
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = With(auth, backend, filters);
        using var client = await proxy.ConnectAsync();
        await client.SendAsync(request);
        return await client.ReadResponseAsync();
    }

    private TestProxy With(TestBackend auth, TestBackend backend, params Filter[] filters) => Start(TestProxy.Configuration(
        [TestProxy.Backend("backend", backend.Port), TestProxy.Backend("auth", auth.Port)], new ForwardAction([new WeightedBackend("backend")]), filters));
}

public sealed class ExternalAuthorizationOverTheNativeTransport() : ExternalAuthorizationTests(TransportKind.Native);

public sealed class ExternalAuthorizationOverDotNetSockets() : ExternalAuthorizationTests(TransportKind.Sockets);
