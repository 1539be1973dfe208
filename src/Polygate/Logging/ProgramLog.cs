using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Polygate.Model;
using Polygate.Output;

namespace Polygate.Logging;

/// <summary>What a log line is about, from least to most urgent.</summary>
internal enum LogLevel
{
    Info,
    Warning,
    Error,
}

/// <summary>The program's log: lines for people, or JSON objects, one a line. Safe to use from several threads.</summary>
internal sealed class ProgramLog
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly TextWriter writer;
    private readonly bool json;
    private readonly TimeProvider time;
    private readonly Lock gate = new();

    /// <param name="writer">Where to.</param>
    /// <param name="json">Whether lines are JSON.</param>
    /// <param name="time">The clock.</param>
    public ProgramLog(TextWriter writer, bool json, TimeProvider time)
    {
        this.writer = writer;
        this.json = json;
        this.time = time;
    }

    /// <summary>Whether lines are for programs.</summary>
    public bool IsJson => json;

    /// <summary>Writes a line.</summary>
    /// <param name="level">How urgent it is.</param>
    /// <param name="message">One sentence.</param>
    /// <param name="fields">What else there is to know.</param>
    public void Write(LogLevel level, string message, params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var line = json ? Json(level, message, fields) : Text(level, message, fields);
        lock (gate)
        {
            writer.WriteLine(line);
            writer.Flush();
        }
    }

    /// <summary>Writes a diagnostic of the configuration.</summary>
    public void Write(Diagnostic diagnostic)
    {
        var level = diagnostic.Severity switch
        {
            DiagnosticSeverity.Error => LogLevel.Error,
            DiagnosticSeverity.Warning => LogLevel.Warning,
            _ => LogLevel.Info,
        };
        if (json)
        {
            var origin = diagnostic.Origin;
            Write(
                level, diagnostic.Message, ("code", diagnostic.Code), ("object", origin.Kind.Length == 0 ? null : origin.ToString()),
                ("dialect", origin.Dialect.Length == 0 ? null : origin.Dialect), ("file", origin.File),
                ("line", origin.Line == 0 ? null : origin.Line), ("field", origin.Field.Length == 0 ? null : origin.Field));
        }
        else
        {
            Write(level, DiagnosticOutput.Line(diagnostic));
        }
    }

    private string Text(LogLevel level, string message, ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var line = new StringBuilder();
        line.Append(time.GetUtcNow().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)).Append(' ').Append(Word(level).PadRight(7)).Append(' ').Append(message);
        foreach (var (name, value) in fields)
        {
            if (value is not null)
            {
                line.Append(' ').Append(name).Append('=').Append(value);
            }
        }

        return line.ToString();
    }

    private string Json(LogLevel level, string message, ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
        {
            writer.WriteStartObject();
            writer.WriteString("time", time.GetUtcNow());
            writer.WriteString("level", Word(level));
            writer.WriteString("message", message);
            foreach (var (name, value) in fields)
            {
                switch (value)
                {
                    case null:
                        break;
                    case int or long:
                        writer.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                        break;
                    default:
                        writer.WriteString(name, value.ToString());
                        break;
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Error => "error",
        LogLevel.Warning => "warning",
        _ => "info",
    };
}
