using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Transport.Tls;

namespace Polygate.Proxy.Tests.Transport.Tls;

/// <summary>TLS over every transport, against .NET's own client and against itself.</summary>
public sealed class TlsChannelTests
{
    private static readonly CertificateStore Store = CertificateStore.Empty;

    public static TheoryData<TransportKind> Kinds => TransportHost.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public async Task Bytes_come_back_from_an_echo_on_its_loop(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var strayed = 0;
        using var listener = Serve(host, async (channel, info) =>
        {
            Assert.Equal("example.com", info.ServerName);
            Assert.Equal("http/1.1", info.Protocol);
            var buffer = new byte[5000];
            while (true)
            {
                await channel.WaitToReceiveAsync();
                var count = await channel.ReceiveAsync(buffer);
                strayed += EventLoop.Current == channel.Loop ? 0 : 1;
                if (count == 0)
                {
                    break;
                }

                await channel.SendAsync(buffer.AsMemory(0, count / 2), buffer.AsMemory(count / 2, count - (count / 2)));
                strayed += EventLoop.Current == channel.Loop ? 0 : 1;
            }

            await channel.ShutdownSendAsync();
        });
        await using var client = await DialAsync(listener.EndPoint);
        var message = new byte[300_000];
        Random.Shared.NextBytes(message);

        var sending = Task.Run(async () =>
        {
            await client.WriteAsync(message);
            await client.ShutdownAsync();
        });
        using var answer = new MemoryStream();
        await client.CopyToAsync(answer).WaitAsync(TransportHost.Patience);
        await sending;

        Assert.Equal(message, answer.ToArray());
        Assert.Equal(0, strayed);
        Assert.Empty(host.Reports);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Both_ends_may_be_ours(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        using var listener = Serve(host, (channel, _) => ChannelContractTests.EchoAsync(channel));
        var loop = host.Transport.Loops[0];

        await host.On(loop, async () =>
        {
            var inner = await loop.ConnectAsync(listener.EndPoint, TransportHost.Patience);
            using var channel = await TlsChannel.ConnectAsync(inner, ClientOptions());
            var buffer = new byte[100];
            for (var i = 0; i < 20; i++)
            {
                await channel.SendAsync("over "u8.ToArray(), "TLS"u8.ToArray());
                Assert.Equal("over TLS", Encoding.ASCII.GetString(buffer, 0, await channel.ReceiveAsync(buffer)));
                Assert.Same(loop, EventLoop.Current);
            }
        });
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_receive_that_times_out_loses_nothing(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var timedOut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = Serve(host, async (channel, _) =>
        {
            channel.ReceiveTimeout = TimeSpan.FromMilliseconds(150);
            var failure = await Assert.ThrowsAsync<ChannelException>(async () => await channel.ReceiveAsync(new byte[10]));
            Assert.Equal(ChannelError.TimedOut, failure.Error);
            timedOut.SetResult();
            channel.ReceiveTimeout = Timeout.InfiniteTimeSpan;
            await ChannelContractTests.EchoAsync(channel);
        });
        await using var client = await DialAsync(listener.EndPoint);
        await timedOut.Task.WaitAsync(TransportHost.Patience);

        await client.WriteAsync("late"u8.ToArray());
        var answer = new byte[4];
        await client.ReadExactlyAsync(answer).AsTask().WaitAsync(TransportHost.Patience);
        Assert.Equal("late", Encoding.ASCII.GetString(answer));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Disposing_says_goodbye(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        using var listener = Serve(host, async (channel, _) => await channel.SendAsync("bye"u8.ToArray()));
        await using var client = await DialAsync(listener.EndPoint);
        using var answer = new MemoryStream();

        await client.CopyToAsync(answer).WaitAsync(TransportHost.Patience);

        Assert.Equal("bye", Encoding.ASCII.GetString(answer.ToArray()));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Aborting_fails_what_waits(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var failed = new TaskCompletionSource<ChannelException>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = Serve(host, async (channel, _) =>
        {
            var waiting = channel.WaitToReceiveAsync().AsTask();
            channel.Abort();
            failed.SetResult(await Assert.ThrowsAsync<ChannelException>(() => waiting));
        });
        await using var client = await DialAsync(listener.EndPoint);

        Assert.Equal(ChannelError.Aborted, (await failed.Task.WaitAsync(TransportHost.Patience)).Error);
        await Assert.ThrowsAnyAsync<IOException>(async () => await client.ReadExactlyAsync(new byte[1]).AsTask().WaitAsync(TransportHost.Patience));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_client_that_speaks_no_TLS_gets_no_byte(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        using var listener = Serve(host, (_, _) => throw new InvalidOperationException("accepted"));
        using var client = await TransportHost.DialAsync(listener.EndPoint);

        await client.SendAsync("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"u8.ToArray());

        Assert.Empty(await TransportHost.ReadToEndAsync(client));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_client_hello_may_come_byte_by_byte(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        using var listener = Serve(host, (channel, _) => ChannelContractTests.EchoAsync(channel));
        using var socket = await TransportHost.DialAsync(listener.EndPoint);
        await using var client = new SslStream(new DribblingStream(socket));

        await client.AuthenticateAsClientAsync(ClientOptions()).WaitAsync(TransportHost.Patience);
        await client.WriteAsync("x"u8.ToArray());

        Assert.Equal('x', client.ReadByte());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task An_old_version_is_refused(TransportKind kind)
    {
        var key = new ListenerKey(443);
        var store = CertificateStore.Of(TestCertificates.Configuration(
            [TestCertificates.Ecdsa("one", "example.com")],
            new TlsBinding(key, HostPattern.Any, ["one"], TestCertificates.Origin, TlsVersion.Tls13)));
        await using var host = new TransportHost(kind);
        using var listener = Serve(host, (_, _) => throw new InvalidOperationException("accepted"), store, key);

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var socket = await TransportHost.DialAsync(listener.EndPoint);
            await using var client = new SslStream(new NetworkStream(socket));
            var options = ClientOptions();
            options.EnabledSslProtocols = SslProtocols.Tls12;
            await client.AuthenticateAsClientAsync(options).WaitAsync(TransportHost.Patience);
        });
        Assert.Empty(host.Reports);
    }

    private static IListeningSocket Serve(
        TransportHost host, Func<Channel, TlsInfo, Task> serve, CertificateStore? store = null, ListenerKey key = default) =>
        host.Serve(async channel =>
        {
            var (secure, info) = await TlsAcceptor.AcceptAsync(channel, hello => (store ?? Store).Select([key], hello));
            using (secure)
            {
                await serve(secure, info);
            }
        });

    private static async Task<SslStream> DialAsync(IPEndPoint endpoint)
    {
        var client = new SslStream(new NetworkStream(await TransportHost.DialAsync(endpoint), ownsSocket: true));
        await client.AuthenticateAsClientAsync(ClientOptions()).WaitAsync(TransportHost.Patience);
        return client;
    }

    private static SslClientAuthenticationOptions ClientOptions() => new()
    {
        TargetHost = "example.com",
        ApplicationProtocols = [SslApplicationProtocol.Http11],
#pragma warning disable CA5359 // The certificate is the gateway's self-signed default.
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
    };

    /// <summary>Sends one byte at a time.</summary>
    private sealed class DribblingStream(Socket socket) : NetworkStream(socket)
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            for (var i = 0; i < buffer.Length; i++)
            {
                await base.WriteAsync(buffer.Slice(i, 1), cancellationToken);
            }
        }
    }
}
