using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Polygate.Model;
using Polygate.Proxy.Forwarding;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>
/// TLS towards backends: whom to trust, which name to expect, what to present. A setting that cannot be used refuses the
/// connection; it never falls back to trusting more.
/// </summary>
/// <param name="findCertificate">The client certificate of an identity; null when there is none.</param>
public sealed class BackendTlsConnector(Func<string, X509Certificate2?> findCertificate) : IBackendTls
{
    private const int OptionsKept = 4096;

    private readonly ConcurrentDictionary<OptionsKey, SslClientAuthenticationOptions> made = new();

    public async ValueTask<Channel> HandshakeAsync(
        Channel channel, BackendTls tls, string host, BackendProtocol? protocol, TimeSpan timeout)
    {
        var limit = new HandshakeLimit(channel);
        var timer = channel.Loop.StartTimer(timeout, static limit => ((HandshakeLimit)limit!).Expire(), limit);
        try
        {
            var secure = await TlsChannel.ConnectAsync(channel, OptionsFor(tls, host, protocol)).ConfigureAwait(false);
            if (protocol != BackendProtocol.Http2 || secure.Protocol == "h2")
            {
                return secure;
            }

            secure.Dispose();
            throw new ChannelException(ChannelError.Tls, $"{host} does not speak HTTP/2.");
        }
        catch (ChannelException) when (limit.IsExpired)
        {
            throw new ChannelException(ChannelError.TimedOut, $"The TLS handshake with {host} took too long.");
        }
        catch
        {
            channel.Dispose();
            throw;
        }
        finally
        {
            timer.Cancel();
        }
    }

    /// <summary>The settings of a client; made once for what they depend on.</summary>
    /// <exception cref="ChannelException">They name authorities or a client certificate that cannot be used (<see cref="ChannelError.Tls"/>).</exception>
    public SslClientAuthenticationOptions OptionsFor(BackendTls tls, string host, BackendProtocol? protocol)
    {
        var client = tls.ClientCertificate is { } id ? Find(id) : null;
        var key = new OptionsKey(tls, tls.ServerName ?? host, protocol, client);
        if (made.TryGetValue(key, out var options))
        {
            return options;
        }

        if (made.Count >= OptionsKept)
        {
            made.Clear();
        }

        return made.GetOrAdd(key, Make);
    }

    private X509Certificate2 Find(string id)
    {
        try
        {
            return findCertificate(id) ?? throw new ChannelException(ChannelError.Tls, $"The client certificate {id} does not exist or cannot be used.");
        }
        catch (CryptographicException exception)
        {
            throw new ChannelException(ChannelError.Tls, $"The client certificate {id} cannot be used: {exception.Message}", exception);
        }
    }

    private static SslClientAuthenticationOptions Make(OptionsKey key)
    {
        var verifier = new BackendCertificateVerifier(key.Tls, key.Name);
        return new SslClientAuthenticationOptions
        {
            TargetHost = key.Name,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = key.Protocol switch
            {
                BackendProtocol.Http2 => [SslApplicationProtocol.Http2],
                BackendProtocol.Http1 => [SslApplicationProtocol.Http11],
                _ => null,
            },
            AllowRenegotiation = false,
            CertificateChainPolicy = ChainPolicy(key.Tls),
            RemoteCertificateValidationCallback = verifier.Verify,
            ClientCertificateContext = key.Client is null ? null : SslStreamCertificateContext.Create(key.Client, null, offline: true),
        };
    }

    private static X509ChainPolicy ChainPolicy(BackendTls tls)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (tls.TrustedCertificatesPem is not { } pem)
        {
            return policy;
        }

        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        try
        {
            policy.CustomTrustStore.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw new ChannelException(ChannelError.Tls, $"The backend's trusted certificates cannot be read: {exception.Message}", exception);
        }

        return policy.CustomTrustStore.Count > 0
            ? policy
            : throw new ChannelException(ChannelError.Tls, "The backend's trusted certificates contain none.");
    }

    /// <summary>A client certificate is the same while it is the same object: the store carries unchanged ones over.</summary>
    private sealed record OptionsKey(BackendTls Tls, string Name, BackendProtocol? Protocol, X509Certificate2? Client);

    private sealed class HandshakeLimit(Channel channel)
    {
        internal bool IsExpired { get; private set; }

        internal void Expire()
        {
            IsExpired = true;
            channel.Abort();
        }
    }
}
