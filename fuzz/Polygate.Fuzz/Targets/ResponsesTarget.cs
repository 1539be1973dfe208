using Polygate.Model;
using Polygate.Proxy.Simulation;

namespace Polygate.Fuzz.Targets;

/// <summary>Answers of a backend that speaks HTTP/1.1.</summary>
internal sealed class ResponsesTarget() : AnswersTarget(BackendProtocol.Http1)
{
    public override string Name => "responses";

    public override IReadOnlyList<byte[]> Words => Fuzz.Words.Http;

    public override IEnumerable<byte[]> Seeds => Corpus.Load("responses").Where(answer => answer.Bytes.Length <= 4096).Select(answer => answer.Bytes);

    protected override bool IsSame(string atOnce, string inPieces) => atOnce == inPieces;

    protected override bool AnswerSecond(IReadOnlyList<SimulatedChannel> upstreams)
    {
        upstreams.Last(upstream => upstream.Sent.Span.IndexOf("GET /second "u8) >= 0)
            .Deliver("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nclean"u8.ToArray());
        return true;
    }
}
