using System.Net;

namespace Polygate.Proxy.Transport;

/// <summary>
/// One listening socket a loop on the same address (SO_REUSEPORT): the system spreads connections by hash, and a loop
/// that has got more than its share passes new ones on.
/// </summary>
internal sealed class EpollListener : IListeningSocket
{
    private readonly EpollLoop[] loops;
    private readonly Acceptor[] acceptors;
    private readonly int maximumConnections;
    private readonly Action<Channel> onConnection;
    private int disposed;

    internal EpollListener(IPEndPoint endpoint, EpollLoop[] loops, int maximumConnections, Action<Channel> onConnection)
    {
        this.loops = loops;
        this.maximumConnections = maximumConnections;
        this.onConnection = onConnection;
        var descriptors = ListeningSockets.Open(ref endpoint, loops.Length);
        EndPoint = endpoint;
        acceptors = new Acceptor[loops.Length];
        for (var i = 0; i < loops.Length; i++)
        {
            acceptors[i] = new Acceptor(this, loops[i]) { Descriptor = descriptors[i] };
            loops[i].Post(static acceptor => ((Acceptor)acceptor!).Start(), acceptors[i]);
        }
    }

    public IPEndPoint EndPoint { get; }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            for (var i = 0; i < loops.Length; i++)
            {
                loops[i].Post(static acceptor => ((Acceptor)acceptor!).Stop(), acceptors[i]);
            }
        }
    }

    /// <summary>Whether there are as many connections as there may be.</summary>
    private bool IsFull()
    {
        long open = 0;
        foreach (var loop in loops)
        {
            open += loop.Connections;
        }

        return open >= maximumConnections;
    }

    private EpollLoop Choose(EpollLoop own)
    {
        var quietest = own;
        foreach (var loop in loops)
        {
            if (loop.Connections < quietest.Connections)
            {
                quietest = loop;
            }
        }

        // A hand-over wakes another thread: worth it for a real imbalance only.
        var tolerated = quietest.Connections + 4 + (quietest.Connections / 8);
        return own.Connections > tolerated ? quietest : own;
    }

    /// <summary>The listening socket of one loop.</summary>
    private sealed class Acceptor(EpollListener listener, EpollLoop loop) : EpollHandle
    {
        private const int PerTurn = 32;
        private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

        private bool isOpen = true;
        private bool isFull;

        internal void Start() => loop.Add(this, Libc.EpollIn);

        /// <summary>Serves what the system has accepted already, then closes.</summary>
        internal void Stop()
        {
            if (isOpen)
            {
                while (AcceptOne() == 0)
                {
                }

                Abandon();
            }
        }

        internal override void OnEvents(uint events)
        {
            for (var i = 0; i < PerTurn; i++)
            {
                if (listener.IsFull())
                {
                    WaitForRoom();
                    return;
                }

                var error = AcceptOne();
                if (error == Libc.Again)
                {
                    return;
                }

                if (error is Libc.TooManyFiles or Libc.TooManyFilesInSystem or Libc.NoBuffers or Libc.OutOfMemory)
                {
                    Pause(error);
                    return;
                }
            }
        }

        internal override void Abandon()
        {
            if (isOpen)
            {
                isOpen = false;
                loop.Close(this);
            }
        }

        /// <summary>0, or why there was nothing to accept.</summary>
        private unsafe int AcceptOne()
        {
            SocketAddress address;
            var length = SocketAddress.Capacity;
            var accepted = Libc.Accept(Descriptor, &address, &length, Libc.SockNonBlock | Libc.SockCloseOnExec);
            if (accepted < 0)
            {
                return Libc.Error;
            }

            var target = listener.Choose(loop);

            // Counted here and not when the other loop takes it over, so that the limit holds meanwhile.
            target.CountConnection(1);
            if (target == loop)
            {
                Serve(loop, accepted, address);
            }
            else
            {
                target.Post(static state =>
                {
                    var (acceptor, target, accepted, address) = ((Acceptor, EpollLoop, int, SocketAddress))state!;
                    acceptor.Serve(target, accepted, address);
                }, (this, target, accepted, address));
            }

            return 0;
        }

        private void Serve(EpollLoop target, int accepted, in SocketAddress address)
        {
            if (!EpollChannel.TryAccept(target, accepted, address, out var channel))
            {
                return;
            }

            try
            {
                listener.onConnection(channel);
            }
            catch (Exception exception)
            {
                target.Report($"Serving a connection on {listener.EndPoint} failed.", exception);
                channel.Abort();
            }
        }

        /// <summary>Nothing can be accepted until descriptors are free again: asking at once would only burn time.</summary>
        private void Pause(int error)
        {
            loop.Report($"Could not accept a connection on {listener.EndPoint}.", Libc.ToSocketException(error));
            Rest();
        }

        /// <summary>Clients beyond the limit stay in the system's queue; told once until there is room again.</summary>
        private void WaitForRoom()
        {
            if (!isFull)
            {
                loop.Report($"{listener.maximumConnections} connections are open, as many as there may be: others wait on {listener.EndPoint}.", null);
            }

            isFull = true;
            Rest();
        }

        private void Rest()
        {
            loop.Modify(this, 0);
            loop.StartTimer(PauseAfterFailure, static acceptor => ((Acceptor)acceptor!).Resume(), this);
        }

        private void Resume()
        {
            if (!isOpen)
            {
                return;
            }

            isFull &= listener.IsFull();
            if (isFull)
            {
                loop.StartTimer(PauseAfterFailure, static acceptor => ((Acceptor)acceptor!).Resume(), this);
            }
            else
            {
                loop.Modify(this, Libc.EpollIn);
            }
        }
    }
}
