using System.Text;
using Polygate.Proxy.Http;
using Polygate.Proxy.Simulation;

namespace Polygate.Fuzz.Targets;

/// <summary>
/// What clients smuggle: the backend, which is Kestrel here (with more room, for what the proxy adds), reads exactly the requests that the proxy understood, and nothing else.
/// </summary>
internal sealed class ForwardingTarget(KestrelServerReference kestrel) : ITarget
{
    private readonly SimulatedGateway gateway = new();
    private readonly OwnServer own = new(HttpLimits.Default);

    /// <summary>With the backend's room.</summary>
    private readonly OwnServer behind = new(new HttpLimits { RequestLine = 16 * 1024, HeaderBytes = 64 * 1024, HeaderCount = 200 });

    public string Name => "forwarding";

    public IReadOnlyList<byte[]> Words => Fuzz.Words.Http;

    public IEnumerable<byte[]> Seeds => Corpus.Load("requests").Where(request => request.Bytes.Length <= 2048).Select(request => request.Bytes);

    public string? Run(byte[] input, Random random)
    {
        var understood = own.Read([input], inline: true).Requests.Where(request => request.BodyStatus == 0).Select(Describe).ToList();
        if (understood.Count == 0 && random.Next(8) != 0)
            return null;

        gateway.Inline = random.Next(2) == 0;
        gateway.Upstreams.Clear();
        var client = gateway.Connect();
        foreach (var piece in Cuts.Of(input, random))
            client.Deliver(piece);

        AnswerAll();
        client.Finish();
        gateway.Loop.Advance(TimeSpan.FromHours(3));
        if (gateway.Failures.Count > 0)
            return gateway.Failures[0];

        if (!client.IsClosed || gateway.Upstreams.Any(upstream => !upstream.IsClosed) || gateway.Server.ReadMetrics() is not { ActiveConnections: 0, ActiveRequests: 0 })
            return "something is left open";

        var arrived = new List<string>();
        foreach (var upstream in gateway.Upstreams)
        {
            var reading = kestrel.ReadAsync([upstream.Sent]).GetAwaiter().GetResult();
            arrived.AddRange(reading.Requests.Where(request => request.BodyStatus == 0).Select(Describe));
            if (reading.Requests.Any(request => request.BodyStatus > 0))
                return $"the backend cannot read a body: {Encoding.Latin1.GetString(upstream.Sent.Span)}";
        }

        return understood.SequenceEqual(arrived) ? null : $"the backend reads something else:\n{string.Join('\n', understood)}\nand\n{string.Join('\n', arrived)}";
    }

    public void Dispose() => gateway.DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>The backend answers every request that came to it as a whole.</summary>
    private void AnswerAll()
    {
        var answered = new Dictionary<SimulatedChannel, int>();
        bool goesOn;
        do
        {
            gateway.Loop.Run();
            goesOn = false;
            foreach (var upstream in gateway.Upstreams.ToList())
            {
                var complete = behind.Read([upstream.Sent], inline: true).Requests.Count(request => request.BodyStatus == 0);
                if (upstream.IsClosed || complete == answered.GetValueOrDefault(upstream))
                    continue;

                answered[upstream] = complete;
                upstream.Deliver("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                goesOn = true;
            }
        }
        while (goesOn);
    }

    private static string Describe(ReadRequest request) =>
        $"{request.Method} {request.Target} {request.Body} [{string.Join(" | ", request.Trailers.Where(field => field.Value.Length > 0).OrderBy(field => field.Name, StringComparer.OrdinalIgnoreCase).Select(field => $"{field.Name.ToLowerInvariant()}: {field.Value}"))}]";
}
