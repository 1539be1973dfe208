namespace Polygate.Proxy.Http;

/// <summary>A message is not what its protocol allows, or goes beyond a limit.</summary>
public sealed class BadMessageException : IOException
{
    /// <param name="status">How a server answers it (400, 408, 413, 431 …).</param>
    /// <param name="message">What is wrong, for people.</param>
    public BadMessageException(int status, string message)
        : base(message) => Status = status;

    public int Status { get; }
}
