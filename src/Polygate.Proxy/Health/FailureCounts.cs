namespace Polygate.Proxy.Health;

/// <summary>What passive checks remember of one endpoint. Thread-safe.</summary>
internal sealed class FailureCounts
{
    private int failures;
    private int gatewayErrors;
    private int connectionErrors;
    private int timeouts;
    private int inWindow;
    private long windowStart = long.MinValue;
    private int ejections;
    private int successesInInterval;
    private int requestsInInterval;

    public int CountFailure(bool isFailure, bool successResets) => Count(ref failures, isFailure, successResets);

    public int CountGatewayError(bool isFailure, bool successResets) => Count(ref gatewayErrors, isFailure, successResets);

    public int CountConnectionError(bool isFailure, bool successResets) => Count(ref connectionErrors, isFailure, successResets);

    public int CountTimeout(bool isFailure, bool successResets) => Count(ref timeouts, isFailure, successResets);

    /// <summary>Counts a failure in the window that began with its first one.</summary>
    public int CountInWindow(long now, long length)
    {
        var start = Volatile.Read(ref windowStart);
        if ((start == long.MinValue || now - start > length) && Interlocked.CompareExchange(ref windowStart, now, start) == start)
            Volatile.Write(ref inWindow, 0);

        return Interlocked.Increment(ref inWindow);
    }

    /// <summary>How many ejections count towards the next one's length, itself included.</summary>
    /// <param name="passed">How many ejection times have passed since the last one ended.</param>
    public int NextEjection(long passed)
    {
        var count = (int)Math.Max(0, Volatile.Read(ref ejections) - passed) + 1;
        Volatile.Write(ref ejections, count);
        return count;
    }

    /// <summary>After an ejection everything is counted anew.</summary>
    public void Reset()
    {
        failures = gatewayErrors = connectionErrors = timeouts = inWindow = 0;
        Volatile.Write(ref windowStart, long.MinValue);
    }

    public void CountResult(bool isSuccess)
    {
        Interlocked.Increment(ref requestsInInterval);
        if (isSuccess)
            Interlocked.Increment(ref successesInInterval);
    }

    /// <summary>The counts since the last time.</summary>
    public (int Successes, int Requests) TakeInterval() => (Interlocked.Exchange(ref successesInInterval, 0), Interlocked.Exchange(ref requestsInInterval, 0));

    private static int Count(ref int counter, bool isFailure, bool successResets)
    {
        if (isFailure)
            return Interlocked.Increment(ref counter);

        if (successResets && Volatile.Read(ref counter) != 0)
            Volatile.Write(ref counter, 0);

        return 0;
    }
}
