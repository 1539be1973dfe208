using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;

namespace Polygate.Logging;

/// <summary>How an access log is written.</summary>
internal enum AccessLogFormat
{
    /// <summary>A JSON object a line.</summary>
    Json,

    /// <summary>The Common Log Format of NCSA httpd.</summary>
    Common,
}

/// <summary>
/// Writes a line for each request. Loops only append to a buffer; a thread of its own writes it out. When the reader of the
/// log does not keep up, lines are dropped and counted.
/// </summary>
internal sealed class AccessLog : IAccessLog, IAsyncDisposable
{
    private const int MaximumBuffered = 8 << 20;
    private static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(50);
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? scratch;

    [ThreadStatic]
    private static Utf8JsonWriter? jsonWriter;

    private readonly Stream output;
    private readonly AccessLogFormat format;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Task flushing;
    private ArrayBufferWriter<byte> buffered = new();
    private ArrayBufferWriter<byte> spare = new();
    private long dropped;

    /// <param name="output">Where to.</param>
    /// <param name="format">How.</param>
    /// <param name="time">The clock.</param>
    public AccessLog(Stream output, AccessLogFormat format, TimeProvider time)
    {
        this.output = output;
        this.format = format;
        this.time = time;
        flushing = Task.Run(FlushAsync);
    }

    public bool IsEnabled => true;

    /// <summary>Lines that were dropped so far.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    public void Log(in AccessLogEntry entry)
    {
        var line = scratch ??= new ArrayBufferWriter<byte>(1024);
        line.ResetWrittenCount();
        if (format == AccessLogFormat.Json)
        {
            WriteJson(line, entry);
        }
        else
        {
            WriteCommon(line, entry);
        }

        line.Write("\n"u8);
        lock (gate)
        {
            if (buffered.WrittenCount + line.WrittenCount > MaximumBuffered)
            {
                dropped++;
            }
            else
            {
                buffered.Write(line.WrittenSpan);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await flushing;
        stop.Dispose();
    }

    private async Task FlushAsync()
    {
        using var timer = new PeriodicTimer(FlushInterval, time);
        try
        {
            while (true)
            {
                await timer.WaitForNextTickAsync(stop.Token);
                await FlushOnceAsync();
            }
        }
        catch (OperationCanceledException)
        {
            await FlushOnceAsync();
        }
    }

    private async Task FlushOnceAsync()
    {
        lock (gate)
        {
            (buffered, spare) = (spare, buffered);
        }

        if (spare.WrittenCount > 0)
        {
            try
            {
                await output.WriteAsync(spare.WrittenMemory);
                await output.FlushAsync();
            }
            catch (IOException)
            {
                // Nobody reads the log any more; requests go on.
            }

            spare.ResetWrittenCount();
        }
    }

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
        }

        if (!string.IsNullOrEmpty(entry.Reason))
        {
            json.WriteString("reason"u8, entry.Reason);
        }

        json.WriteEndObject();
        json.Flush();
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

    private void WriteCommon(ArrayBufferWriter<byte> line, in AccessLogEntry entry)
    {
        var request = entry.Request;
        var now = time.GetUtcNow().UtcDateTime;
        Append(line, $"{request.ClientAddress} - - [{now.ToString("dd/MMM/yyyy:HH:mm:ss", CultureInfo.InvariantCulture)} +0000] \"");
        AppendQuoted(line, request.Method);
        line.Write(" "u8);
        AppendQuoted(line, entry.Path);
        if (request.HasQuery)
        {
            line.Write("?"u8);
            AppendQuoted(line, request.Query);
        }

        Append(line, $" {ProtocolOf(entry.Version)}\" {entry.Status} {entry.ResponseBodyBytes}");
    }

    private static void Append(ArrayBufferWriter<byte> line, string text) => line.Advance(Encoding.UTF8.GetBytes(text, line.GetSpan(text.Length * 3)));

    /// <summary>Quotes, backslashes and whatever is not printable are escaped, so that nobody can forge lines.</summary>
    private static void AppendQuoted(ArrayBufferWriter<byte> line, ReadOnlySpan<byte> value)
    {
        foreach (var b in value)
        {
            if (b is (byte)'"' or (byte)'\\' or < 0x20 or > 0x7E)
            {
                Append(line, $"\\x{b:X2}");
            }
            else
            {
                line.Write([b]);
            }
        }
    }

    private static string ProtocolOf(HttpVersion version) => version switch
    {
        HttpVersion.Http10 => "HTTP/1.0",
        HttpVersion.Http11 => "HTTP/1.1",
        _ => "HTTP/2.0",
    };
}
