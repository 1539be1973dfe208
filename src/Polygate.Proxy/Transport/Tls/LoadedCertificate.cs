using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Polygate.Model;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>
/// A certificate ready for handshakes, or the reason why it is not. Loaded once for an identity and content; what a
/// handshake needs beyond it is made when the first one asks.
/// </summary>
internal sealed class LoadedCertificate
{
    private static readonly Lazy<LoadedCertificate> SelfSigned = new(CreateSelfSigned);

    private readonly X509Certificate2Collection chain = [];
    private readonly Lazy<SslStreamCertificateContext> context;
    private readonly SslServerAuthenticationOptions?[] options = new SslServerAuthenticationOptions?[4];

    private LoadedCertificate(Certificate source)
    {
        Source = source;
        context = new Lazy<SslStreamCertificateContext>(() => SslStreamCertificateContext.Create(Leaf!, chain, offline: true));
    }

    /// <summary>What is served where nothing else is configured; made once, in memory.</summary>
    internal static LoadedCertificate Default => SelfSigned.Value;

    internal Certificate Source { get; }

    /// <summary>With its private key; null when it could not be loaded.</summary>
    internal X509Certificate2? Leaf { get; private init; }

    /// <summary>Why <see cref="Leaf"/> is null. Names no key material.</summary>
    internal string? Error { get; private init; }

    internal bool IsEcdsa { get; private init; }

    internal static LoadedCertificate Load(Certificate source)
    {
        try
        {
            var leaf = X509Certificate2.CreateFromPem(source.CertificatePem, source.PrivateKeyPem);
            var loaded = new LoadedCertificate(source) { Leaf = leaf, IsEcdsa = IsEcdsaKey(leaf) };
            loaded.chain.ImportFromPem(source.CertificatePem);
            loaded.chain.RemoveAt(0);
            return loaded;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return new LoadedCertificate(source) { Error = exception.Message };
        }
    }

    /// <summary>The settings of a server that presents this certificate.</summary>
    internal SslServerAuthenticationOptions OptionsFor(TlsVersion minimum, TlsVersion maximum)
    {
        // Two loops may both make them the first time; either's are good.
        ref var slot = ref options[((int)minimum * 2) + (int)maximum];
        return slot ??= new SslServerAuthenticationOptions
        {
            ServerCertificateContext = context.Value,
            EnabledSslProtocols = Versions(minimum, maximum),
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            AllowRenegotiation = false,
        };
    }

    private static SslProtocols Versions(TlsVersion minimum, TlsVersion maximum)
    {
        var low = minimum == TlsVersion.Tls12 ? SslProtocols.Tls12 : SslProtocols.None;
        var high = maximum == TlsVersion.Tls13 ? SslProtocols.Tls13 : SslProtocols.None;

        // A range that is none (1.3 to 1.2) must not fall back to the system's choice.
        return (low | high) == SslProtocols.None ? SslProtocols.Tls13 : low | high;
    }

    private static bool IsEcdsaKey(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPublicKey();
        return key is not null;
    }

    private static LoadedCertificate CreateSelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Polygate default certificate", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("polygate.invalid");
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        return new LoadedCertificate(new Certificate("default", "", "")) { Leaf = certificate, IsEcdsa = true };
    }
}
