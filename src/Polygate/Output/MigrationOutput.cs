using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Polygate.Dialects.IngressNginx.Migration;
using Spectre.Console;

namespace Polygate.Output;

/// <summary>A migration report for people and for programs.</summary>
internal static class MigrationOutput
{
    private static readonly MigrationOutcome[] Outcomes = [MigrationOutcome.Same, MigrationOutcome.Differs, MigrationOutcome.Unsupported];

    public static void WriteTable(TextWriter writer, MigrationReport report)
    {
        var table = new TextTable("What to know", "", "Where", "Object", "About", "What to know");
        foreach (var item in report.Objects)
        {
            var findings = item.Findings.Where(finding => finding.Message.Length > 0).ToList();
            if (findings.Count == 0)
            {
                table.Add(ColorOf(item.Outcome), Word(item.Outcome), DiagnosticOutput.PlaceOf(item.Origin), item.Origin.ToString(), "", "");
            }

            foreach (var finding in findings)
            {
                table.Add(ColorOf(finding.Outcome), Word(finding.Outcome), DiagnosticOutput.PlaceOf(item.Origin), item.Origin.ToString(), finding.Subject, finding.Message);
            }
        }

        if (report.Objects.Count > 0)
        {
            table.Write(writer);
        }

        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Objects.Count} objects: {Counts(report.Count)}. {report.OtherIngresses} Ingresses of other classes."));
        writer.WriteLine($"Annotations used: {Counts(outcome => report.Annotations.GetValueOrDefault(outcome))}.");
    }

    public static void WriteJson(TextWriter writer, MigrationReport report)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            WriteCounts(json, "objects", report.Count);
            WriteCounts(json, "annotations", outcome => report.Annotations.GetValueOrDefault(outcome));
            json.WriteNumber("otherIngresses", report.OtherIngresses);
            json.WriteStartArray("items");
            foreach (var item in report.Objects)
            {
                Write(json, item);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        writer.WriteLine(Encoding.UTF8.GetString(stream.ToArray()));
    }

    private static void Write(Utf8JsonWriter json, MigratedObject item)
    {
        json.WriteStartObject();
        json.WriteString("outcome", Word(item.Outcome));
        json.WriteString("kind", item.Origin.Kind);
        json.WriteString("namespace", item.Origin.Namespace);
        json.WriteString("name", item.Origin.Name);
        json.WriteString("file", item.Origin.File);
        json.WriteNumber("line", item.Origin.Line);
        json.WriteStartArray("findings");
        foreach (var finding in item.Findings)
        {
            json.WriteStartObject();
            json.WriteString("outcome", Word(finding.Outcome));
            json.WriteString("subject", finding.Subject);
            json.WriteString("message", finding.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter json, string name, Func<MigrationOutcome, int> count)
    {
        json.WriteStartObject(name);
        foreach (var outcome in Outcomes)
        {
            json.WriteNumber(Word(outcome), count(outcome));
        }

        json.WriteEndObject();
    }

    private static string Counts(Func<MigrationOutcome, int> count) =>
        string.Join(", ", Outcomes.Select(outcome => string.Create(CultureInfo.InvariantCulture, $"{count(outcome)} {Sentence(outcome)}")));

    private static string Word(MigrationOutcome outcome) => outcome switch
    {
        MigrationOutcome.Same => "same",
        MigrationOutcome.Differs => "differs",
        _ => "unsupported",
    };

    private static string Sentence(MigrationOutcome outcome) => outcome switch
    {
        MigrationOutcome.Same => "the same",
        MigrationOutcome.Differs => "different",
        _ => "unsupported",
    };

    private static Color ColorOf(MigrationOutcome outcome) => outcome switch
    {
        MigrationOutcome.Same => Color.Green,
        MigrationOutcome.Differs => Color.Yellow,
        _ => Color.Red,
    };
}
