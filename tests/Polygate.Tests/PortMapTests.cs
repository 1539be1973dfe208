using System.Net;
using Polygate.Model;
using Polygate.Running;

namespace Polygate.Tests;

public sealed class PortMapTests
{
    [Theory]
    [InlineData(80, 8080)]
    [InlineData(443, 8443)]
    [InlineData(1023, 9023)]
    [InlineData(1024, 1024)]
    [InlineData(8080, 8080)]
    [InlineData(81, 80)]
    public void Ports_that_an_ordinary_user_may_not_bind_are_bound_8000_higher_unless_mapped(int configured, int bound) =>
        Assert.Equal(bound, new PortMap(null, new Dictionary<int, int> { [81] = 80 }).PortFor(configured));

    [Fact]
    public void Without_an_offset_ports_are_bound_as_configured() =>
        Assert.Equal(IPEndPoint.Parse("127.0.0.9:80"), new PortMap(null, new Dictionary<int, int>(), offset: 0).EndPointFor(new ListenerKey(80, "127.0.0.9")));

    [Fact]
    public void The_address_of_the_installation_goes_before_that_of_the_listener()
    {
        var listener = new ListenerKey(80, "127.0.0.9");

        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 8080), new PortMap(IPAddress.Loopback, new Dictionary<int, int>()).EndPointFor(listener));
        Assert.Equal(IPEndPoint.Parse("127.0.0.9:8080"), new PortMap(null, new Dictionary<int, int>()).EndPointFor(listener));
        Assert.Null(new PortMap(null, new Dictionary<int, int>()).EndPointFor(new ListenerKey(80, "a name")));
    }
}
