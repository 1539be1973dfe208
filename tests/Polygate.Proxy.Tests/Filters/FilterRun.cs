using System.Text;
using Polygate.Model;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Tests.Filters;

/// <summary>Runs filters over requests.</summary>
internal sealed class FilterRun
{
    private readonly FilterChain chain;
    private readonly FilterState state = new();

    private FilterRun(FilterChain chain, RequestHead head)
    {
        this.chain = chain;
        Head = head;
    }

    public RequestHead Head { get; }

    public LocalReply? Reply { get; private set; }

    public string Path => Encoding.UTF8.GetString(Head.Path);

    public string Authority => Encoding.UTF8.GetString(Head.Authority);

    public static async Task<FilterRun> Run(RequestHead head, params Filter[] filters) => await Run(head, new RuntimeState(), filters);

    public static async Task<FilterRun> Run(RequestHead head, RuntimeState runtime, params Filter[] filters)
    {
        var run = new FilterRun(FilterChain.Compile(filters, "test", runtime, []), head);
        run.state.Begin(listenerPort: 80);
        run.Reply = await run.chain.ApplyToRequestAsync(head, run.state);
        return run;
    }

    public string? Header(string name) => Text(Head.Headers, name);

    /// <summary>The field of the answer: the filters' own, or what they make of the backend's.</summary>
    public string? ResponseHeader(string name, params (string Name, string Value)[] fromBackend)
    {
        var response = new ResponseHead { Status = 200 };
        Reply?.WriteTo(response);
        foreach (var (header, value) in fromBackend)
        {
            response.Headers.Add(Encoding.UTF8.GetBytes(header), Encoding.UTF8.GetBytes(value));
        }

        chain.ApplyToResponse(Head, response, state);
        return Text(response.Headers, name);
    }

    private static string? Text(HeaderTable headers, string name)
    {
        var lines = new List<string>();
        for (var line = headers.IndexOf(Encoding.UTF8.GetBytes(name)); line >= 0; line = headers.IndexOf(Encoding.UTF8.GetBytes(name), line + 1))
        {
            lines.Add(Encoding.UTF8.GetString(headers.Value(line)));
        }

        return lines.Count == 0 ? null : string.Join('|', lines);
    }
}
