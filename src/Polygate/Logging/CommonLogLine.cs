using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;

namespace Polygate.Logging;

/// <summary>
/// Writes lines of the Common Log Format of NCSA httpd: <c>client - - [time] "request line" status bytes</c>. One for each thread; allocates
/// nothing but a new text of the time each second.
/// </summary>
internal sealed class CommonLogLine
{
    /// <summary>What the address, the time, the numbers and everything between them take at most.</summary>
    private const int Fixed = 256;

    /// <summary>What becomes of one byte that does not stand in a line as it is.</summary>
    private const int LongestEscape = 4;

    /// <summary>What goes into a line as it is: printable ASCII but quotes and backslashes, so that nobody can forge lines.</summary>
    private static readonly SearchValues<byte> Plain =
        SearchValues.Create([.. Enumerable.Range(0x20, 0x7F - 0x20).Select(value => (byte)value).Where(value => value is not ((byte)'"' or (byte)'\\'))]);

    private long second;
    private byte[] timeText = [];

    /// <summary>More than the line of a request takes.</summary>
    public static int Room(in AccessLogEntry entry) =>
        Fixed + (LongestEscape * (entry.Request.Method.Length + entry.Path.Length + entry.Request.Query.Length));

    /// <summary>Writes the line of a request; its length.</summary>
    public int Write(Span<byte> line, in AccessLogEntry entry, DateTimeOffset now)
    {
        var request = entry.Request;
        var length = PutAddress(line, request);
        length += Put(line[length..], TextOf(now));
        length += PutQuoted(line[length..], request.Method);
        line[length++] = (byte)' ';
        length += PutQuoted(line[length..], entry.Path);
        if (request.HasQuery)
        {
            line[length++] = (byte)'?';
            length += PutQuoted(line[length..], request.Query);
        }

        length += Put(line[length..], entry.Version switch
        {
            HttpVersion.Http10 => " HTTP/1.0\" "u8,
            HttpVersion.Http11 => " HTTP/1.1\" "u8,
            _ => " HTTP/2.0\" "u8,
        });
        length += PutNumber(line[length..], entry.Status);
        line[length++] = (byte)' ';
        length += PutNumber(line[length..], entry.ResponseBodyBytes);
        line[length++] = (byte)'\n';
        return length;
    }

    /// <summary>What stands between the client and the request line.</summary>
    private byte[] TextOf(DateTimeOffset now)
    {
        var current = now.Ticks / TimeSpan.TicksPerSecond;
        if (current != second)
        {
            second = current;
            timeText = Encoding.ASCII.GetBytes(now.ToString("' - - ['dd/MMM/yyyy:HH:mm:ss' +0000] \"'", CultureInfo.InvariantCulture));
        }

        return timeText;
    }

    private static int PutAddress(Span<byte> line, RequestHead request)
    {
        // Usually the peer's, which is at hand as text.
        if (ReferenceEquals(request.ClientAddress, request.Client.PeerAddress))
            return Put(line, request.Client.PeerText);

        request.ClientAddress.TryFormat(line, out var length);
        return length;
    }

    private static int Put(Span<byte> line, ReadOnlySpan<byte> text)
    {
        text.CopyTo(line);
        return text.Length;
    }

    private static int PutNumber(Span<byte> line, long number)
    {
        Utf8Formatter.TryFormat(number, line, out var length);
        return length;
    }

    private static int PutQuoted(Span<byte> line, ReadOnlySpan<byte> value)
    {
        var length = 0;
        while (!value.IsEmpty)
        {
            var plain = value.IndexOfAnyExcept(Plain);
            if (plain < 0)
                return length + Put(line[length..], value);

            length += Put(line[length..], value[..plain]);
            length += Put(line[length..], "\\x"u8);
            Utf8Formatter.TryFormat(value[plain], line[length..], out var digits, new StandardFormat('X', 2));
            length += digits;
            value = value[(plain + 1)..];
        }

        return length;
    }
}
