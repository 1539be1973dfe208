using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Polygate.Cluster.Tests.Conformance;

/// <summary>Lines about datagrams: <c>datagram -> SERVICE</c> (or <c>silence</c>), <c>datagrams N -> SERVICE=PERCENT…</c>.</summary>
internal static class DatagramCase
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long no answer is taken for no answer ever.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);

    /// <summary>One datagram and who answers it, with what was sent.</summary>
    public static async Task RunAsync(IPEndPoint target, List<string> words)
    {
        var expected = words[^1];
        Assert.Equal(expected, await AnswerAsync(target, expected == "silence" ? Silence : Patience));
    }

    /// <summary>Datagrams from a port each, as each is a flow of its own.</summary>
    public static async Task ShareAsync(IPEndPoint target, List<string> words)
    {
        var count = int.Parse(words[1]);
        var answers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var service = await AnswerAsync(target, Patience);
            answers[service] = answers.GetValueOrDefault(service) + 1;
        }

        ConformanceCase.CheckShares(answers, count, words.SkipWhile(word => word != "->").Skip(1));
    }

    private static async Task<string> AnswerAsync(IPEndPoint target, TimeSpan patience)
    {
        using var client = new UdpClient(AddressFamily.InterNetwork);
        client.Connect(target);
        var sent = Guid.NewGuid().ToString("N");
        await client.SendAsync(Encoding.ASCII.GetBytes(sent));
        using var enough = new CancellationTokenSource(patience);
        try
        {
            var words = Encoding.ASCII.GetString((await client.ReceiveAsync(enough.Token)).Buffer).Split(' ');
            Assert.Equal(sent, words[1]);
            return words[0];
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return exception is SocketException ? "refused" : "silence";
        }
    }
}
