using System.Formats.Asn1;
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
    private readonly Lazy<X509Certificate2>? leaf;
    private readonly Lazy<SslStreamCertificateContext> context;
    private readonly SslServerAuthenticationOptions?[] options = new SslServerAuthenticationOptions?[8];

    private LoadedCertificate(Certificate source, Lazy<X509Certificate2>? leaf)
    {
        Source = source;
        this.leaf = leaf;
        context = new Lazy<SslStreamCertificateContext>(() => SslStreamCertificateContext.Create(Leaf!, chain, offline: true));
    }

    /// <summary>What is served where nothing else is configured; made once, in memory.</summary>
    internal static LoadedCertificate Default => SelfSigned.Value;

    internal Certificate Source { get; }

    /// <summary>With its private key, which is imported when it is first asked for; null when it cannot be used.</summary>
    /// <exception cref="CryptographicException">The key turns out to be broken.</exception>
    internal X509Certificate2? Leaf => leaf?.Value;

    /// <summary>Why it cannot be used; null when it can. Names no key material.</summary>
    internal string? Error { get; private init; }

    internal bool IsEcdsa { get; private init; }

    internal static LoadedCertificate Load(Certificate source)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(source.CertificatePem);
            if (chain.Count == 0)
            {
                return Failed(source, "it contains no certificate.");
            }

            var isEcdsa = PrivateKeyMatch.IsEc(chain[0]);
            var matches = PrivateKeyMatch.Test(chain[0], source.PrivateKeyPem);
            if (matches == false)
            {
                return Failed(source, "the private key belongs to another certificate.");
            }

            var leaf = new Lazy<X509Certificate2>(() => X509Certificate2.CreateFromPem(source.CertificatePem, source.PrivateKeyPem));
            _ = matches is null ? leaf.Value : null;
            chain.RemoveAt(0);
            var loaded = new LoadedCertificate(source, leaf) { IsEcdsa = isEcdsa };
            loaded.chain.AddRange(chain);
            return loaded;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or AsnContentException or FormatException)
        {
            return Failed(source, exception.Message);
        }
    }

    /// <summary>The settings of a server that presents this certificate.</summary>
    /// <param name="minimum">The lowest version.</param>
    /// <param name="maximum">The highest version.</param>
    /// <param name="isHttp">Whether HTTP is offered by ALPN, or nothing.</param>
    internal SslServerAuthenticationOptions OptionsFor(TlsVersion minimum, TlsVersion maximum, bool isHttp = true)
    {
        // Two loops may both make them the first time; either's are good.
        ref var slot = ref options[((int)minimum * 2) + (int)maximum + (isHttp ? 4 : 0)];
        return slot ??= new SslServerAuthenticationOptions
        {
            ServerCertificateContext = context.Value,
            EnabledSslProtocols = Versions(minimum, maximum),
            ApplicationProtocols = isHttp ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] : null,
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

    private static LoadedCertificate Failed(Certificate source, string reason) => new(source, null) { Error = reason };

    private static LoadedCertificate CreateSelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Polygate default certificate", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("polygate.invalid");
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        return new LoadedCertificate(new Certificate("default", "", ""), new Lazy<X509Certificate2>(certificate)) { IsEcdsa = true };
    }
}
