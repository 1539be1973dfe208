using System.Net;

namespace Polygate.Cluster.Tests.Conformance;

/// <summary>
/// What one test of the conformance suite asserts, line by line: <c>gateway NAME[:PORT]</c> says where the requests after it go,
/// <c>delete KIND NAME</c> and <c>apply</c> (with YAML, indented) change objects, <c>share N REQUEST -> SERVICE=PERCENT…</c> counts answers, <c>copies</c> the same
/// for mirrors, <c>repeat N REQUEST</c> sends it several times, <c>authority NAME backend|mismatch</c> makes a ConfigMap with the authority of the
/// backends' certificates or with another; see <see cref="StatusCase"/>, <see cref="RequestCase"/>, <see cref="DatagramCase"/> and <see cref="WebSocketCase"/> for the others.
/// <c>manifest NAME</c> reads one of the suite's files.
/// </summary>
internal sealed class ConformanceCase
{
    /// <summary>Of shares, in points, as in the suite.</summary>
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
            var words = CaseLine.Words(run.Fill(lines[i]));
            switch (words[0])
            {
                case "manifest":
                    break;
                case "gateway":
                    target = await EndPointOfAsync(run, words[1]);
                    break;
                case "status":
                    await ConformanceRun.EventuallyAsync(() => StatusCase.ConditionsAsync(run, words));
                    break;
                case "listener":
                    await ConformanceRun.EventuallyAsync(() => StatusCase.ListenerAsync(run, words));
                    break;
                case "listeners":
                    await ConformanceRun.EventuallyAsync(() => StatusCase.ListenersAsync(run, words));
                    break;
                case "parents":
                    await ConformanceRun.EventuallyAsync(() => StatusCase.ParentsAsync(run, words));
                    break;
                case "observed":
                    await ConformanceRun.EventuallyAsync(() => StatusCase.ObservedAsync(run, words));
                    break;
                case "labelled":
                    await ConformanceRun.EventuallyAsync(() => StatusCase.LabelledAsync(run, words));
                    break;
                case "delete":
                    var (ns, name) = CaseLine.Key(words[2]);
                    run.Remove(words[1], ns, name);
                    break;
                case "apply":
                    var yaml = lines.Skip(i + 1).TakeWhile(line => line.StartsWith("  ", StringComparison.Ordinal)).ToList();
                    i += yaml.Count;
                    await run.SetAsync(string.Join('\n', yaml.Select(line => line[2..])));
                    break;
                case "authority":
                    await run.SetAsync(SuiteCertificates.AuthorityOf(words[1], words[2]));
                    break;
                case "repeat":
                    for (var count = int.Parse(words[1]); count > 0; count--)
                    {
                        await new RequestCase(run, target!, lines[i]["repeat ".Length..][(words[1].Length + 1)..]).RunAsync();
                    }

                    break;
                case "share":
                    var counted = lines[i]["share ".Length..][(words[1].Length + 1)..];
                    await run.SoonAsync(() => ShareAsync(run, target!, int.Parse(words[1]), counted));
                    break;
                case "copies":
                    await CopiesAsync(run, target!, int.Parse(words[1]), lines[i]["copies ".Length..][(words[1].Length + 1)..]);
                    break;
                case "datagram":
                    await run.SoonAsync(() => DatagramCase.RunAsync(target!, words));
                    break;
                case "datagrams":
                    await run.SoonAsync(() => DatagramCase.ShareAsync(target!, words));
                    break;
                case "websocket":
                    await run.SoonAsync(() => WebSocketCase.RunAsync(target!, words));
                    break;
                default:
                    var line = lines[i];
                    await run.SoonAsync(() => new RequestCase(run, target!, line).RunAsync());
                    break;
            }
        }
    }

    private static async Task<IPEndPoint> EndPointOfAsync(ConformanceRun run, string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (ns, name) = CaseLine.Key(colon < 0 ? text : text[..colon]);
        return await run.EndPointAsync(ns, name, colon < 0 ? 80 : int.Parse(text[(colon + 1)..]));
    }

    private static async Task ShareAsync(ConformanceRun run, IPEndPoint target, int count, string line)
    {
        var answers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var service = await new RequestCase(run, target, line).AnsweringServiceAsync();
            answers[service] = answers.GetValueOrDefault(service) + 1;
        }

        CheckShares(answers, count, CaseLine.Words(line[(line.IndexOf(" -> ", StringComparison.Ordinal) + 4)..]));
    }

    /// <summary>Compares how often each Service answered with what is expected, <c>SERVICE=PERCENT</c>.</summary>
    public static void CheckShares(Dictionary<string, int> answers, int count, IEnumerable<string> expected)
    {
        var shares = expected.Select(CaseLine.Pair).ToList();
        Assert.Empty(answers.Keys.Except(shares.Select(share => share.Name)));
        foreach (var (service, percent) in shares)
        {
            var share = 100.0 * answers.GetValueOrDefault(service) / count;
            Assert.InRange(share, percent == "0" ? 0 : int.Parse(percent) - Tolerance, percent == "0" ? 0 : int.Parse(percent) + Tolerance);
        }
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
