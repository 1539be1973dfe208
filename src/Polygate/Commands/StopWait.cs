namespace Polygate.Commands;

/// <summary>Waits for the signal to end.</summary>
internal static class StopWait
{
    public static async Task ForAsync(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stop.Register(stopped.SetResult);
        await stopped.Task;
    }
}
