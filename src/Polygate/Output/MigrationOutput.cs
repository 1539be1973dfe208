using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Polygate.Dialects.IngressNginx.Migration;
using Polygate.Dialects.IngressNginx.Migration.Manifests;
using Polygate.Model;
using Spectre.Console;

namespace Polygate.Output;

/// <summary>A migration report for people and for programs.</summary>
internal static class MigrationOutput
{
    private static readonly MigrationOutcome[] Outcomes = [MigrationOutcome.Same, MigrationOutcome.Differs, MigrationOutcome.Unsupported];

    /// <summary>Findings, counts, and what written manifests leave out.</summary>
    public static void WriteTable(TextWriter writer, MigrationReport report, MigratedManifests? manifests)
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
        if (manifests is not null)
        {
            WriteTable(writer, manifests);
        }
    }

    private static void WriteTable(TextWriter writer, MigratedManifests manifests)
    {
        var table = new TextTable("Not in the manifests", "", "Where", "Object", "Not in the manifests");
        foreach (var (origin, what, withholds) in manifests.NotExpressed)
        {
            table.Add(withholds ? Color.Red : Color.Yellow, withholds ? "no backends" : "left out", DiagnosticOutput.PlaceOf(origin), origin.ToString(), what);
        }

        if (manifests.NotExpressed.Count > 0)
        {
            writer.WriteLine();
            table.Write(writer);
        }

        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Manifests written: {manifests.NotExpressed.Count} things are left out, {manifests.NotExpressed.Count(item => item.Withholds)} of them leave requests without a backend until you decide."));
    }

    /// <inheritdoc cref="WriteTable(TextWriter, MigrationReport, MigratedManifests?)"/>
    public static void WriteJson(TextWriter writer, MigrationReport report, MigratedManifests? manifests)
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
            if (manifests is not null)
            {
                WriteNotExpressed(json, manifests);
            }

            json.WriteEndObject();
        }

        writer.WriteLine(Encoding.UTF8.GetString(stream.ToArray()));
    }

    private static void WriteNotExpressed(Utf8JsonWriter json, MigratedManifests manifests)
    {
        json.WriteStartArray("notExpressed");
        foreach (var (origin, what, withholds) in manifests.NotExpressed)
        {
            json.WriteStartObject();
            Write(json, origin);
            json.WriteString("what", what);
            json.WriteBoolean("withoutBackends", withholds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, Origin origin)
    {
        json.WriteString("kind", origin.Kind);
        json.WriteString("namespace", origin.Namespace);
        json.WriteString("name", origin.Name);
        json.WriteString("file", origin.File);
        json.WriteNumber("line", origin.Line);
    }

    private static void Write(Utf8JsonWriter json, MigratedObject item)
    {
        json.WriteStartObject();
        json.WriteString("outcome", Word(item.Outcome));
        Write(json, item.Origin);
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
