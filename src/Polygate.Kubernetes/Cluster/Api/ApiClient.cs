using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using k8s;
using k8s.Authentication;

namespace Polygate.Kubernetes.Cluster.Api;

/// <summary>
/// Speaks to one Kubernetes API server over HTTP/2 (or HTTP/1.1 where that is all it has) with TLS 1.2 or later. Connections
/// whose peer has silently gone are found within five seconds: by HTTP/2's pings, and by TCP itself. Safe to use from several threads.
/// </summary>
public sealed class ApiClient : IDisposable
{
    private const int IpProtocolTcp = 6;
    private const int TcpUserTimeout = 18;

    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(30);

    private readonly k8s.Kubernetes client;
    private readonly ServiceClientCredentials? credentials;
    private readonly string? serverName;
    private readonly Uri server;
    private long requests;
    private long failures;

    private ApiClient(KubernetesClientConfiguration configuration, ClusterSettings settings)
    {
        Settings = settings;
        configuration.FirstMessageHandlerSetup = static handler => Prepare((SocketsHttpHandler)handler);
        configuration.UserAgent = "polygate";
        client = new k8s.Kubernetes(configuration);
        credentials = client.Credentials;
        serverName = configuration.TlsServerName;
        server = client.BaseUri;
        Namespace = string.IsNullOrWhiteSpace(configuration.Namespace) ? "default" : configuration.Namespace.Trim();
        SkipsVerification = configuration.SkipTlsVerify;
    }

    /// <summary>How long things may take.</summary>
    public ClusterSettings Settings { get; }

    /// <summary>The server's address.</summary>
    public Uri Server => server;

    /// <summary>The namespace of the service account or of the context.</summary>
    public string Namespace { get; }

    /// <summary>Whether the kubeconfig turns verification of the server's certificate off.</summary>
    public bool SkipsVerification { get; }

    /// <summary>Requests that were sent.</summary>
    public long Requests => Interlocked.Read(ref requests);

    /// <summary>Requests that had no answer, or one of the 500s.</summary>
    public long Failures => Interlocked.Read(ref failures);

    /// <summary>Reads the configuration; does not connect.</summary>
    /// <exception cref="IOException">There is no usable kubeconfig, or the pod has no service account.</exception>
    public static Task<ApiClient> CreateAsync(ClusterSettings settings) =>
        CreateAsync(settings, () => ApiConfiguration.ReadAsync(settings, TimeProvider.System));

    /// <inheritdoc cref="CreateAsync(ClusterSettings)"/>
    internal static async Task<ApiClient> CreateAsync(ClusterSettings settings, Func<Task<KubernetesClientConfiguration>> read)
    {
        try
        {
            return new ApiClient(await read().ConfigureAwait(false), settings);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The library throws whatever reading, parsing and decoding throw.
            throw new IOException($"The configuration of the Kubernetes API server cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Sends a request and returns once the answer's head is there.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">As <see cref="ApiPath"/> makes it, with the query.</param>
    /// <param name="content">The body, or null.</param>
    /// <param name="prepare">Adds header fields; null for none.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ApiException">The answer is an error.</exception>
    /// <exception cref="HttpRequestException">There is no answer.</exception>
    /// <exception cref="TimeoutException">There is no answer in time.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content, Action<HttpRequestHeaders>? prepare, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, new Uri(server, path)) { Version = HttpVersion.Version20, Content = content };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        prepare?.Invoke(request.Headers);
        if (!string.IsNullOrWhiteSpace(serverName))
        {
            request.Headers.Host = serverName;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Settings.AnswerTimeout);
        Interlocked.Increment(ref requests);
        try
        {
            if (credentials is not null)
            {
                await credentials.ProcessHttpRequestAsync(request, limit.Token).ConfigureAwait(false);
            }

            var response = await client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotModified)
            {
                return response;
            }

            using (response)
            {
                throw await ErrorAsync(response, limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Interlocked.Increment(ref failures);
            throw new TimeoutException("The API server did not answer in time.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or ApiException { Status: >= HttpStatusCode.InternalServerError })
        {
            Interlocked.Increment(ref failures);
            throw;
        }
    }

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <inheritdoc cref="SendAsync"/>
    /// <param name="body">Holds the answer until it is used again; null for one of its own.</param>
    internal async Task<ReadOnlyMemory<byte>> ReadAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellation, BodyBuffer? body = null)
    {
        using var response = await SendAsync(method, path, content, null, cancellation).ConfigureAwait(false);
        body ??= new BodyBuffer();
        await body.FillAsync(response, Settings.BodyTimeout, cancellation).ConfigureAwait(false);
        return body.Memory;
    }

    /// <summary>A body of JSON.</summary>
    /// <param name="json">The text.</param>
    /// <param name="mediaType">For patches, which kind.</param>
    public static HttpContent Json(ReadOnlyMemory<byte> json, string mediaType = "application/json")
    {
        var content = new ReadOnlyMemoryContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return content;
    }

    public void Dispose() => client.Dispose();

    private static void Prepare(SocketsHttpHandler handler)
    {
        handler.SslOptions.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        handler.ConnectTimeout = TimeSpan.FromSeconds(3);
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;

        // Looked at once a second, so that a dead connection is given up after four seconds, five at most.
        handler.KeepAlivePingDelay = TimeSpan.FromSeconds(1);
        handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(2);
        handler.EnableMultipleHttp2Connections = true;
        handler.UseCookies = false;
        handler.AllowAutoRedirect = false;
        handler.ConnectCallback = ConnectAsync;
    }

    /// <summary>A watch is silent for long: the kernel is to notice when its peer is gone, also without HTTP/2's pings.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 2);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 1);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 2);
            if (OperatingSystem.IsLinux())
            {
                // What was sent and is not acknowledged; keep-alive is for connections that say nothing (tcp(7), TCP_USER_TIMEOUT).
                socket.SetRawSocketOption(IpProtocolTcp, TcpUserTimeout, BitConverter.GetBytes(4000));
            }

            await socket.ConnectAsync(context.DnsEndPoint, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<ApiException> ErrorAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var (reason, message) = ("", "");
        try
        {
            var body = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            (reason, message) = StatusText(body);
        }
        catch (Exception exception) when (exception is JsonException or HttpRequestException or IOException)
        {
            // The status alone has to do.
        }

        return new ApiException(
            response.StatusCode, reason, message.Length > 0 ? message : $"The API server answered {(int)response.StatusCode}.", RetryAfter(response));
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter?.Delta is { } delay
        ? delay < LongestRetryAfter ? delay : LongestRetryAfter
        : null;

    private static (string Reason, string Message) StatusText(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.ValueKind != JsonValueKind.Object ? ("", "") : (Text("reason"), Text("message"));

        string Text(string name) =>
            document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
    }
}
