namespace Polygate.Model.Tests;

/// <summary>Which hosts are the machine itself, however they are written.</summary>
public sealed class LocalAddressTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.250.1.9")]
    [InlineData("127.1")]
    [InlineData("0x7f000001")]
    [InlineData("2130706433")]
    [InlineData("0.0.0.0")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("::")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("fe80::1")]
    [InlineData("localhost")]
    [InlineData("LocalHost.")]
    [InlineData("admin.localhost")]
    public void The_machine_itself_and_its_link_are_local(string host) => Assert.True(LocalAddress.IsLocal(host));

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("128.0.0.1")]
    [InlineData("126.255.255.255")]
    [InlineData("169.253.1.1")]
    [InlineData("192.168.0.1")]
    [InlineData("2001:db8::1")]
    [InlineData("fd00::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("app.example")]
    [InlineData("notlocalhost")]
    [InlineData("localhost.example")]
    [InlineData("")]
    public void Everything_else_is_not(string host) => Assert.False(LocalAddress.IsLocal(host));
}
