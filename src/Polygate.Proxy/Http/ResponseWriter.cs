using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Http;

/// <summary>Writes the pieces of response heads.</summary>
internal static class ResponseWriter
{
    /// <summary>More than everything a head holds besides its header fields.</summary>
    public const int Overhead = 512;

    private static readonly byte[]?[] StatusLines = CreateStatusLines();

    [ThreadStatic]
    private static byte[]? date;

    [ThreadStatic]
    private static long dateSecond;

    public static int WriteStatusLine(Span<byte> destination, int status)
    {
        if (status < StatusLines.Length && StatusLines[status] is { } line)
        {
            line.CopyTo(destination);
            return line.Length;
        }

        "HTTP/1.1 "u8.CopyTo(destination);
        Utf8Formatter.TryFormat(status, destination[9..], out var digits);
        " \r\n"u8.CopyTo(destination[(9 + digits)..]);
        return 9 + digits + 3;
    }

    /// <summary>The current date as RFC 9110 section 5.6.7 writes it; made once a second.</summary>
    public static ReadOnlySpan<byte> Date(EventLoop loop)
    {
        var second = loop.Now / 1000;
        if (date is null || second != dateSecond)
        {
            date = Encoding.ASCII.GetBytes(DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture));
            dateSecond = second;
        }

        return date;
    }

    public static int WriteLength(Span<byte> destination, long length)
    {
        "Content-Length: "u8.CopyTo(destination);
        Utf8Formatter.TryFormat(length, destination[16..], out var digits);
        "\r\n"u8.CopyTo(destination[(16 + digits)..]);
        return 16 + digits + 2;
    }

    /// <summary>The line before a chunk: its size.</summary>
    public static int WriteChunkSize(Span<byte> destination, int size)
    {
        Utf8Formatter.TryFormat(size, destination, out var digits, new System.Buffers.StandardFormat('x'));
        "\r\n"u8.CopyTo(destination[digits..]);
        return digits + 2;
    }

    private static byte[]?[] CreateStatusLines()
    {
        var phrases = new Dictionary<int, string>
        {
            [100] = "Continue",
            [101] = "Switching Protocols",
            [102] = "Processing",
            [103] = "Early Hints",
            [200] = "OK",
            [201] = "Created",
            [202] = "Accepted",
            [203] = "Non-Authoritative Information",
            [204] = "No Content",
            [205] = "Reset Content",
            [206] = "Partial Content",
            [207] = "Multi-Status",
            [208] = "Already Reported",
            [226] = "IM Used",
            [300] = "Multiple Choices",
            [301] = "Moved Permanently",
            [302] = "Found",
            [303] = "See Other",
            [304] = "Not Modified",
            [305] = "Use Proxy",
            [307] = "Temporary Redirect",
            [308] = "Permanent Redirect",
            [400] = "Bad Request",
            [401] = "Unauthorized",
            [402] = "Payment Required",
            [403] = "Forbidden",
            [404] = "Not Found",
            [405] = "Method Not Allowed",
            [406] = "Not Acceptable",
            [407] = "Proxy Authentication Required",
            [408] = "Request Timeout",
            [409] = "Conflict",
            [410] = "Gone",
            [411] = "Length Required",
            [412] = "Precondition Failed",
            [413] = "Content Too Large",
            [414] = "URI Too Long",
            [415] = "Unsupported Media Type",
            [416] = "Range Not Satisfiable",
            [417] = "Expectation Failed",
            [421] = "Misdirected Request",
            [422] = "Unprocessable Content",
            [423] = "Locked",
            [424] = "Failed Dependency",
            [425] = "Too Early",
            [426] = "Upgrade Required",
            [428] = "Precondition Required",
            [429] = "Too Many Requests",
            [431] = "Request Header Fields Too Large",
            [451] = "Unavailable For Legal Reasons",
            [500] = "Internal Server Error",
            [501] = "Not Implemented",
            [502] = "Bad Gateway",
            [503] = "Service Unavailable",
            [504] = "Gateway Timeout",
            [505] = "HTTP Version Not Supported",
            [506] = "Variant Also Negotiates",
            [507] = "Insufficient Storage",
            [508] = "Loop Detected",
            [511] = "Network Authentication Required",
        };
        var lines = new byte[]?[600];
        foreach (var (status, phrase) in phrases)
            lines[status] = Encoding.ASCII.GetBytes($"HTTP/1.1 {status} {phrase}\r\n");

        return lines;
    }
}
