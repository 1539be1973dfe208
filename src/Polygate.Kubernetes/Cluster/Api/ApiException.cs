using System.Net;

namespace Polygate.Kubernetes.Cluster.Api;

/// <summary>The API server answered a request with an error.</summary>
public sealed class ApiException : Exception
{
    /// <param name="status">The HTTP status.</param>
    /// <param name="reason">The machine-readable reason of the <c>Status</c> object, for example <c>Expired</c>; empty when there is none.</param>
    /// <param name="message">What the server says, for people.</param>
    /// <param name="retryAfter">How long the server asks to wait; null when it does not.</param>
    public ApiException(HttpStatusCode status, string reason, string message, TimeSpan? retryAfter = null)
        : base(message)
    {
        Status = status;
        Reason = reason;
        RetryAfter = retryAfter;
    }

    public HttpStatusCode Status { get; }

    public string Reason { get; }

    public TimeSpan? RetryAfter { get; }

    /// <summary>Whether the resource version asked for is no longer kept, so that objects have to be listed again.</summary>
    public bool IsExpired => Status == HttpStatusCode.Gone || Reason is "Expired" or "Gone";

    /// <summary>
    /// Whether the server works and only the storage of the kind asked for does not (yet): while a CustomResourceDefinition is installed or changed,
    /// and for a moment after the server's start. Nothing in the answer tells it from a server that is overloaded, but its message.
    /// </summary>
    public bool IsUnready =>
        Status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable && Message.Contains("storage is (re)initializing", StringComparison.Ordinal);

    public bool IsConflict => Status == HttpStatusCode.Conflict && Reason != "AlreadyExists";

    public bool IsForbidden => Status is HttpStatusCode.Forbidden;

    public bool IsNotFound => Status == HttpStatusCode.NotFound;
}
