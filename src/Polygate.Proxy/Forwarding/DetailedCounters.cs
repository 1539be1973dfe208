namespace Polygate.Proxy.Forwarding;

/// <summary>
/// The counts of one route by method and status. Written on its loop alone; a combination seen for the first time makes a new list, so that
/// readers on other threads see a whole one.
/// </summary>
internal sealed class DetailedCounters
{
    private static readonly string[] Methods = ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"];

    private volatile RequestDetail[] details = [];

    public IReadOnlyList<RequestDetail> All => details;

    /// <param name="method">Any other than the registered ones counts as <c>OTHER</c>, so that clients cannot make new combinations at will.</param>
    /// <param name="status">The status; 499 for a client that went away.</param>
    /// <param name="milliseconds">From the request's head to the end of the answer.</param>
    /// <param name="requestBytes">Of the request's body.</param>
    /// <param name="responseBytes">Of the answer's body.</param>
    public void Count(ReadOnlySpan<byte> method, int status, long milliseconds, long requestBytes, long responseBytes)
    {
        var known = details;
        foreach (var detail in known)
        {
            if (detail.Status == status && IsMethod(detail.Method, method))
            {
                detail.Count(milliseconds, requestBytes, responseBytes);
                return;
            }
        }

        var added = new RequestDetail(NameOf(method), status);
        added.Count(milliseconds, requestBytes, responseBytes);
        details = [.. known, added];
    }

    private static bool IsMethod(string name, ReadOnlySpan<byte> method) =>
        System.Text.Ascii.Equals(method, name) || (name == RequestDetail.OtherMethod && NameOf(method) == name);

    private static string NameOf(ReadOnlySpan<byte> method)
    {
        foreach (var name in Methods)
        {
            if (System.Text.Ascii.Equals(method, name))
                return name;
        }

        return RequestDetail.OtherMethod;
    }
}

/// <summary>The counts of requests with one method and one status. Numbers that are read while requests are served may be a moment old.</summary>
public sealed class RequestDetail
{
    /// <summary>Stands for methods that RFC 9110 section 9 does not define (but for PATCH, RFC 5789).</summary>
    public const string OtherMethod = "OTHER";

    private readonly long[] durations = new long[ProxyMetrics.DurationBounds.Length + 1];
    private readonly long[] requestSizes = new long[SizeBounds.Length + 1];
    private readonly long[] responseSizes = new long[SizeBounds.Length + 1];

    /// <param name="method">A method, or <see cref="OtherMethod"/>.</param>
    /// <param name="status">100 to 599.</param>
    internal RequestDetail(string method, int status)
    {
        Method = method;
        Status = status;
    }

    /// <summary>Upper bounds of the histograms of sizes, in bytes; the last bucket has none.</summary>
    public static ReadOnlySpan<long> SizeBounds => [10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

    public string Method { get; }

    public int Status { get; }

    /// <summary>Requests by duration, not cumulative; see <see cref="ProxyMetrics.DurationBounds"/>.</summary>
    public ReadOnlySpan<long> Durations => durations;

    /// <summary>Milliseconds of all requests together.</summary>
    public long DurationSum { get; private set; }

    /// <summary>Requests by the size of their bodies, not cumulative.</summary>
    public ReadOnlySpan<long> RequestSizes => requestSizes;

    public long RequestBytes { get; private set; }

    /// <summary>Requests by the size of their answers' bodies, not cumulative.</summary>
    public ReadOnlySpan<long> ResponseSizes => responseSizes;

    public long ResponseBytes { get; private set; }

    internal void Count(long milliseconds, long requestBytes, long responseBytes)
    {
        var bounds = ProxyMetrics.DurationBounds;
        var bucket = 0;
        while (bucket < bounds.Length && milliseconds > bounds[bucket])
            bucket++;

        durations[bucket]++;
        DurationSum += milliseconds;
        requestSizes[SizeBucket(requestBytes)]++;
        RequestBytes += requestBytes;
        responseSizes[SizeBucket(responseBytes)]++;
        ResponseBytes += responseBytes;
    }

    /// <summary>Adds the counts of another loop.</summary>
    internal void Add(RequestDetail other)
    {
        Add(durations, other.durations);
        Add(requestSizes, other.requestSizes);
        Add(responseSizes, other.responseSizes);
        DurationSum += other.DurationSum;
        RequestBytes += other.RequestBytes;
        ResponseBytes += other.ResponseBytes;
    }

    private static void Add(long[] sums, long[] more)
    {
        for (var i = 0; i < sums.Length; i++)
            sums[i] += more[i];
    }

    private static int SizeBucket(long bytes)
    {
        var bounds = SizeBounds;
        var bucket = 0;
        while (bucket < bounds.Length && bytes > bounds[bucket])
            bucket++;

        return bucket;
    }
}
