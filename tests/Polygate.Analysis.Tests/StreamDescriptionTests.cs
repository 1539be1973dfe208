using Polygate.Model;

namespace Polygate.Analysis.Tests;

public sealed class StreamDescriptionTests
{
    private static readonly StreamRoute Route = new("r", new Origin("test", "Test", "default", "test"), "test", 0, [], []);

    [Fact]
    public void Shares_are_told_and_what_nobody_gets()
    {
        Assert.Equal("closed", StreamDescription.Target(Route));
        Assert.Equal("a:1", StreamDescription.Target(Route with { Backends = [new WeightedBackend("a:1"), new WeightedBackend("b:1", 0)] }));
        Assert.Equal(
            "a:1 (75%), closed (25%)", StreamDescription.Target(Route with { Backends = [new WeightedBackend("a:1", 3), new WeightedBackend(null)] }));
    }

    [Fact]
    public void What_is_passed_on_is_told()
    {
        var tcp = new ListenerKey(1);

        Assert.Equal("(stream)", StreamDescription.Handling(Route, tcp));
        Assert.Equal("(TLS, unopened)", StreamDescription.Handling(Route with { Tls = StreamTls.Passthrough }, tcp));
        Assert.Equal("(inside TLS)", StreamDescription.Handling(Route with { Tls = StreamTls.Terminate }, tcp));
        Assert.Equal("(datagrams)", StreamDescription.Handling(Route, tcp with { IsUdp = true }));
    }
}
