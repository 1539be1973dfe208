using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Polygate.Model;
using Spectre.Console;

namespace Polygate.Output;

/// <summary>Diagnostics for people, programs and GitHub.</summary>
internal static class DiagnosticOutput
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One line, as compilers write them: <c>file:line: code: message (object, field)</c>.</summary>
    public static string Line(Diagnostic diagnostic)
    {
        var origin = diagnostic.Origin;
        return $"{PlaceOf(origin)}: {diagnostic.Code}: {With(diagnostic.Message, NameOf(origin), origin.Field)}";
    }

    public static void WriteTable(TextWriter writer, IReadOnlyList<Diagnostic> diagnostics)
    {
        if (diagnostics.Count > 0)
        {
            var table = new TextTable("Message", "", "Where", "Object", "Code", "Message");
            foreach (var item in diagnostics)
            {
                table.Add(
                    ColorOf(item.Severity), Word(item.Severity), PlaceOf(item.Origin), NameOf(item.Origin), item.Code, With(item.Message, item.Origin.Field));
            }

            table.Write(writer);
        }

        writer.WriteLine(
            $"{Count(diagnostics, DiagnosticSeverity.Error, "error")}, {Count(diagnostics, DiagnosticSeverity.Warning, "warning")}, {Count(diagnostics, DiagnosticSeverity.Info, "note")}.");
    }

    /// <summary>Says that what was told before may be due to errors; nothing where there are none.</summary>
    public static void WriteHint(TextWriter writer, IReadOnlyList<Diagnostic> diagnostics)
    {
        if (diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error))
        {
            writer.WriteLine();
            writer.WriteLine($"The folder has {Count(diagnostics, DiagnosticSeverity.Error, "error")}; polygate check lists what is wrong.");
        }
    }

    public static void WriteJson(TextWriter writer, IReadOnlyList<Diagnostic> diagnostics)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Indented))
        {
            json.WriteStartArray();
            foreach (var item in diagnostics)
            {
                json.WriteStartObject();
                json.WriteString("severity", Word(item.Severity));
                json.WriteString("code", item.Code);
                json.WriteString("message", item.Message);
                json.WriteString("dialect", item.Origin.Dialect);
                json.WriteString("kind", item.Origin.Kind);
                json.WriteString("namespace", item.Origin.Namespace);
                json.WriteString("name", item.Origin.Name);
                json.WriteString("file", item.Origin.File);
                json.WriteNumber("line", item.Origin.Line);
                json.WriteString("field", item.Origin.Field);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        writer.WriteLine(Encoding.UTF8.GetString(stream.ToArray()));
    }

    /// <summary>Workflow commands of GitHub Actions, which show as annotations beside the lines.</summary>
    public static void WriteGitHub(TextWriter writer, string folder, IReadOnlyList<Diagnostic> diagnostics)
    {
        foreach (var item in diagnostics)
        {
            var level = item.Severity switch
            {
                DiagnosticSeverity.Error => "error",
                DiagnosticSeverity.Warning => "warning",
                _ => "notice",
            };
            var file = item.Origin.File is { } name ? $"file={Property(Path.Combine(folder, name))},line={Math.Max(item.Origin.Line, 1)}," : "";
            writer.WriteLine($"::{level} {file}title={Property(item.Code)}::{Data(With(item.Message, NameOf(item.Origin), item.Origin.Field))}");
        }
    }

    private static string Word(DiagnosticSeverity severity) => severity switch
    {
        DiagnosticSeverity.Error => "error",
        DiagnosticSeverity.Warning => "warning",
        _ => "info",
    };

    private static Color ColorOf(DiagnosticSeverity severity) => severity switch
    {
        DiagnosticSeverity.Error => Color.Red,
        DiagnosticSeverity.Warning => Color.Yellow,
        _ => Color.Grey,
    };

    public static string PlaceOf(Origin origin) => (origin.File, origin.Line) switch
    {
        (null, _) => "-",
        (var file, 0) => file,
        var (file, line) => $"{file}:{line}",
    };

    private static string NameOf(Origin origin) => origin switch
    {
        { Kind.Length: 0 } => "",
        { Name.Length: 0 } => origin.Kind,
        _ => origin.ToString(),
    };

    /// <summary>The message, and what it is about.</summary>
    private static string With(string message, params IEnumerable<string> about)
    {
        var known = string.Join(", ", about.Where(text => text.Length > 0));
        return known.Length == 0 ? message : $"{message} ({known})";
    }

    private static string Count(IEnumerable<Diagnostic> diagnostics, DiagnosticSeverity severity, string noun)
    {
        var count = diagnostics.Count(item => item.Severity == severity);
        return $"{count} {noun}{(count == 1 ? "" : "s")}";
    }

    private static string Data(string text) =>
        text.Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) =>
        Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
