using System.Net;
using System.Text;
using Polygate.Dialects.Pipeline;
using Polygate.Model;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Dialects.Tests.Golden;

/// <summary>Sends requests through a translation, the engine's routing table and its filters: what would be answered, without sockets.</summary>
internal sealed class ServedRequests
{
    private readonly RoutingTable table;

    public ServedRequests(string yaml, params IDialect[] dialects)
    {
        var (translator, problems) = GoldenFile.Translate(yaml, dialects);
        Assert.Empty(problems);
        Configuration = translator.Configuration;
        Diagnostics = [.. translator.Diagnostics.Where(diagnostic => !IsQuirk(diagnostic))];
        Quirks = [.. translator.Diagnostics.Where(IsQuirk).Select(diagnostic => diagnostic.Code["quirk-".Length..]).Distinct()];
        table = RoutingTable.Build(Configuration, RoutingTable.Empty, new RuntimeState());
        Assert.Empty(table.Problems);
    }

    public GatewayConfiguration Configuration { get; }

    /// <summary>All but those that tell of quirks.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }

    /// <summary>The quirks that are told of, by their codes.</summary>
    public IReadOnlyList<string> Quirks { get; }

    /// <summary>The last request as the backend would see it.</summary>
    public RequestHead Forwarded { get; private set; } = new();

    /// <summary>The identity of the route that answers; null when none does.</summary>
    /// <param name="request"><c>[METHOD] host/path[?query] [Name=value]…</c>, parted by spaces.</param>
    /// <param name="port">The listener's port; 443 counts as TLS.</param>
    public string? RouteOf(string request, int port = 80) => Match(Request(request, port), port)?.Route.Id;

    /// <summary>
    /// What the backend sees: <c>host/path</c>, then the request headers <c>Name=value</c> by name; or the status of a filter that answers by itself;
    /// null without a route.
    /// </summary>
    /// <param name="request">As <see cref="RouteOf"/> takes it.</param>
    /// <param name="port">The listener's port; 443 counts as TLS.</param>
    public async Task<string?> SeenByBackend(string request, int port = 80)
    {
        var head = Request(request, port);
        if (Match(head, port) is not { } route)
        {
            return null;
        }

        if (await Filter(route.Filters, head, port) is { } reply)
        {
            return reply.ToString();
        }

        var headers = Enumerable.Range(0, head.Headers.Count)
            .Select(i => $" {Encoding.UTF8.GetString(head.Headers.Name(i))}={Encoding.UTF8.GetString(head.Headers.Value(i))}")
            .Order(StringComparer.OrdinalIgnoreCase);
        return Encoding.UTF8.GetString(head.Authority) + Encoding.UTF8.GetString(head.Path) + string.Concat(headers);
    }

    /// <summary>
    /// The Service and the path it sees (<c>web /path</c>), or the status and where it redirects to (<c>301 http://host/</c>).
    /// </summary>
    /// <param name="url">With scheme; the port follows from it.</param>
    /// <param name="method">The method.</param>
    /// <param name="client">The client's address.</param>
    /// <param name="draw">The request's random number.</param>
    /// <param name="headers">Header fields.</param>
    public async Task<string> AnswerAsync(
        string url, string method = "GET", string client = "127.0.0.1", ulong draw = 0, params (string Name, string Value)[] headers)
    {
        var isTls = url.StartsWith("https:", StringComparison.Ordinal);
        var port = isTls ? 443 : 80;
        var head = Forwarded = Request(url[(url.IndexOf("//", StringComparison.Ordinal) + 2)..], method, client, port, headers);
        if (Match(head, port, draw) is not { } route)
        {
            return "404";
        }

        if (await Filter(route.Filters, head, port) is { } reply)
        {
            return Describe(reply);
        }

        if (route.Forward is not { } forward)
        {
            return Describe(route.Answer(head));
        }

        if (forward.Pick() is not { Cluster: { } cluster } target)
        {
            return forward.Action.NoBackendStatus.ToString();
        }

        Assert.Null(await Filter(target.Filters, head, port));
        var name = cluster.Id.Split(':')[0];
        return $"{name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..]} {Encoding.UTF8.GetString(head.Path)}";
    }

    private CompiledRoute? Match(RequestHead head, int port, ulong? draw = null)
    {
        var view = table.ForListeners([new ListenerKey(port), new ListenerKey(port) { Family = ListenerFamily.Http }, new ListenerKey(port) { Family = ListenerFamily.Tls }]);
        return draw is { } number ? view.Match(head, number) : view.Match(head);
    }

    private static async Task<LocalReply?> Filter(FilterChain filters, RequestHead head, int port)
    {
        var state = new FilterState();
        state.Begin(port);
        return await filters.ApplyToRequestAsync(head, state);
    }

    /// <summary>A request in the notation of <see cref="RouteOf"/>.</summary>
    private static RequestHead Request(string request, int port)
    {
        var words = request.Split(' ').ToList();
        var method = words[0].Contains('/') ? "GET" : words[0];
        words.RemoveAll(word => word == method);
        return Request(words[0], method, "127.0.0.1", port, [.. words.Skip(1).Select(Pair)]);
    }

    private static (string Name, string Value) Pair(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        return (word[..equals], word[(equals + 1)..]);
    }

    private static RequestHead Request(string target, string method, string client, int port, (string Name, string Value)[] headers)
    {
        var isTls = port == 443;
        var slash = target.IndexOf('/', StringComparison.Ordinal);
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var host = target[..slash];
        var head = new RequestHead
        {
            Client = new ClientConnection(IPAddress.Loopback, port, isTls, isTls ? host : ""),
            ClientAddress = IPAddress.Parse(client),
            IsTls = isTls,
            HasQuery = question >= 0,
        };
        head.SetMethod(Encoding.UTF8.GetBytes(method));
        head.SetHost(Encoding.UTF8.GetBytes(host));
        head.SetAuthority(Encoding.UTF8.GetBytes(host));
        head.SetPath(Encoding.UTF8.GetBytes(question < 0 ? target[slash..] : target[slash..question]));
        head.SetQuery(Encoding.UTF8.GetBytes(question < 0 ? "" : target[(question + 1)..]));
        foreach (var (name, value) in headers)
        {
            head.Headers.Add(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
        }

        return head;
    }

    private static bool IsQuirk(Diagnostic diagnostic) => diagnostic.Code.StartsWith("quirk-", StringComparison.Ordinal);

    private static string Describe(LocalReply reply)
    {
        var head = new ResponseHead();
        reply.WriteTo(head);
        return head.Headers.TryGet("location"u8, out var location) ? $"{head.Status} {Encoding.UTF8.GetString(location)}" : head.Status.ToString();
    }
}
