using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Polygate.EndToEnd.Tests;

/// <summary>An answer as it came over the wire.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Headers">The field lines in order, names in lower case.</param>
/// <param name="Body">What followed the head, without its framing.</param>
internal sealed record RawAnswer(int Status, IReadOnlyList<(string Name, string Value)> Headers, string Body)
{
    /// <summary>The values of a field, joined by a comma; null when it is absent.</summary>
    public string? this[string name] =>
        Headers.Any(header => header.Name == name) ? string.Join(", ", Headers.Where(header => header.Name == name).Select(header => header.Value)) : null;

    public static RawAnswer Parse(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.True(end > 0, $"Not an answer: \"{text}\"");
        var lines = text[..end].Split("\r\n");
        var headers = lines[1..].Select(line => line.Split(':', 2)).Select(parts => (parts[0].ToLowerInvariant(), parts[1].Trim())).ToList();
        var answer = new RawAnswer(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, text[(end + 4)..]);
        return answer["transfer-encoding"] == "chunked" ? answer with { Body = Dechunk(answer.Body) } : answer;
    }

    private static string Dechunk(string body)
    {
        var text = new StringBuilder();
        while (body.IndexOf("\r\n", StringComparison.Ordinal) is > 0 and var line)
        {
            var size = int.Parse(body.AsSpan(0, line), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            text.Append(body, line + 2, size);
            body = body[(line + 2 + size + 2)..];
        }

        return text.ToString();
    }
}

/// <summary>Sends requests byte for byte as a test writes them, each on its own connection: no client library tidies the target up.</summary>
internal static class RawClient
{
    /// <param name="address">The server's address.</param>
    /// <param name="port">Its port.</param>
    /// <param name="method">The method.</param>
    /// <param name="host">The value of <c>Host</c>.</param>
    /// <param name="target">The request target.</param>
    /// <param name="headers">Further field lines.</param>
    public static async Task<RawAnswer> SendAsync(
        string address, int port, string method, string host, string target, params IEnumerable<(string Name, string Value)> headers)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(address, port);
        var stream = socket.GetStream();
        var fields = string.Concat(headers.Select(header => $"{header.Name}: {header.Value}\r\n"));
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{fields}\r\n"));
        return RawAnswer.Parse(await new StreamReader(stream, Encoding.Latin1).ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60)));
    }
}
