using System.Text;
using Polygate.Model;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Filters.Passwords;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;
using static Polygate.Proxy.Tests.Routing.RoutingSamples;

namespace Polygate.Proxy.Tests.Filters;

public sealed class BasicAuthenticationTests
{
    private static readonly BasicAuthenticationFilter Filter = new(
        [new PasswordHash("ann", "{SHA}00hq6RNueFa8QiEjhep5cJRHWAI="), new PasswordHash("bob", "$2b$04$abcdefghijklmnopqrstuuyeG8laUfZvsCmc.AE6qIDYSPGM2efmK")])
    {
        Realm = "the \"inner\" circle",
    };

    // What openssl passwd and the system's crypt(3) make of these.
    [Theory]
    [InlineData("Hello world!", "$apr1$abcdefgh$Unf1zc.jsgCbBQDCL104q.")]
    [InlineData("a-much-longer-password-than-sixteen-bytes", "$apr1$ab$vCRbZwmfS.hgWzhQUeJHd1")]
    [InlineData("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEcX", false)]
    [InlineData("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5")]
    [InlineData("päss", "$5$rounds=1234$x$LncnRE8NHkJEdsv8npY.4y1f.nk44HbZwgOn0R3K3n3")]
    [InlineData("a-much-longer-password-than-thirtytwo-bytes", "$5$abc$1b5PJ6tjNtxWNYKNwy5RLBu.c/Lg4nqtqy9bZbCtRM/")]
    [InlineData("Hello world!", "$2b$04$abcdefghijklmnopqrstuuyeG8laUfZvsCmc.AE6qIDYSPGM2efmK")]
    [InlineData("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy")]
    [InlineData("Hello world!", "{SHA}00hq6RNueFa8QiEjhep5cJRHWAI=")]
    [InlineData("hello world!", "{SHA}00hq6RNueFa8QiEjhep5cJRHWAI=", false)]
    [InlineData("Hello world?", "$2b$04$abcdefghijklmnopqrstuuyeG8laUfZvsCmc.AE6qIDYSPGM2efmK", false)]
    [InlineData("plain", "plain", false)]
    [InlineData("x", "$2b$31$abcdefghijklmnopqrstuuyeG8laUfZvsCmc.AE6qIDYSPGM2efmK", false)]
    public void Passwords_are_checked_as_the_system_does(string password, string hash, bool right = true) =>
        Assert.Equal(right, PasswordHashes.Verify(Encoding.UTF8.GetBytes(password), hash));

    [Fact]
    public void A_password_beyond_72_bytes_is_cut_by_bcrypt() =>
        Assert.True(PasswordHashes.Verify(Encoding.UTF8.GetBytes(new string('x', 100)), "$2y$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i"));

    [Theory]
    [InlineData("ann", "Hello world!", null)]
    [InlineData("bob", "Hello world!", null)]
    [InlineData("ann", "wrong", 401)]
    [InlineData("eve", "Hello world!", 401)]
    [InlineData("", "", 401)]
    public async Task Only_the_right_password_of_a_known_user_passes(string user, string password, int? status) =>
        Assert.Equal(status, (await FilterRun.Run(Login(user, password), Filter)).Reply?.Status);

    [Theory]
    [InlineData("Bearer x")]
    [InlineData("Basic")]
    [InlineData("Basic !!!")]
    [InlineData("Basic YW5u")]
    public async Task Anything_else_is_asked_for_credentials(string authorization)
    {
        var run = await FilterRun.Run(Request("a.test/", "GET", ("Authorization", authorization)), Filter);

        Assert.Equal(401, run.Reply?.Status);
        Assert.Equal("Basic realm=\"the \\\"inner\\\" circle\", charset=\"UTF-8\"", run.ResponseHeader("www-authenticate"));
    }

    [Fact]
    public async Task The_backend_learns_the_user_and_not_the_password_where_asked()
    {
        var filter = Filter with { RemoveCredentials = true, UserHeader = "X-User" };
        var head = Login("ann", "Hello world!");
        head.Headers.Add("x-user"u8, "forged"u8);
        var run = await FilterRun.Run(head, filter);

        Assert.Equal("ann", run.Header("x-user"));
        Assert.Null(run.Header("authorization"));
    }

    [Fact]
    public async Task A_password_that_was_right_is_known_at_once_until_its_hash_changes()
    {
        var runtime = new RuntimeState();
        await FilterRun.Run(Login("bob", "Hello world!"), runtime, Filter);
        var state = new FilterState();
        state.Begin(80);

        Assert.True(FilterChain.Compile([Filter], "r", runtime, []).ApplyToRequestAsync(Login("bob", "Hello world!"), state).AsTask().IsCompletedSuccessfully);
        Assert.Null(runtime.Passwords.TryRecall("bob", "Hello world!"u8, "another hash"));
        Assert.Null(runtime.Passwords.TryRecall("bob", "wrong"u8, Filter.Users[1].Hash));
    }

    [Fact]
    public async Task A_user_whose_hash_cannot_be_checked_is_listed_and_refused_and_the_others_are_not()
    {
        var problems = new List<string>();
        var chain = FilterChain.Compile([Filter with { Users = [.. Filter.Users, new PasswordHash("old", "DESDESDESDESD")] }], "r", new RuntimeState(), problems);
        var state = new FilterState();
        state.Begin(80);
        Assert.Null(await chain.ApplyToRequestAsync(Login("ann", "Hello world!"), state));
        state.Begin(80);
        Assert.Equal(401, (await chain.ApplyToRequestAsync(Login("old", "DESDESDESDESD"), state))?.Status);
        Assert.Contains("'old'", Assert.Single(problems), StringComparison.Ordinal);
        Assert.DoesNotContain("DES", problems[0], StringComparison.Ordinal);
    }

    private static RequestHead Login(string user, string password) =>
        Request("a.test/", "GET", ("Authorization", "basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))));
}
