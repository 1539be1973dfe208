using System.Threading.Channels;

namespace Polygate.Testing.ApiServer.Store;

/// <summary>A watch's place in the history of a resource: what it has still to tell, in order.</summary>
internal sealed class Watcher
{
    private readonly Channel<StoreEvent> pending = Channel.CreateUnbounded<StoreEvent>();

    /// <summary>Ends when the resource is no longer served or watches were dropped.</summary>
    public ChannelReader<StoreEvent> Events => pending.Reader;

    public void Tell(StoreEvent change) => pending.Writer.TryWrite(change);

    public void End() => pending.Writer.TryComplete();
}
