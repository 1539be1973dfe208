namespace Polygate.Testing.ApiServer.Faults;

/// <summary>Lets through while open, holds while closed.</summary>
internal sealed class Gate
{
    private volatile TaskCompletionSource? closed;

    public bool IsClosed => closed is not null;

    public void Close() => closed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open()
    {
        var waiting = closed;
        closed = null;
        waiting?.TrySetResult();
    }

    public Task PassAsync(CancellationToken cancellation) => closed is { } waiting ? waiting.Task.WaitAsync(cancellation) : Task.CompletedTask;
}
