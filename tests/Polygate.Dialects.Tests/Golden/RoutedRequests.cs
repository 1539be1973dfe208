using System.Net;
using System.Text;
using Polygate.Dialects.Pipeline;
using Polygate.Model;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Dialects.Tests.Golden;

/// <summary>Sends requests through a translation and the engine's own routing table, for tables of precedence.</summary>
internal sealed class RoutedRequests
{
    private readonly RoutingTable table;

    public RoutedRequests(string yaml, params IDialect[] dialects)
    {
        var (translator, problems) = GoldenFile.Translate(yaml, dialects);
        Assert.DoesNotContain(problems, problem => problem.Severity == DiagnosticSeverity.Error);
        Diagnostics = translator.Diagnostics;
        table = RoutingTable.Build(translator.Configuration, RoutingTable.Empty, new RuntimeState());
    }

    /// <summary>What the translation had to say.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }

    /// <summary>The identity of the route that answers, or null.</summary>
    /// <param name="request"><c>[METHOD] host/path[?query] [Name=value]…</c>, parted by spaces.</param>
    /// <param name="port">The listener's port; 443 counts as TLS.</param>
    public string? Answer(string request, int port = 80) => Match(Head(request, port), port)?.Route.Id;

    /// <summary>
    /// What the backend sees: <c>host/path</c>, then the request headers <c>Name=value</c> by name; or the status of a filter that answers by itself;
    /// null without a route.
    /// </summary>
    /// <param name="request">As <see cref="Answer"/> takes it.</param>
    /// <param name="port">The listener's port; 443 counts as TLS.</param>
    public async Task<string?> SeenByBackend(string request, int port = 80)
    {
        var head = Head(request, port);
        if (Match(head, port) is not { } route)
        {
            return null;
        }

        var state = new FilterState();
        state.Begin(port);
        if (await route.Filters.ApplyToRequestAsync(head, state) is { } reply)
        {
            return reply.ToString();
        }

        var headers = Enumerable.Range(0, head.Headers.Count)
            .Select(i => $" {Encoding.UTF8.GetString(head.Headers.Name(i))}={Encoding.UTF8.GetString(head.Headers.Value(i))}")
            .Order(StringComparer.OrdinalIgnoreCase);
        return Encoding.UTF8.GetString(head.Authority) + Encoding.UTF8.GetString(head.Path) + string.Concat(headers);
    }

    private CompiledRoute? Match(RequestHead head, int port) => table.ForListeners([new ListenerKey(port)]).Match(head);

    private static RequestHead Head(string request, int port)
    {
        var words = request.Split(' ').ToList();
        var method = words[0].Contains('/') ? "GET" : words[0];
        words.RemoveAll(word => word == method);
        var target = words[0];
        var slash = target.IndexOf('/', StringComparison.Ordinal);
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var host = Encoding.UTF8.GetBytes(target[..slash]);
        var head = new RequestHead
        {
            Client = new ClientConnection(IPAddress.Loopback, port, port == 443, target[..slash]),
            ClientAddress = IPAddress.Loopback,
            IsTls = port == 443,
            HasQuery = question >= 0,
        };
        head.SetMethod(Encoding.UTF8.GetBytes(method));
        head.SetHost(host);
        head.SetAuthority(host);
        head.SetPath(Encoding.UTF8.GetBytes(question < 0 ? target[slash..] : target[slash..question]));
        head.SetQuery(Encoding.UTF8.GetBytes(question < 0 ? "" : target[(question + 1)..]));
        foreach (var header in words.Skip(1))
        {
            var equals = header.IndexOf('=', StringComparison.Ordinal);
            head.Headers.Add(Encoding.UTF8.GetBytes(header[..equals]), Encoding.UTF8.GetBytes(header[(equals + 1)..]));
        }

        return head;
    }
}
