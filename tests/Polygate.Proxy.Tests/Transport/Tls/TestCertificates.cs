using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Polygate.Model;

namespace Polygate.Proxy.Tests.Transport.Tls;

/// <summary>Certificates made for tests.</summary>
internal static class TestCertificates
{
    internal static readonly Origin Origin = new("test", "Secret", "default", "tls");

    internal static Certificate Ecdsa(string id, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        return Sign(id, request, names, key);
    }

    internal static Certificate Rsa(string id, params string[] names)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return Sign(id, request, names, key);
    }

    internal static GatewayConfiguration Configuration(IEnumerable<Certificate> certificates, params TlsBinding[] bindings) =>
        Configuration(new ConfigurationPiece("tls")
        {
            Certificates = certificates.ToValueList(),
            TlsBindings = bindings.ToValueList(),
        });

    internal static GatewayConfiguration Configuration(params ConfigurationPiece[] pieces) => new()
    {
        Pieces = GatewayConfiguration.Empty.Pieces.AddRange(pieces.Select(piece => KeyValuePair.Create(piece.Id, piece))),
    };

    private static Certificate Sign(string id, CertificateRequest request, string[] names, AsymmetricAlgorithm key)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        Array.ForEach(names, alternatives.AddDnsName);
        request.CertificateExtensions.Add(alternatives.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        return new Certificate(id, certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
