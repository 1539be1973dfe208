using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Polygate.Analysis;
using Polygate.Model;

namespace Polygate.Output;

/// <summary>The routes of a configuration, one line for each match.</summary>
internal static class RouteOutput
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Prints a table.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="configuration">What to print.</param>
    /// <param name="limit">At most so many lines.</param>
    public static void WriteTable(TextWriter writer, GatewayConfiguration configuration, int limit = int.MaxValue)
    {
        var rows = Rows(configuration);
        if (rows.Count == 0)
        {
            writer.WriteLine("No route is configured.");
            return;
        }

        var table = new TextTable("Conditions", "Dialect", "Port", "Host", "Path", "Conditions", "Backend", "Source");
        foreach (var row in rows.Take(limit))
        {
            table.Add(null, row.Dialect, row.Listener, row.Host, row.Path, row.Conditions, row.Target, row.Source);
        }

        table.Write(writer);
        if (rows.Count > limit)
        {
            writer.WriteLine($"… and {rows.Count - limit} more; polygate routes lists them all.");
        }
    }

    public static void WriteJson(TextWriter writer, GatewayConfiguration configuration)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Indented))
        {
            json.WriteStartArray();
            foreach (var row in Rows(configuration))
            {
                json.WriteStartObject();
                json.WriteString("dialect", row.Dialect);
                json.WriteString("listener", row.Listener);
                json.WriteString("host", row.Host);
                json.WriteString("path", row.Path);
                json.WriteString("conditions", row.Conditions);
                json.WriteString("backend", row.Target);
                json.WriteString("source", row.Source);
                json.WriteString("route", row.Id);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        writer.WriteLine(Encoding.UTF8.GetString(stream.ToArray()));
    }

    private static List<RouteRow> Rows(GatewayConfiguration configuration) =>
        [.. configuration.Routes.SelectMany(route => Rows(route, configuration)).Concat(configuration.StreamRoutes.SelectMany(Rows)).Distinct()
            .OrderBy(row => row.Dialect, StringComparer.Ordinal).ThenBy(row => row.Host, StringComparer.Ordinal)
            .ThenBy(row => row.Path, StringComparer.Ordinal).ThenBy(row => row.Listener, StringComparer.Ordinal).ThenBy(row => row.Id, StringComparer.Ordinal)];

    private static IEnumerable<RouteRow> Rows(Route route, GatewayConfiguration configuration)
    {
        var target = RouteDescription.Target(route, configuration);
        return from binding in route.Bindings
               from match in binding.Matches
               select new RouteRow(
                   route.Origin.Dialect,
                   binding.Listener.ToString(),
                   (match.Host == HostPattern.Any ? binding.VirtualHost : match.Host).ToString(),
                   match.Path.ToString(),
                   string.Join(", ", match.Conditions.Select(Proxy.Routing.ConditionText.Of)),
                   target,
                   DiagnosticOutput.PlaceOf(route.Origin),
                   route.Id);
    }

    /// <summary>A stream has no path; what is done with it stands there.</summary>
    private static IEnumerable<RouteRow> Rows(StreamRoute route) =>
        from binding in route.Bindings
        from match in binding.Matches
        select new RouteRow(
            route.Origin.Dialect,
            binding.Listener.ToString(),
            (match.ServerName == HostPattern.Any ? binding.VirtualHost : match.ServerName).ToString(),
            StreamDescription.Handling(route, binding.Listener),
            string.Join(", ", match.Conditions.Select(Proxy.Routing.ConditionText.Of)),
            StreamDescription.Target(route),
            DiagnosticOutput.PlaceOf(route.Origin),
            route.Id);

    private sealed record RouteRow(
        string Dialect, string Listener, string Host, string Path, string Conditions, string Target, string Source, string Id);
}
