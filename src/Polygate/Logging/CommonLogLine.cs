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
    private const int LongestAddress = 64;
    private const int LongestNumber = 20;

    /// <summary>What goes into a line as it is: printable ASCII but quotes and backslashes, so that nobody can forge lines.</summary>
    private static readonly SearchValues<byte> Plain =
        SearchValues.Create([.. Enumerable.Range(0x20, 0x7F - 0x20).Select(value => (byte)value).Where(value => value is not ((byte)'"' or (byte)'\\'))]);

    private long second;
    private byte[] timeText = [];

    public void Write(ArrayBufferWriter<byte> line, in AccessLogEntry entry, DateTimeOffset now)
    {
        var request = entry.Request;
        request.ClientAddress.TryFormat(line.GetSpan(LongestAddress), out var written);
        line.Advance(written);
        line.Write(TextOf(now));
        WriteQuoted(line, request.Method);
        line.Write(" "u8);
        WriteQuoted(line, entry.Path);
        if (request.HasQuery)
        {
            line.Write("?"u8);
            WriteQuoted(line, request.Query);
        }

        line.Write(entry.Version switch
        {
            HttpVersion.Http10 => " HTTP/1.0\" "u8,
            HttpVersion.Http11 => " HTTP/1.1\" "u8,
            _ => " HTTP/2.0\" "u8,
        });
        WriteNumber(line, entry.Status);
        line.Write(" "u8);
        WriteNumber(line, entry.ResponseBodyBytes);
        line.Write("\n"u8);
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

    private static void WriteNumber(ArrayBufferWriter<byte> line, long number)
    {
        Utf8Formatter.TryFormat(number, line.GetSpan(LongestNumber), out var written);
        line.Advance(written);
    }

    private static void WriteQuoted(ArrayBufferWriter<byte> line, ReadOnlySpan<byte> value)
    {
        while (!value.IsEmpty)
        {
            var plain = value.IndexOfAnyExcept(Plain);
            if (plain < 0)
            {
                line.Write(value);
                return;
            }

            line.Write(value[..plain]);
            line.Write("\\x"u8);
            Utf8Formatter.TryFormat(value[plain], line.GetSpan(2), out var written, new StandardFormat('X', 2));
            line.Advance(written);
            value = value[(plain + 1)..];
        }
    }
}
