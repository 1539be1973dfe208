using System.Net;
using System.Text;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Tests.Golden;
using Polygate.Model;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Dialects.Tests.Ingress;

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
        var head = Forwarded = Request(url[(url.IndexOf("//", StringComparison.Ordinal) + 2)..], method, client, isTls, port, headers);
        if (table.ForListeners([new ListenerKey(port)]).Match(head, draw) is not { } route)
        {
            return "404";
        }

        var state = new FilterState();
        state.Begin(port);
        if (await route.Filters.ApplyToRequestAsync(head, state) is { } reply)
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

        state.Begin(port);
        Assert.Null(await target.Filters.ApplyToRequestAsync(head, state));
        var name = cluster.Id.Split(':')[0];
        return $"{name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..]} {Encoding.UTF8.GetString(head.Path)}";
    }

    private static RequestHead Request(string target, string method, string client, bool isTls, int port, (string Name, string Value)[] headers)
    {
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
