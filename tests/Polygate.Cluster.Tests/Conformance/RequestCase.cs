using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Polygate.Cluster.Tests.Conformance;

/// <summary>
/// A line with a request and what is to become of it:
/// <c>[sni=NAME] [client=KEY] METHOD HOST/PATH [Header="value"]… [set:Header="value"]… -> EXPECTATION</c>. The method <c>grpc</c> makes a call
/// (HTTP/2 without TLS), <c>h2:GET</c> asks over HTTP/2 with TLS. The expectation begins with the backend's Service, a status (or several,
/// <c>500|503</c>; of gRPC by its name), or <c>closed</c>; then follows what the backend saw (<c>path=</c>, <c>host=</c>, <c>Header="value"</c>,
/// with <c>@</c> for the Service's own name, <c>!Header</c>), what the client got (<c>answer:Header="value"</c>, <c>answer!Header</c>), where it was redirected
/// (<c>location scheme= host= port= path=</c>) and who got a copy (<c>mirrored=A,B</c>).
/// </summary>
internal sealed class RequestCase
{
    private readonly ConformanceRun run;
    private readonly IPEndPoint endPoint;
    private readonly string line;
    private readonly string method;
    private readonly string host;
    private readonly string target;
    private readonly string? serverName;
    private readonly X509Certificate2? certificate;
    private readonly List<KeyValuePair<string, string>> headers = [];
    private readonly List<string> expected;

    private bool IsGrpc => method == "grpc";

    /// <summary>Tells its requests from others at the backends.</summary>
    public string Identity { get; } = Guid.NewGuid().ToString("N");

    public RequestCase(ConformanceRun run, IPEndPoint endPoint, string line)
    {
        this.run = run;
        this.endPoint = endPoint;
        this.line = line;
        var arrow = line.IndexOf(" -> ", StringComparison.Ordinal);
        expected = CaseLine.Words(line[(arrow + 4)..]);
        var words = CaseLine.Words(line[..arrow]);
        while (CaseLine.Pair(words[0]) is var (name, value) && name is "sni" or "client")
        {
            (serverName, certificate) = name == "sni" ? (value, certificate) : (serverName, SuiteCertificates.Clients[value]);
            words.RemoveAt(0);
        }

        method = words[0];
        var slash = words[1].IndexOf('/', StringComparison.Ordinal);
        (host, target) = (slash == 0 ? endPoint.Address.ToString() : words[1][..slash], words[1][slash..]);
        headers.Add(new("Host", host));
        headers.Add(new("X-Test-Id", Identity));
        var sets = new List<string>();
        foreach (var (name, value) in words.Skip(2).Select(CaseLine.Pair))
        {
            if (name.StartsWith("set:", StringComparison.Ordinal))
            {
                sets.Add($"{name[4..]}:{value}");
            }
            else
            {
                headers.Add(new(name, value));
            }
        }

        if (sets.Count > 0)
        {
            headers.Add(new("X-Echo-Set-Header", string.Join(';', sets)));
        }
    }

    /// <summary>Sends it and compares.</summary>
    public async Task RunAsync()
    {
        TestAnswer answer;
        try
        {
            answer = await SendAsync();
        }
        catch (IOException exception)
        {
            Check(expected[0] == "closed", exception.Message);
            return;
        }

        Check(expected[0] != "closed", $"got {answer.Status}");
        var service = answer.Headers.GetValueOrDefault(EchoService.ServiceHeader);
        var isStatus = char.IsAsciiDigit(expected[0][0]) || GrpcTestClient.IsStatus(expected[0]);
        var status = StatusOf(answer);
        Check(
            isStatus ? expected[0].Split('|').Contains(status) : status is "200" or "OK" && service == expected[0],
            $"got {status} from {service ?? "the gateway"}");
        await CheckRestAsync(answer);
    }

    /// <summary>Sends it and tells which Service answered; the status where it was the gateway itself.</summary>
    public async Task<string> AnsweringServiceAsync()
    {
        var answer = await SendAsync();
        return answer.Headers.GetValueOrDefault(EchoService.ServiceHeader) ?? StatusOf(answer);
    }

    private Task<TestAnswer> SendAsync() =>
        IsGrpc ? GrpcTestClient.CallAsync(endPoint, host, target, headers)
        : method.StartsWith("h2:", StringComparison.Ordinal) ? Http2TestClient.SendAsync(endPoint, serverName!, method[3..], host, target, headers)
        : HttpTestClient.SendAsync(endPoint, serverName, certificate, method, target, headers);

    private string StatusOf(TestAnswer answer) => IsGrpc ? GrpcTestClient.StatusOf(answer) : answer.Status.ToString();

    private async Task CheckRestAsync(TestAnswer answer)
    {
        var seen = answer.Body.Split('\n').Where(entry => entry.Contains(": ", StringComparison.Ordinal)).Select(entry => entry.Split(": ", 2))
            .ToLookup(parts => parts[0], parts => parts[1], StringComparer.OrdinalIgnoreCase);
        var location = expected.IndexOf("location");
        foreach (var word in expected.Skip(1).Take((location < 0 ? expected.Count : location) - 1))
        {
            var (name, value) = CaseLine.Pair(word);
            if (name == "mirrored")
            {
                await CheckMirrorsAsync(value.Split(','));
            }
            else if (name.StartsWith("answer:", StringComparison.Ordinal))
            {
                var got = answer.Headers.GetValueOrDefault(name[7..], "");
                Check(value.Split('|').Any(valid => Plain(valid) == Plain(got)), $"{word} was \"{got}\"");
            }
            else if (name.StartsWith("answer!", StringComparison.Ordinal))
            {
                Check(!answer.Headers.ContainsKey(name[7..]), $"{word} was there");
            }
            else if (name.StartsWith('!'))
            {
                Check(!seen.Contains(name[1..]), $"the backend saw {name[1..]}");
            }
            else
            {
                var wanted = value == "@" ? answer.Headers[EchoService.ServiceHeader] : value;
                Check(seen[name].FirstOrDefault() is { } actual && Plain(actual) == Plain(wanted), $"{name} was {seen[name].FirstOrDefault()}");
            }
        }

        if (location >= 0)
        {
            CheckLocation(answer.Headers.GetValueOrDefault("Location", ""), expected.Skip(location + 1).Select(CaseLine.Pair).ToDictionary(pair => pair.Name, pair => pair.Value));
        }
    }

    private void CheckLocation(string actual, Dictionary<string, string> parts)
    {
        var scheme = parts.GetValueOrDefault("scheme", serverName is null ? "http" : "https");
        var port = parts.TryGetValue("port", out var number) ? ":" + number : "";
        var to = $"{scheme}://{parts.GetValueOrDefault("host", host)}{port}{parts.GetValueOrDefault("path", target)}";
        Check(actual == to, $"location was {actual}, expected {to}");
    }

    /// <summary>A copy may arrive later than the answer.</summary>
    private async Task CheckMirrorsAsync(string[] services)
    {
        foreach (var service in services)
        {
            for (var i = 0; i < 200 && !run.Backend(service).Received.ContainsKey(Identity); i++)
            {
                await Task.Delay(10);
            }

            Check(run.Backend(service).Received.ContainsKey(Identity), $"{service} got no copy");
        }
    }

    private static string Plain(string value) => value.Replace(" ", "", StringComparison.Ordinal);

    private void Check(bool holds, string what) => Assert.True(holds, $"{line}: {what}.");
}
