using System.Text;
using Polygate.Proxy.Simulation;

namespace Polygate.Proxy.Tests.Forwarding;

/// <summary>What clients get of a corpus of backends' answers, and that no answer spoils another.</summary>
public sealed class AnswerCorpusTests
{
    private static readonly IReadOnlyList<CorpusCase> Answers = Corpus.Load("responses");

    [Fact]
    public async Task Every_answer_is_passed_on_refused_or_cut_however_it_arrives()
    {
        await using var gateway = new SimulatedGateway();
        var problems = new List<string>();
        foreach (var answer in Answers)
        {
            var expected = answer.Notes["expect"].Replace("{}", answer.Name.Split(' ')[^1], StringComparison.Ordinal);
            foreach (var (pieces, inline) in Arrivals(answer))
            {
                var got = Exchange(gateway, answer, pieces, inline);
                if (got != expected)
                    problems.Add($"{answer.Name}: {got} instead of {expected}");
            }
        }

        Assert.True(problems.Count == 0, string.Join("\n", problems.Distinct()));
        Assert.Empty(gateway.Failures);
    }

    private static IEnumerable<(ReadOnlyMemory<byte>[] Pieces, bool Inline)> Arrivals(CorpusCase answer)
    {
        yield return ([answer.Bytes], true);
        yield return ([answer.Bytes], false);
        yield return (answer.InPiecesOf(1), true);
        foreach (var boundary in answer.Boundaries().Where(boundary => answer.Bytes.Length < 1024 || boundary % 7 == 0))
            yield return (answer.SplitAt(boundary), boundary % 2 == 0);
    }

    /// <summary>Asks, has the backend answer, and asks again: what the client got first. Fails when the second answer is not its own.</summary>
    private static string Exchange(SimulatedGateway gateway, CorpusCase answer, ReadOnlyMemory<byte>[] pieces, bool inline)
    {
        var method = answer.Notes.GetValueOrDefault("to", "GET");
        gateway.Inline = inline;
        gateway.Upstreams.Clear();
        var client = gateway.Connect();
        client.Deliver(Encoding.ASCII.GetBytes($"{method} /first HTTP/1.1\r\nHost: a\r\n\r\n"));
        gateway.Loop.Run();
        var upstream = gateway.Upstreams[0];
        foreach (var piece in pieces)
            upstream.Deliver(piece);

        if (answer.Notes.ContainsKey("then"))
            upstream.Finish();

        gateway.Loop.Run();
        var first = ReadAnswer.All(client.Sent.Span, method).SingleOrDefault();
        AskAnother(gateway);
        client.Finish();
        gateway.Loop.Advance(TimeSpan.FromHours(2));
        Assert.True(client.IsClosed && gateway.Upstreams.TrueForAll(channel => channel.IsClosed), $"{answer.Name} leaves something open");
        if (first is null or { IsComplete: false })
            return client.IsAborted ? "cut" : "an orderly end without an answer";

        return first.Body is "" or "502 bad gateway\n" ? $"{first.Status}" : $"{first.Status} {first.Body}";
    }

    /// <summary>Another client comes, whose request may go on the same connection to the backend.</summary>
    private static void AskAnother(SimulatedGateway gateway)
    {
        var other = gateway.Connect();
        other.Deliver("GET /second HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        gateway.Loop.Run();
        gateway.Upstreams.Last(upstream => upstream.Sent.Span.IndexOf("GET /second "u8) >= 0).Deliver("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nclean"u8.ToArray());
        gateway.Loop.Run();
        Assert.Equal("clean", ReadAnswer.All(other.Sent.Span, "GET").Single().Body);
        other.Finish();
        gateway.Loop.Run();
    }
}
