using Polygate.Analysis;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;
using Polygate.Running;
using Spectre.Console;

namespace Polygate.Output;

/// <summary>The request that is asked about.</summary>
internal sealed record ProbedRequest(string Method, Uri Url, IReadOnlyList<KeyValuePair<string, string>> Headers);

/// <summary>Which route answers a request, what happens, and why others do not.</summary>
internal static class ExplanationOutput
{
    private static readonly PortMap Ports = new(null, new Dictionary<int, int>());

    /// <returns>Whether a route answers.</returns>
    public static bool Write(TextWriter writer, Snapshot snapshot, ProbedRequest request, bool all)
    {
        var listeners = ListenersFor(snapshot.Configuration, request.Url);
        if (listeners.Count == 0)
        {
            writer.WriteLine($"Nothing listens there: no listener speaks {request.Url.Scheme} on port {request.Url.Port}.");
            WriteListeners(writer, snapshot.Configuration);
            return false;
        }

        if (RequestProbe.Create(request.Method, request.Url, request.Headers, listeners[0].Port) is not { } head)
        {
            writer.WriteLine("The request is refused with 400: its host or path is malformed.");
            return false;
        }

        var explanation = snapshot.Routes.ForListeners(listeners).Explain(head, SocketRoutes.NewDraw());
        if (explanation.Winner is { } winner)
        {
            WriteWinner(writer, winner, snapshot.Configuration);
        }
        else
        {
            writer.WriteLine("No route answers: the client gets 404.");
        }

        WriteOthers(writer, explanation, all);
        return explanation.Winner is not null;
    }

    private static List<ListenerKey> ListenersFor(GatewayConfiguration configuration, Uri url)
    {
        var protocol = url.Scheme == Uri.UriSchemeHttps ? ListenerProtocol.Https : ListenerProtocol.Http;
        return [.. configuration.Pieces.Values.SelectMany(piece => piece.Listeners)
            .Where(listener => listener.Protocol == protocol && (listener.Key.Port == url.Port || Ports.PortFor(listener.Key.Port) == url.Port))
            .Select(listener => listener.Key).Distinct().OrderBy(key => key.Port).ThenBy(key => key.Address, StringComparer.Ordinal)];
    }

    private static void WriteListeners(TextWriter writer, GatewayConfiguration configuration)
    {
        foreach (var listener in configuration.Pieces.Values.SelectMany(piece => piece.Listeners).DistinctBy(listener => listener.Key).OrderBy(listener => listener.Key.Port))
        {
            writer.WriteLine($"  {listener.Protocol} on {listener.Key} ({listener.Origin}, {DiagnosticOutput.PlaceOf(listener.Origin)})");
        }
    }

    private static void WriteWinner(TextWriter writer, CompiledRoute winner, GatewayConfiguration configuration)
    {
        var origin = winner.Route.Origin;
        writer.WriteLine($"Answered by {origin} ({origin.Dialect}){(origin.Field.Length == 0 ? "" : $", {origin.Field}")}");
        writer.WriteLine($"Written in  {DiagnosticOutput.PlaceOf(origin)}");
        writer.WriteLine();
        writer.WriteLine("What happens:");
        var step = 1;
        foreach (var sentence in RouteDescription.Of(winner.Route, configuration))
        {
            writer.WriteLine($"  {step++}. {sentence}");
        }
    }

    private static void WriteOthers(TextWriter writer, Explanation explanation, bool all)
    {
        var others = explanation.Matches.Where(match => match.Verdict != MatchVerdict.Matched).ToList();
        var shown = others.Where(match => all || match.Verdict is not (MatchVerdict.HostDiffers or MatchVerdict.OtherVirtualHost)).ToList();
        if (shown.Count > 0)
        {
            writer.WriteLine();
            writer.WriteLine("Why others did not:");
            var table = Tables.Create("Route", "Host", "Path", "Why", "Source");
            foreach (var match in shown)
            {
                var origin = match.Route.Route.Origin;
                table.AddRow(
                    new Text($"{origin} ({origin.Dialect})"),
                    new Text((match.Match.Host == HostPattern.Any ? match.VirtualHost : match.Match.Host).ToString()),
                    new Text(match.Match.Path.ToString()),
                    new Text(match.Detail),
                    new Text(DiagnosticOutput.PlaceOf(origin)));
            }

            Tables.Write(writer, table);
        }

        if (others.Count > shown.Count)
        {
            writer.WriteLine();
            writer.WriteLine($"{others.Count - shown.Count} matches for other hosts are not shown (--all shows them).");
        }
    }
}
