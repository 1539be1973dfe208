using System.IO.Pipelines;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Http2;

/// <summary>Has the loop's end of a pipe go on on the loop, whichever thread moved the other end.</summary>
internal sealed class LoopPipeScheduler(EventLoop loop) : PipeScheduler
{
    public override void Schedule(Action<object?> action, object? state) => loop.Post(action, state);
}
