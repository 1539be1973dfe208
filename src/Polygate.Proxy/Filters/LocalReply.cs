using System.Globalization;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Filters;

/// <summary>An answer that the gateway gives by itself. Immutable; may be given many times.</summary>
public sealed class LocalReply
{
    private readonly (byte[] Name, byte[] Value)[] headers;

    private LocalReply(int status, (byte[] Name, byte[] Value)[] headers, byte[] body)
    {
        Status = status;
        this.headers = headers;
        Body = body;
    }

    /// <summary>100 to 599.</summary>
    public int Status { get; }

    /// <summary>The body; the pipeline frames it (and leaves it out where there is none: HEAD, 204, 304).</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>A reply with a plain text body, or none.</summary>
    public static LocalReply Of(int status, string body = "", params ReadOnlySpan<HeaderValue> headers) =>
        Of(status, body, "text/plain; charset=utf-8", headers);

    public static LocalReply Of(int status, string body, string contentType, ReadOnlySpan<HeaderValue> headers)
    {
        var lines = new List<(byte[] Name, byte[] Value)>();
        foreach (var header in headers)
        {
            lines.Add((HeaderText.Name(header.Name), HeaderText.Value(header.Value)));
        }

        if (body.Length > 0 && !lines.Exists(line => Ascii.EqualsIgnoreCase(line.Name, "content-type"u8)))
        {
            lines.Add(("content-type"u8.ToArray(), HeaderText.Value(contentType)));
        }

        return new LocalReply(status, [.. lines], Encoding.UTF8.GetBytes(body));
    }

    /// <summary>A reply as another server gave it: names and values that stand in a message already.</summary>
    internal static LocalReply Of(int status, (byte[] Name, byte[] Value)[] headers, byte[] body) => new(status, headers, body);

    internal static LocalReply Of(DirectResponseAction action) => Of(action.Status, action.Body, action.ContentType, action.Headers.AsSpan());

    /// <summary>Adds the status and the header fields (all but the framing, which is the pipeline's) to an empty head.</summary>
    public void WriteTo(ResponseHead head)
    {
        head.Status = Status;
        foreach (var (name, value) in headers)
        {
            head.Headers.Add(name, value);
        }
    }

    public override string ToString() => Status.ToString(CultureInfo.InvariantCulture);
}
