using System.Net;
using Polygate.Model;
using Polygate.Proxy.Listening;
using Polygate.Proxy.Tests.Transport;
using Polygate.Proxy.Tests.Transport.Tls;

namespace Polygate.Proxy.Tests.Http2;

/// <summary>A backend that speaks HTTP/1.1 over TLS and has one answer.</summary>
internal sealed class TlsOrigin : IAsyncDisposable
{
    private readonly TransportHost host = new(TransportKind.Sockets);
    private readonly ListenerManager listeners;

    internal TlsOrigin(Certificate certificate)
    {
        var key = new ListenerKey(443);
        listeners = new ListenerManager(
            host.Transport, new ListenerOptions { MapEndPoint = _ => TransportHost.AnyPort }, accepted => _ = AnswerAsync(accepted));
        listeners.Apply(TestCertificates.Configuration(new ConfigurationPiece("origin")
        {
            Listeners = [new Listener(key, ListenerProtocol.Https, TestCertificates.Origin)],
            Certificates = [certificate],
            TlsBindings = [new TlsBinding(key, HostPattern.Any, [certificate.Id], TestCertificates.Origin)],
        }));
    }

    internal IPEndPoint EndPoint => listeners.Listeners[0].EndPoint!;

    public async ValueTask DisposeAsync()
    {
        listeners.Dispose();
        await host.DisposeAsync();
    }

    private static async Task AnswerAsync(AcceptedConnection accepted)
    {
        using var channel = accepted.Channel;
        Assert.Equal("http/1.1", accepted.Tls!.Protocol);
        await channel.ReceiveAsync(new byte[4096]);
        await channel.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
        await channel.ShutdownSendAsync();
    }
}
