using System.Net;

namespace Polygate.Dialects.Tests.GatewayApi.Conformance;

/// <summary>
/// What one test of the conformance suite asserts, line by line: <c>gateway NAME[:PORT]</c> says where the requests after it go,
/// <c>delete KIND NAME</c> and <c>apply</c> (with YAML, indented) change objects, <c>share N REQUEST -> SERVICE=PERCENT…</c> counts answers, <c>copies</c> the same
/// for mirrors; see <see cref="StatusCase"/> and <see cref="RequestCase"/> for the others. <c>manifest NAME</c> reads one of the suite's files.
/// </summary>
internal sealed class ConformanceCase
{
    private const int Tolerance = 5;

    private readonly List<string> lines;

    private ConformanceCase(List<string> lines) => this.lines = lines;

    /// <summary>The suite's files that the test needs.</summary>
    public IEnumerable<string> Manifests => lines.Where(line => line.StartsWith("manifest ", StringComparison.Ordinal)).Select(line => line["manifest ".Length..]);

    public static ConformanceCase Read(string file) =>
        new([.. File.ReadAllLines(file).Where(line => line.Length > 0 && !line.StartsWith('#'))]);

    public async Task RunAsync(ConformanceRun run)
    {
        IPEndPoint? target = null;
        for (var i = 0; i < lines.Count; i++)
        {
            var words = CaseLine.Words(lines[i]);
            switch (words[0])
            {
                case "manifest":
                    break;
                case "gateway":
                    target = EndPointOf(run, words[1]);
                    break;
                case "status":
                    StatusCase.Conditions(run, words);
                    break;
                case "listener":
                    StatusCase.Listener(run, words);
                    break;
                case "parents":
                    StatusCase.Parents(run, words);
                    break;
                case "delete":
                    var (ns, name) = CaseLine.Key(words[2]);
                    run.Remove(words[1], ns, name);
                    break;
                case "apply":
                    var yaml = lines.Skip(i + 1).TakeWhile(line => line.StartsWith("  ", StringComparison.Ordinal)).ToList();
                    i += yaml.Count;
                    await run.SetAsync([string.Join('\n', yaml.Select(line => line[2..]))]);
                    break;
                case "share":
                    await ShareAsync(run, target!, int.Parse(words[1]), lines[i]["share ".Length..][(words[1].Length + 1)..]);
                    break;
                case "copies":
                    await CopiesAsync(run, target!, int.Parse(words[1]), lines[i]["copies ".Length..][(words[1].Length + 1)..]);
                    break;
                default:
                    await new RequestCase(run, target!, lines[i]).RunAsync();
                    break;
            }
        }
    }

    private static IPEndPoint EndPointOf(ConformanceRun run, string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (ns, name) = CaseLine.Key(colon < 0 ? text : text[..colon]);
        return run.EndPoint(ns, name, colon < 0 ? 80 : int.Parse(text[(colon + 1)..]));
    }

    private static async Task ShareAsync(ConformanceRun run, IPEndPoint target, int count, string line)
    {
        var answers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var service = await new RequestCase(run, target, line).AnsweringServiceAsync();
            answers[service] = answers.GetValueOrDefault(service) + 1;
        }

        foreach (var (service, percent) in CaseLine.Words(line[(line.IndexOf(" -> ", StringComparison.Ordinal) + 4)..]).Select(CaseLine.Pair))
        {
            var share = 100.0 * answers.GetValueOrDefault(service) / count;
            Assert.InRange(share, percent == "0" ? 0 : int.Parse(percent) - Tolerance, percent == "0" ? 0 : int.Parse(percent) + Tolerance);
        }

        Assert.DoesNotContain("", answers.Keys);
    }

    /// <summary>Counts the copies that a Service got; the tolerance is three standard deviations, the request's own answer comes from elsewhere.</summary>
    private static async Task CopiesAsync(ConformanceRun run, IPEndPoint target, int count, string line)
    {
        var (service, percent) = CaseLine.Pair(line[(line.IndexOf(" -> ", StringComparison.Ordinal) + 4)..]);
        var sent = Enumerable.Range(0, count).Select(_ => new RequestCase(run, target, line)).ToList();
        foreach (var request in sent)
        {
            await request.AnsweringServiceAsync();
        }

        var share = int.Parse(percent) / 100.0;
        var deviation = 3 * Math.Sqrt(count * share * (1 - share));
        var copies = 0;
        for (var i = 0; i < 200 && copies < (count * share) - deviation; i++)
        {
            copies = sent.Count(request => run.Backend(service).Received.ContainsKey(request.Identity));
            await Task.Delay(10);
        }

        Assert.InRange(copies, (count * share) - deviation, (count * share) + deviation);
    }
}
