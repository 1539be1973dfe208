using System.Net;
using System.Net.Sockets;
using System.Text;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Tests.Transport;

/// <summary>What a connection does, over every transport.</summary>
public sealed class ChannelContractTests
{
    public static TheoryData<TransportKind> Kinds => TransportHost.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public async Task Bytes_come_back_from_an_echo(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        using var listener = host.Serve(EchoAsync);
        using var client = await TransportHost.DialAsync(listener.EndPoint);

        await client.SendAsync("hello"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("hello", Encoding.ASCII.GetString(await TransportHost.ReadToEndAsync(client)));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Everything_of_a_connection_runs_on_its_loop(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var strayed = 0;
        using var listener = host.Serve(async channel =>
        {
            var buffer = new byte[16];
            while (true)
            {
                Count(channel);
                await channel.WaitToReceiveAsync();
                Count(channel);
                var count = await channel.ReceiveAsync(buffer);
                Count(channel);
                if (count == 0)
                {
                    return;
                }

                await channel.SendAsync(buffer.AsMemory(0, count));
            }
        });
        using var client = await TransportHost.DialAsync(listener.EndPoint);
        var answer = new byte[4];
        for (var i = 0; i < 50; i++)
        {
            await client.SendAsync("ping"u8.ToArray());
            await client.ReceiveAsync(answer);
        }

        client.Shutdown(SocketShutdown.Send);
        await TransportHost.ReadToEndAsync(client);
        Assert.Equal(0, strayed);

        void Count(Channel channel) => strayed += EventLoop.Current == channel.Loop ? 0 : 1;
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Half_closing_lets_the_other_half_go_on(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        using var listener = host.Serve(async channel =>
        {
            await channel.SendAsync("first"u8.ToArray());
            await channel.ShutdownSendAsync();
            var buffer = new byte[64];
            Assert.Equal("late", Encoding.ASCII.GetString(buffer, 0, await channel.ReceiveAsync(buffer)));
            Assert.Equal(0, await channel.ReceiveAsync(buffer));
            Assert.Equal(0, await channel.ReceiveAsync(buffer));
        });
        using var client = await TransportHost.DialAsync(listener.EndPoint);

        Assert.Equal("first", Encoding.ASCII.GetString(await TransportHost.ReadToEndAsync(client)));
        await client.SendAsync("late"u8.ToArray());
        client.Shutdown(SocketShutdown.Both);
        Assert.Empty(host.Reports);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Abort_resets_the_connection_and_fails_what_waits(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var (listener, accepted) = host.ListenForOne();
        using var _ = listener;
        using var client = await TransportHost.DialAsync(listener.EndPoint);
        var channel = await accepted;

        var failure = await host.On(channel, async () =>
        {
            var waiting = channel.ReceiveAsync(new byte[1]);
            channel.Abort();
            channel.Abort();
            return await Assert.ThrowsAsync<ChannelException>(async () => await waiting);
        });

        Assert.Equal(ChannelError.Aborted, failure.Error);
        var seen = await Assert.ThrowsAsync<SocketException>(async () => await client.ReceiveAsync(new byte[1]).WaitAsync(TransportHost.Patience));
        Assert.Equal(SocketError.ConnectionReset, seen.SocketErrorCode);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task What_waits_on_an_aborted_channel_is_not_run_inside_the_call(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var (listener, accepted) = host.ListenForOne();
        using var _ = listener;
        using var client = await TransportHost.DialAsync(listener.EndPoint);
        var channel = await accepted;

        await host.On(channel, async () =>
        {
            var ended = false;
            var waiting = WaitAsync();
            channel.Abort();
            Assert.False(ended);
            await waiting;
            Assert.True(ended);

            async Task WaitAsync()
            {
                await Assert.ThrowsAsync<ChannelException>(async () => await channel.WaitToReceiveAsync());
                ended = true;
            }
        });
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_reset_by_the_other_side_is_a_reset_here(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var (listener, accepted) = host.ListenForOne();
        using var _ = listener;
        var client = await TransportHost.DialAsync(listener.EndPoint);
        var channel = await accepted;

        var failing = host.On(channel, async () => await Assert.ThrowsAsync<ChannelException>(async () =>
        {
            await channel.WaitToReceiveAsync();
            await channel.ReceiveAsync(new byte[1]);
        }));
        client.LingerState = new LingerOption(true, 0);
        client.Dispose();

        Assert.Equal(ChannelError.Reset, (await failing).Error);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task An_answer_that_came_before_the_connection_broke_can_still_be_received(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var (listener, accepted) = host.ListenForOne();
        using var _ = listener;
        var client = await TransportHost.DialAsync(listener.EndPoint);
        var channel = await accepted;
        await client.SendAsync("refused"u8.ToArray());
        client.LingerState = new LingerOption(true, 0);
        client.Dispose();

        await host.On(channel, async () =>
        {
            await Assert.ThrowsAsync<ChannelException>(async () =>
            {
                while (true)
                {
                    await channel.SendAsync(new byte[1000]);
                }
            });
            var buffer = new byte[100];
            Assert.Equal("refused", Encoding.ASCII.GetString(buffer, 0, await channel.ReceiveAsync(buffer)));
            var failure = await Assert.ThrowsAsync<ChannelException>(async () => await channel.ReceiveAsync(buffer));
            Assert.Equal(ChannelError.Reset, failure.Error);
            failure = await Assert.ThrowsAsync<ChannelException>(async () => await channel.ReceiveAsync(buffer));
            Assert.Equal(ChannelError.Reset, failure.Error);
        });
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_receive_that_times_out_loses_nothing_and_leaves_sending_possible(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var (listener, accepted) = host.ListenForOne();
        using var _ = listener;
        using var client = await TransportHost.DialAsync(listener.EndPoint);
        var channel = await accepted;

        await host.On(channel, async () =>
        {
            channel.ReceiveTimeout = TimeSpan.FromMilliseconds(150);
            var failure = await Assert.ThrowsAsync<ChannelException>(async () => await channel.ReceiveAsync(new byte[8]));
            Assert.Equal(ChannelError.TimedOut, failure.Error);
            failure = await Assert.ThrowsAsync<ChannelException>(async () => await channel.WaitToReceiveAsync());
            Assert.Equal(ChannelError.TimedOut, failure.Error);
            await channel.SendAsync("late"u8.ToArray());
        });

        var answer = new byte[8];
        Assert.Equal(4, await client.ReceiveAsync(answer));
        await client.SendAsync("sorry"u8.ToArray());
        var received = await host.On(channel, async () =>
        {
            channel.ReceiveTimeout = Timeout.InfiniteTimeSpan;
            var buffer = new byte[8];
            return Encoding.ASCII.GetString(buffer, 0, await channel.ReceiveAsync(buffer));
        });
        Assert.Equal("sorry", received);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_send_to_a_reader_that_stopped_times_out_and_breaks_the_connection(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var (listener, accepted) = host.ListenForOne();
        using var _ = listener;
        using var client = await TransportHost.DialAsync(listener.EndPoint);
        var channel = await accepted;

        await host.On(channel, async () =>
        {
            channel.SendTimeout = TimeSpan.FromMilliseconds(150);
            var block = new byte[1 << 20];
            var failure = await Assert.ThrowsAsync<ChannelException>(async () =>
            {
                for (var i = 0; i < 1000; i++)
                {
                    await channel.SendAsync(block);
                }
            });
            Assert.Equal(ChannelError.TimedOut, failure.Error);
            await Assert.ThrowsAsync<ChannelException>(async () => await channel.SendAsync(block));
        });
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_slow_reader_holds_the_sender_back_and_gets_every_byte(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        const int Total = 32 << 20;
        var sent = 0;
        using var listener = host.Serve(async channel =>
        {
            var block = new byte[64 << 10];
            while (sent < Total)
            {
                Fill(block, sent);
                await channel.SendAsync(block.AsMemory(0, 100), block.AsMemory(100));
                sent += block.Length;
            }
        });
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 << 10 };
        await client.ConnectAsync(listener.EndPoint);

        var buffer = new byte[40_000];
        var received = 0;
        Assert.True(await client.ReceiveAsync(buffer.AsMemory(0, 1)) == 1);
        Assert.Equal(0, buffer[0]);
        received = 1;
        // The sender is stuck long before the end: the system's buffers hold a few MiB at most.
        await host.On(host.Transport.Loops[0], async () => await host.Transport.Loops[0].DelayAsync(TimeSpan.FromMilliseconds(200)));
        Assert.True(Volatile.Read(ref sent) < Total);
        for (int count; (count = await client.ReceiveAsync(buffer)) > 0; received += count)
        {
            AssertFilled(buffer.AsSpan(0, count), received);
        }

        Assert.Equal(Total, received);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Streams_of_random_sizes_arrive_byte_by_byte(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        using var listener = host.Serve(EchoAsync);
        const int Total = 4 << 20;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
        {
            var loop = host.Transport.Loops[number % host.Transport.Loops.Count];
            await host.On(loop, async () =>
            {
                using var channel = await loop.ConnectAsync(listener.EndPoint, TransportHost.Patience);
                await Task.WhenAll(SendAsync(channel), ReceiveAsync(channel));
            });
        }));

        static async Task SendAsync(Channel channel)
        {
            var block = new byte[100_000];
            for (var sent = 0; sent < Total;)
            {
                var first = Random.Shared.Next(Math.Min(block.Length, Total - sent) + 1);
                var split = Random.Shared.Next(first + 1);
                Fill(block.AsSpan(0, first), sent);
                await channel.SendAsync(block.AsMemory(0, split), block.AsMemory(split, first - split));
                sent += first;
            }

            await channel.ShutdownSendAsync();
        }

        static async Task ReceiveAsync(Channel channel)
        {
            var block = new byte[100_000];
            var received = 0;
            while (true)
            {
                if (Random.Shared.Next(2) == 0)
                {
                    await channel.WaitToReceiveAsync();
                }

                var count = await channel.ReceiveAsync(block.AsMemory(0, 1 + Random.Shared.Next(block.Length)));
                if (count == 0)
                {
                    break;
                }

                AssertFilled(block.AsSpan(0, count), received);
                received += count;
            }

            Assert.Equal(Total, received);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_connection_that_never_rests_does_not_starve_its_neighbours(TransportKind kind)
    {
        await using var host = new TransportHost(kind, loops: 1);
        using var listener = host.Serve(EchoAsync);
        using var stop = new CancellationTokenSource();
        using var greedy = await TransportHost.DialAsync(listener.EndPoint);
        var flood = Task.Run(async () =>
        {
            var block = new byte[1 << 20];
            var drain = Task.Run(async () =>
            {
                var sink = new byte[1 << 20];
                while (await greedy.ReceiveAsync(sink) > 0)
                {
                }
            });
            while (!stop.IsCancellationRequested)
            {
                await greedy.SendAsync(block);
            }

            greedy.Shutdown(SocketShutdown.Send);
            await drain;
        });

        using var client = await TransportHost.DialAsync(listener.EndPoint);
        var answer = new byte[4];
        for (var i = 0; i < 100; i++)
        {
            await client.SendAsync("ping"u8.ToArray());
            Assert.Equal(4, await client.ReceiveAsync(answer).WaitAsync(TransportHost.Patience));
        }

        await stop.CancelAsync();
        await flood.WaitAsync(TransportHost.Patience);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Disposing_ends_the_stream_and_later_use_fails(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var (listener, accepted) = host.ListenForOne();
        using var _ = listener;
        using var client = await TransportHost.DialAsync(listener.EndPoint);
        var channel = await accepted;

        await host.On(channel, async () =>
        {
            await channel.SendAsync("bye"u8.ToArray());
            channel.Dispose();
            channel.Dispose();
            await Assert.ThrowsAsync<ChannelException>(async () => await channel.ReceiveAsync(new byte[1]));
            await Assert.ThrowsAsync<ChannelException>(async () => await channel.SendAsync(new byte[1]));
        });

        Assert.Equal("bye", Encoding.ASCII.GetString(await TransportHost.ReadToEndAsync(client)));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Both_ends_are_known_by_address(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var (listener, accepted) = host.ListenForOne();
        using var _ = listener;
        using var client = await TransportHost.DialAsync(listener.EndPoint);
        var channel = await accepted;

        Assert.Equal(client.LocalEndPoint, channel.RemoteEndPoint);
        Assert.Equal((IPEndPoint)client.RemoteEndPoint!, channel.LocalEndPoint);
    }

    internal static async Task EchoAsync(Channel channel)
    {
        var buffer = new byte[16 << 10];
        for (int count; (count = await channel.ReceiveAsync(buffer)) > 0;)
        {
            await channel.SendAsync(buffer.AsMemory(0, count));
        }
    }

    private static void Fill(Span<byte> block, int position)
    {
        for (var i = 0; i < block.Length; i++)
        {
            block[i] = Byte(position + i);
        }
    }

    private static void AssertFilled(ReadOnlySpan<byte> block, int position)
    {
        for (var i = 0; i < block.Length; i++)
        {
            if (block[i] != Byte(position + i))
            {
                Assert.Fail($"Byte {position + i} is {block[i]}, not {Byte(position + i)}.");
            }
        }
    }

    private static byte Byte(int position) => (byte)(position ^ (position >> 8) ^ (position >> 16));
}
