using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Polygate.Testing;

/// <summary>Secrets with certificates made for a test.</summary>
internal static class TestSecrets
{
    /// <summary>A Secret of type <c>kubernetes.io/tls</c> with a self-signed certificate.</summary>
    public static string Tls(string name, params string[] dnsNames) => Tls("default", name, Certificate(dnsNames));

    public static string Tls(string ns, string name, X509Certificate2 certificate) => $$"""
        apiVersion: v1
        kind: Secret
        metadata: { name: {{name}}, namespace: {{ns}} }
        type: kubernetes.io/tls
        data:
          tls.crt: {{Base64(certificate.ExportCertificatePem())}}
          tls.key: {{Base64(certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem())}}
        """;

    /// <summary>A self-signed certificate that is also an authority.</summary>
    public static X509Certificate2 Certificate(params string[] dnsNames)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Request(key, dnsNames, isAuthority: true).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    /// <summary>A certificate that an authority vouches for.</summary>
    public static X509Certificate2 Certificate(X509Certificate2 authority, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Request(key, names, isAuthority: false).Create(
            authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(20), RandomNumberGenerator.GetBytes(12));
        return certificate.CopyWithPrivateKey(key);
    }

    private static CertificateRequest Request(ECDsa key, string[] names, bool isAuthority)
    {
        var request = new CertificateRequest($"CN={names.FirstOrDefault() ?? "none"}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else if (name.Contains("://", StringComparison.Ordinal))
            {
                alternatives.AddUri(new Uri(name));
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternatives.Build());
        return request;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
