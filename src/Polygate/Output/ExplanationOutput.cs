using Polygate.Analysis;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;
using Polygate.Running;

namespace Polygate.Output;

/// <summary>The request that is asked about.</summary>
internal sealed record ProbedRequest(string Method, Uri Url, IReadOnlyList<KeyValuePair<string, string>> Headers);

/// <summary>Which route answers a request, what happens, and why others do not.</summary>
internal static class ExplanationOutput
{
    /// <returns>Whether a route answers.</returns>
    public static bool Write(TextWriter writer, Snapshot snapshot, PortMap ports, ProbedRequest request, bool all)
    {
        var listeners = ListenersFor(snapshot.Configuration, ports, request.Url);
        if (listeners.Count == 0)
        {
            writer.WriteLine($"Nothing listens there: no listener speaks {request.Url.Scheme} on port {request.Url.Port}.");
            WriteListeners(writer, snapshot.Configuration, ports);
            return false;
        }

        if (RequestProbe.Create(request.Method, request.Url, request.Headers, listeners[0].Port) is not { } head)
        {
            writer.WriteLine("The request is refused with 400: its host or path is malformed.");
            return false;
        }

        writer.WriteLine($"Accepted on {string.Join(", ", listeners.Select(key => Shown(key, ports)))}");
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

    /// <summary>All listeners of the sockets that the URL leads to, the one of its own port first: routes of any of them may answer.</summary>
    private static List<ListenerKey> ListenersFor(GatewayConfiguration configuration, PortMap ports, Uri url)
    {
        var protocol = url.Scheme == Uri.UriSchemeHttps ? ListenerProtocol.Https : ListenerProtocol.Http;
        var listeners = configuration.Pieces.Values.SelectMany(piece => piece.Listeners).Where(listener => listener.Protocol == protocol).ToList();
        var sockets = listeners.Where(listener => listener.Key.Port == url.Port || ports.PortFor(listener.Key.Port) == url.Port)
            .SelectMany(listener => listener.Sockets()).Select(ports.EndPointFor).ToHashSet();
        return [.. listeners.Where(listener => listener.Sockets().Any(socket => sockets.Contains(ports.EndPointFor(socket)))).Select(listener => listener.Key).Distinct()
            .OrderByDescending(key => key.Port == url.Port).ThenBy(key => key.Port).ThenBy(key => key.Address, StringComparer.Ordinal)];
    }

    private static string Shown(ListenerKey key, PortMap ports) =>
        ports.PortFor(key.Port) is var bound && bound == key.Port ? key.ToString() : $"{key} (bound at port {bound})";

    private static void WriteListeners(TextWriter writer, GatewayConfiguration configuration, PortMap ports)
    {
        foreach (var listener in configuration.Pieces.Values.SelectMany(piece => piece.Listeners).DistinctBy(listener => listener.Key).OrderBy(listener => listener.Key.Port))
        {
            writer.WriteLine($"  {listener.Protocol.ToString().ToLowerInvariant()} on {Shown(listener.Key, ports)} ({listener.Origin}, {DiagnosticOutput.PlaceOf(listener.Origin)})");
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
            var table = new TextTable("Why", "Route", "Host", "Path", "Why", "Source");
            foreach (var match in shown)
            {
                var origin = match.Route.Route.Origin;
                table.Add(
                    null,
                    $"{origin} ({origin.Dialect})",
                    (match.Match.Host == HostPattern.Any ? match.VirtualHost : match.Match.Host).ToString(),
                    match.Match.Path.ToString(),
                    match.Detail,
                    DiagnosticOutput.PlaceOf(origin));
            }

            table.Write(writer);
        }

        if (others.Count > shown.Count)
        {
            writer.WriteLine();
            writer.WriteLine($"{others.Count - shown.Count} matches for other hosts are not shown (--all shows them).");
        }
    }
}
