using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Polygate.Soak;

/// <summary>Clients that behave: every request they send has to be answered well.</summary>
internal sealed class SoakTraffic : IDisposable
{
    private const int Workers = 32;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly HttpClient plain;
    private readonly HttpClient secure;
    private readonly ConcurrentDictionary<string, long> failures = new();
    private readonly ConcurrentDictionary<string, bool> certificates = new();
    private long requests;
    private int slowest;

    public SoakTraffic(string address)
    {
        plain = new HttpClient(Handler(address)) { BaseAddress = new Uri("http://soak.example:8080/"), Timeout = Longest };
        secure = new HttpClient(Handler(address)) { BaseAddress = new Uri("https://soak.example:8443/"), Timeout = Longest };
    }

    public long Requests => Interlocked.Read(ref requests);

    public long Failed => failures.Values.Sum();

    public IReadOnlyDictionary<string, long> Failures => failures;

    public int CertificatesSeen => certificates.Count;

    public int TakeSlowest() => Interlocked.Exchange(ref slowest, 0);

    /// <summary>Sends at a rate, each worker its share at even times; 0 for as fast as it goes.</summary>
    public Task RunAsync(int rate, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(worker, rate, stop), CancellationToken.None)));

    public void Dispose()
    {
        plain.Dispose();
        secure.Dispose();
    }

    private async Task WorkAsync(int worker, int rate, CancellationToken stop)
    {
        var random = new Random(worker);
        var interval = rate == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)Workers / rate);
        var started = Stopwatch.GetTimestamp();
        for (long sent = 0; !stop.IsCancellationRequested; sent++)
        {
            var wait = (interval * sent) - Stopwatch.GetElapsedTime(started);
            if (wait > TimeSpan.FromMilliseconds(1))
                await Task.Delay(wait, CancellationToken.None);

            await SendAsync(random);
        }
    }

    private async Task SendAsync(Random random)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            using var request = MakeRequest(random);
            using var answer = await (random.Next(10) < 6 ? plain : secure).SendAsync(request);
            var body = await answer.Content.ReadAsByteArrayAsync();
            if (answer.StatusCode != HttpStatusCode.OK)
                Fail($"{(int)answer.StatusCode} {System.Text.Encoding.UTF8.GetString(body).Trim()}");
            else if (body.Length != (request.RequestUri!.OriginalString.EndsWith("large", StringComparison.Ordinal) ? SoakBackends.LargeAnswer : 5))
                Fail("a body of another length");
            else if (request.Content is not null && answer.Headers.GetValues("X-Received").Single() != request.Content.Headers.ContentLength!.Value.ToString(CultureInfo.InvariantCulture))
                Fail("a request's body of another length");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            Fail($"{exception.GetType().Name}: {exception.Message} {exception.InnerException?.Message}");
        }

        Interlocked.Increment(ref requests);
        var took = (int)Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        if (took > Volatile.Read(ref slowest))
            Volatile.Write(ref slowest, took);
    }

    private static HttpRequestMessage MakeRequest(Random random)
    {
        var kind = random.Next(10);
        var path = $"{random.Next(50)}/{(kind == 0 ? "large" : "small")}";
        var request = new HttpRequestMessage(kind == 1 ? HttpMethod.Post : HttpMethod.Get, path)
        {
            Version = random.Next(2) == 0 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (kind == 1)
            request.Content = new ByteArrayContent(new byte[random.Next(1, 40_000)]);

        return request;
    }

    private void Fail(string what) => failures.AddOrUpdate(what, 1, static (_, count) => count + 1);

    private SocketsHttpHandler Handler(string address) => new()
    {
        UseCookies = false,

        // Connections come and go, so that rotated certificates are seen.
        PooledConnectionLifetime = TimeSpan.FromSeconds(10),
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(IPAddress.Parse(address), context.DnsEndPoint.Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificates.TryAdd(certificate!.GetCertHashString(), true) || true,
        },
    };
}
