using System.Net;

namespace Polygate.Proxy.Transport;

/// <summary>One UDP socket a loop on the same address (SO_REUSEPORT): the system spreads clients by the hash of address and port.</summary>
internal sealed class EpollDatagramListener : IListeningSocket
{
    private readonly EpollLoop[] loops;
    private readonly EpollDatagrams?[] channels;
    private readonly IDatagramHandler handler;
    private int disposed;

    internal EpollDatagramListener(IPEndPoint endpoint, EpollLoop[] loops, IDatagramHandler handler)
    {
        this.loops = loops;
        this.handler = handler;
        var descriptors = ListeningSockets.OpenDatagrams(ref endpoint, loops.Length);
        EndPoint = endpoint;
        channels = new EpollDatagrams?[loops.Length];
        for (var i = 0; i < loops.Length; i++)
        {
            var (index, descriptor) = (i, descriptors[i]);
            loops[i].Post(_ => channels[index] = EpollDatagrams.Listen(loops[index], descriptor, EndPoint, handler), null);
        }
    }

    public IPEndPoint EndPoint { get; }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }

        for (var i = 0; i < loops.Length; i++)
        {
            var index = i;
            loops[i].Post(_ => Close(index), null);
        }
    }

    private void Close(int index)
    {
        if (channels[index] is { } channel)
        {
            channels[index] = null;
            channel.Dispose();
            handler.OnClosed(channel);
        }
    }
}
