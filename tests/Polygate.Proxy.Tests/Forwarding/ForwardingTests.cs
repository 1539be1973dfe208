namespace Polygate.Proxy.Tests.Forwarding;

public sealed class ForwardingTests
{
    [Fact]
    public async Task A_request_reaches_the_backend_and_its_answer_the_client()
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = TestProxy.To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET /a?b=c HTTP/1.1\r\nHost: Example.com:81\r\nX-Odd:   two  words \t\r\n\r\n");
        var answer = await client.ReadResponseAsync();

        Assert.Equal(200, answer.Status);
        Assert.StartsWith("GET /a?b=c HTTP/1.1\r\nHost: Example.com:81\r\n", answer.Body, StringComparison.Ordinal);
        Assert.Contains("X-Odd: two  words\r\n", answer.Body, StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-For: 127.0.0.1\r\n", answer.Body, StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-Host: Example.com:81\r\n", answer.Body, StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-Port: 8080\r\n", answer.Body, StringComparison.Ordinal);
        Assert.NotNull(answer["Date"]);
    }
}
