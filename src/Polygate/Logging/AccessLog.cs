using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;
using Polygate.Proxy.Streams;

namespace Polygate.Logging;

/// <summary>How an access log is written.</summary>
internal enum AccessLogFormat
{
    /// <summary>A JSON object a line.</summary>
    Json,

    /// <summary>The same, with the times of the backend.</summary>
    JsonTimes,

    /// <summary>The Common Log Format of NCSA httpd.</summary>
    Common,
}

/// <summary>Writes a line for each request, connection and UDP session. Loops make the lines, each in a buffer of its own; a <see cref="LogWriter"/> carries them on.</summary>
internal sealed class AccessLog : IAccessLog, IDisposable
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? scratch;

    [ThreadStatic]
    private static Utf8JsonWriter? jsonWriter;

    [ThreadStatic]
    private static CommonLogLine? commonLine;

    private readonly AccessLogFormat format;
    private readonly TimeProvider time;
    private readonly LogWriter writer;

    /// <param name="output">Where to.</param>
    /// <param name="format">How.</param>
    /// <param name="time">The clock.</param>
    public AccessLog(Stream output, AccessLogFormat format, TimeProvider time)
    {
        this.format = format;
        this.time = time;
        writer = new LogWriter(output);
    }

    public bool IsEnabled => true;

    /// <summary>Lines that were dropped so far.</summary>
    public long Dropped => writer.Dropped;

    public void Log(in AccessLogEntry entry)
    {
        var line = scratch ??= new ArrayBufferWriter<byte>(1024);
        line.ResetWrittenCount();
        if (format != AccessLogFormat.Common)
        {
            WriteJson(line, entry);
        }
        else
        {
            line.Advance((commonLine ??= new CommonLogLine()).Write(line.GetSpan(CommonLogLine.Room(entry)), entry, time.GetUtcNow()));
        }

        writer.Append(line.WrittenSpan);
    }

    public void Log(in StreamLogEntry entry)
    {
        var line = scratch ??= new ArrayBufferWriter<byte>(1024);
        line.ResetWrittenCount();
        if (format != AccessLogFormat.Common)
        {
            var json = jsonWriter ??= new Utf8JsonWriter(line, Relaxed);
            json.Reset(line);
            StreamLogLine.WriteJson(json, entry, time.GetUtcNow());
        }
        else
        {
            StreamLogLine.WriteCommon(line, entry, time.GetUtcNow());
        }

        line.Write("\n"u8);
        writer.Append(line.WrittenSpan);
    }

    /// <summary>Writes what is left.</summary>
    public void Dispose() => writer.Dispose();

    private void WriteJson(ArrayBufferWriter<byte> line, in AccessLogEntry entry)
    {
        var json = jsonWriter ??= new Utf8JsonWriter(line, Relaxed);
        json.Reset(line);
        var request = entry.Request;
        json.WriteStartObject();
        json.WriteString("time"u8, time.GetUtcNow().UtcDateTime);
        json.WriteString("client"u8, request.ClientAddress.ToString());
        WriteBytes(json, "method"u8, request.Method);
        WriteBytes(json, "host"u8, request.Authority);
        WriteBytes(json, "path"u8, entry.Path);
        if (request.HasQuery)
        {
            WriteBytes(json, "query"u8, request.Query);
        }

        json.WriteString("protocol"u8, ProtocolOf(entry.Version));
        json.WriteNumber("status"u8, entry.Status);
        json.WriteNumber("durationMs"u8, entry.Duration);
        json.WriteNumber("requestBytes"u8, entry.RequestBodyBytes);
        json.WriteNumber("responseBytes"u8, entry.ResponseBodyBytes);
        if (entry.Route is { } route)
        {
            json.WriteString("route"u8, route.Route.Id);
        }

        if (entry.Endpoint is { } endpoint)
        {
            json.WriteString("endpoint"u8, endpoint.ToString());
            json.WriteNumber("attempts"u8, entry.Attempts);
            if (format == AccessLogFormat.JsonTimes && entry.Times is { } times)
            {
                WriteTimes(json, times);
            }
        }

        if (!string.IsNullOrEmpty(entry.Reason))
        {
            json.WriteString("reason"u8, entry.Reason);
        }

        json.WriteEndObject();
        json.Flush();
        line.Write("\n"u8);
    }

    private static void WriteTimes(Utf8JsonWriter json, AttemptTimes times)
    {
        if (times.Connect is { } connect)
        {
            json.WriteNumber("connectMs"u8, connect);
        }

        if (times.Head is { } head)
        {
            json.WriteNumber("headMs"u8, head);
        }

        if (times.End is { } end)
        {
            json.WriteNumber("backendMs"u8, end);
        }
    }

    /// <summary>Bytes of a request need not be UTF-8: then each becomes the character of its number.</summary>
    private static void WriteBytes(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (System.Text.Unicode.Utf8.IsValid(value))
        {
            json.WriteString(name, value);
        }
        else
        {
            json.WriteString(name, Encoding.Latin1.GetString(value));
        }
    }

    private static string ProtocolOf(HttpVersion version) => version switch
    {
        HttpVersion.Http10 => "HTTP/1.0",
        HttpVersion.Http11 => "HTTP/1.1",
        _ => "HTTP/2.0",
    };
}
