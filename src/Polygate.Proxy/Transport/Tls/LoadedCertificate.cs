using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Polygate.Model;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>
/// A certificate ready for handshakes, or the reason why it is not. What is wrong with it is found when it is loaded; what a handshake needs is made
/// when the first one asks, and until then it is no more than its text: most of ten thousand certificates wait for long.
/// </summary>
internal sealed class LoadedCertificate
{
    private static readonly Lazy<LoadedCertificate> SelfSigned = new(CreateSelfSigned);

    private readonly Lazy<Presented>? presented;

    private LoadedCertificate(Certificate source, Func<Presented>? present)
    {
        Source = source;
        presented = present is null ? null : new Lazy<Presented>(present);
    }

    /// <summary>What is served where nothing else is configured; made once, in memory.</summary>
    internal static LoadedCertificate Default => SelfSigned.Value;

    internal Certificate Source { get; }

    /// <summary>With its private key, which is imported when it is first asked for; null when it cannot be used.</summary>
    /// <exception cref="CryptographicException">The key turns out to be broken.</exception>
    internal X509Certificate2? Leaf => presented?.Value.Leaf;

    /// <summary>Why it cannot be used; null when it can. Names no key material.</summary>
    internal string? Error { get; private init; }

    internal bool IsEcdsa { get; private init; }

    internal static LoadedCertificate Load(Certificate source)
    {
        try
        {
            if (CertificateOutline.ReadAll(source.CertificatePem) is not [var outline, ..])
            {
                return Failed(source, "it contains no certificate.");
            }

            var matches = PrivateKeyMatch.Test(outline, source.PrivateKeyPem);
            if (matches == false)
            {
                return Failed(source, "the private key belongs to another certificate.");
            }

            var loaded = new LoadedCertificate(source, () => Presented.Of(source)) { IsEcdsa = outline.IsEc };
            _ = matches is null ? loaded.Leaf : null;
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
        ref var slot = ref presented!.Value.Options[((int)minimum * 2) + (int)maximum + (isHttp ? 4 : 0)];
        return slot ??= new SslServerAuthenticationOptions
        {
            ServerCertificateContext = presented.Value.Context,
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
        return new LoadedCertificate(new Certificate("default", "", ""), () => new Presented(certificate, [])) { IsEcdsa = true };
    }

    /// <summary>What handshakes present.</summary>
    /// <param name="leaf">With its private key.</param>
    /// <param name="chain">The certificates after it.</param>
    private sealed class Presented(X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        internal X509Certificate2 Leaf { get; } = leaf;

        internal SslStreamCertificateContext Context { get; } = SslStreamCertificateContext.Create(leaf, chain, offline: true);

        /// <summary>By versions and protocol.</summary>
        internal SslServerAuthenticationOptions?[] Options { get; } = new SslServerAuthenticationOptions?[8];

        internal static Presented Of(Certificate source)
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(source.CertificatePem);
            chain.RemoveAt(0);
            return new Presented(X509Certificate2.CreateFromPem(source.CertificatePem, source.PrivateKeyPem), chain);
        }
    }
}
