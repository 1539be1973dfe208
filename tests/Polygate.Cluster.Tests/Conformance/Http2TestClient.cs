using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Polygate.Cluster.Tests.Conformance;

/// <summary>A client over HTTP/2, with a connection of its own for each request: any authority, any server name.</summary>
internal static class Http2TestClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Sends a request over HTTP/2.</summary>
    /// <param name="endPoint">Where to.</param>
    /// <param name="serverName">For TLS; null for prior knowledge without TLS.</param>
    /// <param name="method">The method.</param>
    /// <param name="authority">The authority, as written.</param>
    /// <param name="target">Path and query.</param>
    /// <param name="headers">Header fields; <c>Host</c> is left out.</param>
    /// <param name="content">The body.</param>
    /// <returns>The answer; its trailers count as headers.</returns>
    /// <exception cref="IOException">The connection, the handshake or the stream failed.</exception>
    public static async Task<TestAnswer> SendAsync(
        IPEndPoint endPoint,
        string? serverName,
        string method,
        string authority,
        string target,
        IEnumerable<KeyValuePair<string, string>> headers,
        HttpContent? content = null)
    {
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(endPoint, cancellation);
                var stream = new NetworkStream(socket, ownsSocket: true);
                return serverName is null ? stream : await SecureAsync(stream, serverName, cancellation);
            },
        };
        using var client = new HttpClient(handler) { Timeout = Patience };
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri("http://gateway" + target))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.Host = authority;
        foreach (var (name, value) in headers.Where(header => header.Key != "Host"))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using var answer = await client.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            var fields = answer.Headers.Concat(answer.Content.Headers).Concat(answer.TrailingHeaders)
                .ToDictionary(field => field.Key, field => string.Join(',', field.Value), StringComparer.OrdinalIgnoreCase);
            return new TestAnswer((int)answer.StatusCode, fields, body);
        }
        catch (HttpRequestException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    /// <summary>The handler's own TLS always names the authority to the server, so that it is done before.</summary>
    private static async Task<SslStream> SecureAsync(Stream stream, string serverName, CancellationToken cancellation)
    {
        var secure = new SslStream(stream);
        await secure.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = serverName,
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            },
            cancellation);
        return secure;
    }
}
