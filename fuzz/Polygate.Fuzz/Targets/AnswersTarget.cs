using System.Text;
using Polygate.Model;
using Polygate.Proxy.Simulation;

namespace Polygate.Fuzz.Targets;

/// <summary>
/// A backend's answer, whatever it is: the client gets a well-formed answer or a broken connection, the same however the bytes arrive; the next
/// request gets its own answer and not a byte of this one; and nothing is left open.
/// </summary>
/// <param name="protocol">What the backend speaks.</param>
internal abstract class AnswersTarget(BackendProtocol protocol) : ITarget
{
    private static readonly string[] Requests =
    [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n",
    ];

    private readonly SimulatedGateway gateway = new(protocol: protocol);

    public abstract string Name { get; }

    public abstract IReadOnlyList<byte[]> Words { get; }

    public abstract IEnumerable<byte[]> Seeds { get; }

    public string? Run(byte[] input, Random random)
    {
        var request = Requests[random.Next(Requests.Length)];
        var finishes = random.Next(2) == 0;
        var atOnce = Exchange(request, [input], finishes, inline: true);
        var inPieces = Exchange(request, Cuts.Of(input, random), finishes, inline: random.Next(2) == 0);
        return IsSame(atOnce, inPieces) ? null : $"how it arrives changes it:\n{atOnce}\n{inPieces}";
    }

    /// <summary>Whether what came of an answer that arrived at once and in pieces may be one and the other.</summary>
    protected abstract bool IsSame(string atOnce, string inPieces);

    /// <summary>Answers <c>GET /second</c> with the body <c>clean</c>; false when nothing of the first answer may be in the way.</summary>
    /// <param name="upstreams">All connections so far; the request is on one of them.</param>
    protected abstract bool AnswerSecond(IReadOnlyList<SimulatedChannel> upstreams);

    public void Dispose() => gateway.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private string Exchange(string request, IEnumerable<ReadOnlyMemory<byte>> answer, bool finishes, bool inline)
    {
        gateway.Inline = inline;
        gateway.Upstreams.Clear();
        var client = gateway.Connect();
        client.Deliver(Encoding.ASCII.GetBytes(request));
        gateway.Loop.Run();
        var upstream = gateway.Upstreams[0];
        foreach (var piece in answer)
            upstream.Deliver(piece);

        if (finishes)
            upstream.Finish();

        gateway.Loop.Run();
        var isReusable = !client.IsClosed && !client.IsShutDown && EndsCleanly(client, request);
        var isSecondClean = isReusable && AskAgain(client);
        client.Finish();
        gateway.Loop.Advance(TimeSpan.FromHours(3));
        return Judge(client, request, isReusable, isSecondClean);
    }

    /// <summary>Whether an answer came that leaves the connection for another request.</summary>
    private static bool EndsCleanly(SimulatedChannel client, string request) =>
        ReadAnswer.All(client.Sent.Span, MethodOf(request)) is [{ IsComplete: true, Status: not 101 } answer]
        && !answer.Head.Contains("Connection: close", StringComparison.Ordinal);

    private bool AskAgain(SimulatedChannel client)
    {
        client.Deliver("GET /second HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        gateway.Loop.Run();
        var isClean = AnswerSecond(gateway.Upstreams);
        gateway.Loop.Run();
        return isClean;
    }

    private string Judge(SimulatedChannel client, string request, bool askedAgain, bool isSecondClean)
    {
        if (gateway.Failures.Count > 0)
            throw new InvalidOperationException(gateway.Failures[0]);

        if (!client.IsClosed || gateway.Upstreams.Any(upstream => !upstream.IsClosed) || gateway.Server.ReadMetrics() is not { ActiveConnections: 0, ActiveRequests: 0 })
            throw new InvalidOperationException("Something is left open.");

        var answers = askedAgain ? ReadAnswer.All(client.Sent.Span, MethodOf(request), "GET") : ReadAnswer.All(client.Sent.Span, MethodOf(request));
        if (isSecondClean && answers is not [_, { Status: 200, Body: "clean", IsComplete: true }])
            throw new InvalidOperationException("The next request got another answer: " + answers[^1]);

        return answers switch
        {
            // What broke early may have had no time to be begun.
            [] or [{ IsComplete: false }, ..] => client.IsAborted ? "cut" : throw new InvalidOperationException("An answer that is cut ends in an orderly way."),
            [var answer, ..] => $"{answer.Status} {answer.Body}",
        };
    }

    private static string MethodOf(string request) => request[..request.IndexOf(' ', StringComparison.Ordinal)];
}
