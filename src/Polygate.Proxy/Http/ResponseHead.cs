namespace Polygate.Proxy.Http;

/// <summary>An answer without its body. Reused from answer to answer.</summary>
public sealed class ResponseHead
{
    /// <summary>100 to 999 (RFC 9110 section 15).</summary>
    public int Status { get; set; }

    public HeaderTable Headers { get; } = new();

    public void Clear()
    {
        Status = 0;
        Headers.Clear();
    }
}
