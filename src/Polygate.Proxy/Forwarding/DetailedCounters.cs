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
    /// <param name="times">Of the last attempt.</param>
    public void Count(ReadOnlySpan<byte> method, int status, long milliseconds, long requestBytes, long responseBytes, AttemptTimes times)
    {
        var known = details;
        foreach (var detail in known)
        {
            if (detail.Status == status && IsMethod(detail.Method, method))
            {
                detail.Count(milliseconds, requestBytes, responseBytes, times);
                return;
            }
        }

        var added = new RequestDetail(NameOf(method), status);
        added.Count(milliseconds, requestBytes, responseBytes, times);
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

    /// <param name="method">A method, or <see cref="OtherMethod"/>.</param>
    /// <param name="status">100 to 599.</param>
    internal RequestDetail(string method, int status)
    {
        Method = method;
        Status = status;
    }

    public string Method { get; }

    public int Status { get; }

    /// <summary>From a request's head to the end of its answer, in milliseconds.</summary>
    public Histogram Durations { get; } = Histogram.OfDurations();

    /// <summary>Of requests that a backend was asked: <see cref="AttemptTimes.Connect"/> of the last attempt.</summary>
    public Histogram Connects { get; } = Histogram.OfDurations();

    /// <summary>Of requests that a backend was asked: <see cref="AttemptTimes.Head"/> of the last attempt.</summary>
    public Histogram Heads { get; } = Histogram.OfDurations();

    /// <summary>Of requests that a backend was asked: <see cref="AttemptTimes.End"/> of the last attempt.</summary>
    public Histogram Ends { get; } = Histogram.OfDurations();

    /// <summary>Of requests' bodies, in bytes.</summary>
    public Histogram RequestSizes { get; } = Histogram.OfSizes();

    /// <summary>Of answers' bodies, in bytes.</summary>
    public Histogram ResponseSizes { get; } = Histogram.OfSizes();

    internal void Count(long milliseconds, long requestBytes, long responseBytes, AttemptTimes times)
    {
        Durations.Record(milliseconds);
        Connects.Record(times.Connect);
        Heads.Record(times.Head);
        Ends.Record(times.End);
        RequestSizes.Record(requestBytes);
        ResponseSizes.Record(responseBytes);
    }

    /// <summary>Adds the counts of another loop.</summary>
    internal void Add(RequestDetail other)
    {
        Durations.Add(other.Durations);
        Connects.Add(other.Connects);
        Heads.Add(other.Heads);
        Ends.Add(other.Ends);
        RequestSizes.Add(other.RequestSizes);
        ResponseSizes.Add(other.ResponseSizes);
    }
}
