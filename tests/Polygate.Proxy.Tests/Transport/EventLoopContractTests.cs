using System.Net;
using System.Net.Sockets;
using System.Text;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Tests.Transport;

/// <summary>What a loop and its listeners do, over every transport.</summary>
public sealed class EventLoopContractTests
{
    public static TheoryData<TransportKind> Kinds => TransportHost.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public async Task Posted_work_of_many_threads_runs_on_the_loop_in_each_threads_order(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var loop = host.Transport.Loops[1];
        const int Threads = 8, Each = 2000;
        var last = new int[Threads];
        var wrong = 0;
        var left = Threads * Each;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (var i = 1; i <= Each; i++)
            {
                var number = i;
                loop.Post(_ =>
                {
                    wrong += EventLoop.Current == loop && last[thread] == number - 1 ? 0 : 1;
                    last[thread] = number;
                    if (--left == 0)
                    {
                        done.SetResult();
                    }
                }, null);
            }
        })));
        await done.Task.WaitAsync(TransportHost.Patience);

        Assert.Equal(0, wrong);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Whoever_holds_a_loop_too_long_is_named_once_in_a_while(TransportKind kind)
    {
        await using var host = new TransportHost(kind, loops: 1);
        var loop = host.Transport.Loops[0];
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        for (var i = 0; i < 3; i++)
        {
            loop.Post(_ =>
            {
                loop.Holder = "the route with the slow filter";
                var until = Environment.TickCount64 + (4 * HoldWatch.LongestHold);
                while (Environment.TickCount64 < until)
                {
                    Thread.SpinWait(100);
                }
            }, null);
        }

        loop.Post(_ => done.SetResult(), null);
        await done.Task.WaitAsync(TransportHost.Patience);

        var said = Assert.Single(host.Holds, message => message.Contains("by the route with the slow filter", StringComparison.Ordinal));
        Assert.Matches(@"^Loop 0 was held for \d+ ms by ", said);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Timers_fire_in_time_order_unless_cancelled(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var loop = host.Transport.Loops[0];
        var fired = new List<string>();

        await host.On(loop, async () =>
        {
            loop.StartTimer(TimeSpan.FromMilliseconds(500), static state => ((List<string>)state!).Add("second"), fired);
            loop.StartTimer(TimeSpan.FromMilliseconds(100), static state => ((List<string>)state!).Add("first"), fired);
            var cancelled = loop.StartTimer(TimeSpan.FromMilliseconds(200), static state => ((List<string>)state!).Add("cancelled"), fired);
            cancelled.Cancel();
            cancelled.Cancel();
            default(LoopTimer).Cancel();
            await loop.DelayAsync(TimeSpan.FromMilliseconds(900));
        });

        Assert.Equal(["first", "second"], fired);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Cancelling_a_timer_that_fired_leaves_its_reused_entry_alone(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var loop = host.Transport.Loops[0];
        var fired = 0;

        await host.On(loop, async () =>
        {
            var first = loop.StartTimer(TimeSpan.Zero, _ => fired++, null);
            await loop.DelayAsync(TimeSpan.FromMilliseconds(300));
            var second = loop.StartTimer(TimeSpan.Zero, _ => fired++, null);
            Assert.Same(first.Entry, second.Entry);
            first.Cancel();
            await loop.DelayAsync(TimeSpan.FromMilliseconds(300));
        });

        Assert.Equal(2, fired);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_loop_survives_what_runs_on_it(TransportKind kind)
    {
        await using var host = new TransportHost(kind, loops: 1);
        var loop = host.Transport.Loops[0];
        var calls = 0;
        using var listener = host.Transport.Listen(TransportHost.AnyPort, channel =>
        {
            if (++calls == 1)
            {
                throw new InvalidOperationException("accept");
            }

            channel.Dispose();
        });

        loop.Post(_ => throw new InvalidOperationException("post"), null);
        await host.On(loop, async () =>
        {
            loop.StartTimer(TimeSpan.Zero, _ => throw new InvalidOperationException("timer"), null);
            await loop.DelayAsync(TimeSpan.FromMilliseconds(300));
        });
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var refused = await TransportHost.DialAsync(listener.EndPoint);
            await refused.ReceiveAsync(new byte[1]).WaitAsync(TransportHost.Patience);
        });
        using var served = await TransportHost.DialAsync(listener.EndPoint);
        Assert.Equal(0, await served.ReceiveAsync(new byte[1]).WaitAsync(TransportHost.Patience));

        Assert.Equal(["accept", "post", "timer"], host.Reports.Select(report => report.Message).Order());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_refused_connection_says_so(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var loop = host.Transport.Loops[0];
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(TransportHost.AnyPort);

        var failure = await host.On(loop, async () => await Assert.ThrowsAsync<ChannelException>(
            async () => await loop.ConnectAsync((IPEndPoint)reserved.LocalEndPoint!, TransportHost.Patience)));

        Assert.Equal(ChannelError.ConnectFailed, failure.Error);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_connection_that_is_never_answered_times_out(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var loop = host.Transport.Loops[0];

        // A listener that accepts nothing and has no room left lets connection attempts hang (on Linux; others refuse).
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(TransportHost.AnyPort);
        full.Listen(0);
        var waiting = new List<Socket>();
        try
        {
            for (var i = 0; i < 8; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                waiting.Add(socket);
                Assert.Throws<SocketException>(() => socket.Connect(full.LocalEndPoint!));
            }

            var failure = await host.On(loop, async () => await Assert.ThrowsAsync<ChannelException>(
                async () => await loop.ConnectAsync((IPEndPoint)full.LocalEndPoint!, TimeSpan.FromMilliseconds(200))));
            Assert.Equal(OperatingSystem.IsLinux() ? ChannelError.TimedOut : failure.Error, failure.Error);
        }
        finally
        {
            waiting.ForEach(socket => socket.Dispose());
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Many_connections_are_served_and_spread_over_the_loops(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var perLoop = new int[2];
        using var listener = host.Serve(async channel =>
        {
            Interlocked.Increment(ref perLoop[channel.Loop.Index]);
            await ChannelContractTests.EchoAsync(channel);
        });

        var clients = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => TransportHost.DialAsync(listener.EndPoint)));
        await Task.WhenAll(clients.Select(async (client, number) =>
        {
            var message = BitConverter.GetBytes(number);
            for (var i = 0; i < 5; i++)
            {
                await client.SendAsync(message);
                var answer = new byte[4];
                var count = 0;
                while (count < 4)
                {
                    count += await client.ReceiveAsync(answer.AsMemory(count)).AsTask().WaitAsync(TransportHost.Patience);
                }

                Assert.Equal(message, answer);
            }
        }));
        Array.ForEach(clients, client => client.Dispose());

        Assert.Equal(300, perLoop.Sum());
        Assert.InRange(perLoop[0], 100, 200);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_disposed_listener_refuses_new_connections_and_leaves_the_others_alone(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var listener = host.Serve(ChannelContractTests.EchoAsync);
        using var client = await TransportHost.DialAsync(listener.EndPoint);
        var answer = new byte[4];
        await client.SendAsync("ping"u8.ToArray());
        await client.ReceiveAsync(answer);

        listener.Dispose();
        listener.Dispose();

        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (true)
            {
                (await TransportHost.DialAsync(listener.EndPoint)).Dispose();
            }
        }).WaitAsync(TransportHost.Patience);
        await client.SendAsync("pong"u8.ToArray());
        Assert.Equal(4, await client.ReceiveAsync(answer));
        Assert.Equal("pong"u8, answer);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task An_address_in_use_cannot_be_listened_on(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        using var listener = host.Serve(ChannelContractTests.EchoAsync);

        var failure = Assert.Throws<SocketException>(() => host.Serve(ChannelContractTests.EchoAsync, listener.EndPoint));

        Assert.Equal(SocketError.AddressAlreadyInUse, failure.SocketErrorCode);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Every_address_means_both_families(TransportKind kind)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using var host = new TransportHost(kind);
        using var listener = host.Serve(async channel =>
        {
            await channel.SendAsync(Encoding.ASCII.GetBytes(channel.RemoteEndPoint.Address.ToString()));
        }, new IPEndPoint(IPAddress.IPv6Any, 0));

        using var four = await TransportHost.DialAsync(new IPEndPoint(IPAddress.Loopback, listener.EndPoint.Port));
        using var six = await TransportHost.DialAsync(new IPEndPoint(IPAddress.IPv6Loopback, listener.EndPoint.Port));

        Assert.Equal("127.0.0.1", Encoding.ASCII.GetString(await TransportHost.ReadToEndAsync(four)));
        Assert.Equal("::1", Encoding.ASCII.GetString(await TransportHost.ReadToEndAsync(six)));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Disposing_the_transport_breaks_what_is_open(TransportKind kind)
    {
        var host = new TransportHost(kind);
        using var listener = host.Serve(ChannelContractTests.EchoAsync);
        using var client = await TransportHost.DialAsync(listener.EndPoint);
        var answer = new byte[4];
        await client.SendAsync("ping"u8.ToArray());
        await client.ReceiveAsync(answer);

        await host.DisposeAsync().AsTask().WaitAsync(TransportHost.Patience);

        await Assert.ThrowsAsync<SocketException>(async () => await client.ReceiveAsync(answer).WaitAsync(TransportHost.Patience));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Work_that_ended_elsewhere_comes_back_to_its_loop(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        var loop = host.Transport.Loops[1];

        var places = await host.On(loop, async () =>
        {
            await Task.Run(() => { }).ConfigureAwait(false);
            await Task.Yield();
            var away = EventLoop.Current == loop;
            await loop.SwitchTo();
            return (away, EventLoop.Current == loop);
        });

        Assert.Equal((false, true), places);
    }
}
