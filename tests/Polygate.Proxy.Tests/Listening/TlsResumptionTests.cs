using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Polygate.Model;
using Polygate.Proxy.Tests.Forwarding;
using Polygate.Proxy.Tests.Transport.Tls;

namespace Polygate.Proxy.Tests.Listening;

public sealed class TlsResumptionOverTheNativeTransport() : TlsResumptionTests(TransportKind.Native);

public sealed class TlsResumptionOverDotNetSockets() : TlsResumptionTests(TransportKind.Sockets);

/// <summary>A client that comes back goes on with its session (RFC 8446 section 2.2, RFC 5077): the certificate is not sent again.</summary>
public abstract class TlsResumptionTests(TransportKind transport) : ProxyTests(transport)
{
    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_client_that_comes_back_resumes_its_session(SslProtocols version)
    {
        var key = new ListenerKey(443);
        var certificate = TestCertificates.Ecdsa("resumed", $"{version}.example".ToLowerInvariant());
        var size = X509Certificate2.CreateFromPem(certificate.CertificatePem).RawData.Length;
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        var plain = TestProxy.Configuration([TestProxy.Backend("backend", backend.Port)], new ForwardAction([new WeightedBackend("backend")]));
        var piece = plain.Pieces.Values.Single();
        await using var proxy = Start(TestCertificates.Configuration(piece with
        {
            Listeners = [new Listener(key, ListenerProtocol.Https, TestCertificates.Origin)],
            Certificates = [certificate],
            TlsBindings = [new TlsBinding(key, HostPattern.Any, [certificate.Id], TestCertificates.Origin)],
            Routes = piece.Routes.Select(route => route with { Bindings = route.Bindings.Select(binding => binding with { Listener = key }).ToValueList() }).ToValueList(),
        }));
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = $"{version}.example".ToLowerInvariant(),
            EnabledSslProtocols = version,
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        };

        var first = await HandshakeBytesAsync(proxy.Port, options);

        // .NET's client keeps sessions for all its connections together, and forgets some when it clears up: coming back once more is then resumed.
        var second = int.MaxValue;
        for (var i = 0; i < 5 && second > first - size; i++)
        {
            second = await HandshakeBytesAsync(proxy.Port, options);
        }

        Assert.InRange(first, size, int.MaxValue);
        Assert.InRange(second, 1, first - size);
    }

    /// <summary>What the gateway sends until a request was answered.</summary>
    private static async Task<int> HandshakeBytesAsync(int port, SslClientAuthenticationOptions options)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await using var counted = new CountingStream(socket);
        await using var secure = new SslStream(counted, leaveInnerStreamOpen: true);
        await secure.AuthenticateAsClientAsync(options);
        await secure.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        await secure.ReadAtLeastAsync(new byte[1000], 1);
        return counted.Received;
    }

    private sealed class CountingStream(Socket socket) : NetworkStream(socket)
    {
        public int Received { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await base.ReadAsync(buffer, cancellationToken);
            Received += count;
            return count;
        }
    }
}
