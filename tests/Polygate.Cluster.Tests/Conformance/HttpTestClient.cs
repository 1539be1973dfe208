using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Polygate.Cluster.Tests.Conformance;

/// <summary>An answer as it came.</summary>
/// <param name="Status">The status.</param>
/// <param name="Headers">Header fields; repeated ones joined with commas.</param>
/// <param name="Body">The body.</param>
internal sealed record TestAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>A client that sends exactly what it is told, over a connection of its own: any host, any server name.</summary>
internal static class HttpTestClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Sends a request over HTTP/1.1.</summary>
    /// <param name="endPoint">Where to.</param>
    /// <param name="serverName">For TLS; null for cleartext.</param>
    /// <param name="certificate">The client's, shown where it is asked for.</param>
    /// <param name="method">The method.</param>
    /// <param name="target">Path and query.</param>
    /// <param name="headers">Header fields, <c>Host</c> among them.</param>
    /// <exception cref="IOException">The connection or the handshake failed.</exception>
    public static async Task<TestAnswer> SendAsync(
        IPEndPoint endPoint, string? serverName, X509Certificate2? certificate, string method, string target, IEnumerable<KeyValuePair<string, string>> headers)
    {
        using var patience = new CancellationTokenSource(Patience);
        await using var stream = await ConnectAsync(endPoint, serverName, certificate, patience.Token);
        var head = new StringBuilder($"{method} {target} HTTP/1.1\r\n");
        foreach (var (name, value) in headers)
        {
            head.Append($"{name}: {value}\r\n");
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("Connection: close\r\n\r\n").ToString()), patience.Token);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, patience.Token);
        return Parse(all.ToArray(), method);
    }

    /// <summary>Connects, with TLS where a server name is given.</summary>
    /// <exception cref="IOException">It failed.</exception>
    public static async Task<Stream> ConnectAsync(IPEndPoint endPoint, string? serverName, X509Certificate2? certificate, CancellationToken cancellation)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellation);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new IOException(exception.Message, exception);
        }

        var stream = new NetworkStream(socket, ownsSocket: true);
        if (serverName is null)
        {
            return stream;
        }

        var secure = new SslStream(stream);
        try
        {
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = serverName,
                    ClientCertificates = certificate is null ? null : [certificate],
                    LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
                    ApplicationProtocols = [SslApplicationProtocol.Http11],
#pragma warning disable CA5359 // The tests are about what is served; whose certificate it is they see from the backend.
                    RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
                },
                cancellation);
            return secure;
        }
        catch (Exception exception) when (exception is System.Security.Authentication.AuthenticationException or SocketException)
        {
            await secure.DisposeAsync();
            throw new IOException(exception.Message, exception);
        }
    }

    private static TestAnswer Parse(byte[] bytes, string method)
    {
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            throw new IOException("The connection ended without an answer.");
        }

        var lines = Encoding.Latin1.GetString(bytes, 0, end).Split("\r\n");
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = (line[..colon], line[(colon + 1)..].Trim());
            headers[name] = headers.TryGetValue(name, out var before) ? $"{before},{value}" : value;
        }

        var body = bytes.AsSpan(end + 4);
        var chunked = method != "HEAD" && headers.GetValueOrDefault("Transfer-Encoding") == "chunked";
        return new TestAnswer(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, chunked ? Unchunk(body) : Encoding.UTF8.GetString(body));
    }

    private static string Unchunk(ReadOnlySpan<byte> body)
    {
        var text = new StringBuilder();
        while (true)
        {
            var line = body.IndexOf("\r\n"u8);
            var length = int.Parse(Encoding.ASCII.GetString(body[..line]), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (length == 0)
            {
                return text.ToString();
            }

            text.Append(Encoding.UTF8.GetString(body.Slice(line + 2, length)));
            body = body[(line + 4 + length)..];
        }
    }
}
