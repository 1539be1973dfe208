using System.Text;
using Polygate.Proxy.Listening;
using Polygate.Proxy.Simulation;
using Polygate.Proxy.Transport;

namespace Polygate.Fuzz.Targets;

/// <summary>The PROXY protocol's header: the same verdict and the same rest however it arrives.</summary>
internal sealed class ProxyHeaderTarget : ITarget
{
    public string Name => "proxy-header";

    public IReadOnlyList<byte[]> Words => Fuzz.Words.Proxy;

    public IEnumerable<byte[]> Seeds => new[]
    {
        "PROXY TCP4 1.2.3.4 5.6.7.8 1234 80\r\nrest", "PROXY TCP6 ::1 fe80::1 1234 80\r\nrest", "PROXY UNKNOWN\r\nrest", "PROXY UNKNOWN a b c\r\nrest",
        "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000c\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0001\u0002\u0003\u0004rest", "\r\n\r\n\0\r\nQUIT\n\u0020\0\0\0rest",
        "\r\n\r\n\0\r\nQUIT\n\u0021\u0021\0\u0028" + new string('\u0001', 40) + "rest", "GET / HTTP/1.1\r\n\r\n",
    }.Select(Encoding.Latin1.GetBytes);

    public string? Run(byte[] input, Random random)
    {
        var atOnce = Read([input], inline: true);
        var inPieces = Read(Cuts.Of(input, random), inline: random.Next(2) == 0);
        return atOnce == inPieces ? null : $"how it arrives changes it: {atOnce} and {inPieces}";
    }

    public void Dispose()
    {
    }

    private static string Read(IEnumerable<ReadOnlyMemory<byte>> pieces, bool inline)
    {
        var loop = new SimulatedLoop();
        using var channel = new SimulatedChannel(loop, inline);
        foreach (var piece in pieces)
            channel.Deliver(piece);

        channel.Finish();
        var reading = ReadAsync(channel);
        loop.Run();
        return reading.IsCompleted ? reading.GetAwaiter().GetResult() : throw new InvalidOperationException("It waits for more than there is.");
    }

    private static async Task<string> ReadAsync(SimulatedChannel channel)
    {
        try
        {
            var client = await ProxyProtocol.ReadAsync(channel);
            var rest = new StringBuilder();
            var buffer = new byte[64];
            for (int count; (count = await channel.ReceiveAsync(buffer)) > 0;)
                rest.Append(Encoding.Latin1.GetString(buffer, 0, count));

            return $"{client} {rest}";
        }
        catch (ChannelException)
        {
            return "refused";
        }
    }
}
