using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Polygate.Logging;

namespace Polygate.Admission;

/// <summary>
/// A certificate with its key in two PEM files, as a Secret of type <c>kubernetes.io/tls</c> is mounted. Looked at again now and then:
/// what changed is used from the next connection on, and what cannot be used leaves the last good one in place.
/// </summary>
internal sealed class CertificateFiles
{
    private readonly string certificateFile;
    private readonly string keyFile;
    private readonly ProgramLog log;
    private volatile Loaded current;
    private (string Certificate, string Key)? rejected;

    private CertificateFiles(string certificateFile, string keyFile, ProgramLog log)
    {
        (this.certificateFile, this.keyFile, this.log) = (certificateFile, keyFile, log);
        var (certificate, key) = (File.ReadAllText(certificateFile), File.ReadAllText(keyFile));
        current = new Loaded(certificate, key, OptionsOf(certificate, key));
    }

    /// <summary>The settings for a connection that begins now.</summary>
    public SslServerAuthenticationOptions Options => current.Options;

    /// <summary>Reads both files.</summary>
    /// <exception cref="IOException">They cannot be read or used.</exception>
    public static CertificateFiles Load(string certificateFile, string keyFile, ProgramLog log)
    {
        try
        {
            return new CertificateFiles(certificateFile, keyFile, log);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or UnauthorizedAccessException)
        {
            throw new IOException($"the certificate in {certificateFile} with the key in {keyFile} cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Looks at the files again, once a period, until cancelled.</summary>
    public async Task WatchAsync(TimeSpan period, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(period);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            Refresh();
        }
    }

    /// <summary>Looks at the files again. One thread at a time.</summary>
    /// <returns>Whether another certificate is used from now on.</returns>
    public bool Refresh()
    {
        try
        {
            var found = (Certificate: File.ReadAllText(certificateFile), Key: File.ReadAllText(keyFile));
            if ((found.Certificate == current.Certificate && found.Key == current.Key) || found == rejected)
            {
                return false;
            }

            rejected = found;
            current = new Loaded(found.Certificate, found.Key, OptionsOf(found.Certificate, found.Key));
            rejected = null;
            log.Write(LogLevel.Info, $"The certificate in {certificateFile} changed and is used.");
            return true;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            // Both files are rarely swapped at one moment: the next look may find them in step.
            log.Write(LogLevel.Warning, $"The certificate in {certificateFile} with the key in {keyFile} cannot be used; the last good one stays: {exception.Message}");
            return false;
        }
    }

    private static SslServerAuthenticationOptions OptionsOf(string certificatePem, string keyPem)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificatePem);
        var leaf = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(leaf, [.. chain.Skip(1)], offline: true),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
            AllowRenegotiation = false,
        };
    }

    private sealed record Loaded(string Certificate, string Key, SslServerAuthenticationOptions Options);
}
