using Polygate.Proxy.Http;
using Polygate.Proxy.Simulation;

namespace Polygate.Proxy.Tests.Http;

/// <summary>
/// The engine's HTTP/1.1 against Kestrel's, over a corpus of requests: valid, odd and hostile. Every difference is listed in docs/http1.md.
/// </summary>
public sealed class CodecCorpusTests
{
    private static readonly IReadOnlyList<CorpusCase> Requests = Corpus.Load("requests");

    [Fact]
    public void The_corpus_has_more_than_five_hundred_requests() => Assert.InRange(Requests.Count, 500, int.MaxValue);

    [Fact]
    public async Task The_codec_agrees_with_Kestrels_or_differs_as_listed()
    {
        await using var kestrel = await KestrelServerReference.StartAsync(HttpLimits.Default);
        var own = new OwnServer(HttpLimits.Default);
        var listed = ListedDifferences.Load();
        var problems = new List<string>();
        foreach (var request in Requests)
        {
            var atOnce = await kestrel.ReadAsync([request.Bytes]);
            var byteByByte = await kestrel.ReadAsync(request.InPiecesOf(1));
            var comparison = Comparison.Of(own.Read([request.Bytes], inline: true), atOnce);
            if (comparison.Relation == Relation.Same)
                comparison = Comparison.Of(own.Read(request.InPiecesOf(1), inline: false), byteByByte);

            if (comparison.Relation == Relation.Same)
                continue;

            if (listed.FirstThatCovers(request, comparison.Relation) is { } difference)
                listed.Saw(difference, request);
            else
                problems.Add($"{request.Name}: {comparison.Relation}, {comparison.Detail}");
        }

        Assert.True(problems.Count == 0, string.Join("\n", problems));
        Assert.Empty(listed.NeverSeen(Requests));
    }

    [Fact]
    public void How_the_bytes_arrive_changes_nothing() => Parallel.ForEach(Requests, request =>
    {
        var own = new OwnServer(HttpLimits.Default);
        var expected = own.Read([request.Bytes], inline: true).ToString();
        foreach (var inline in (bool[])[true, false])
        {
            Assert.Equal((request.Name, expected), (request.Name, own.Read([request.Bytes], inline).ToString()));
            Assert.Equal((request.Name, expected), (request.Name, own.Read(request.InPiecesOf(1), inline).ToString()));
            foreach (var boundary in request.Boundaries())
                Assert.Equal((request.Name, boundary, expected), (request.Name, boundary, own.Read(request.SplitAt(boundary), inline).ToString()));
        }
    });
}
