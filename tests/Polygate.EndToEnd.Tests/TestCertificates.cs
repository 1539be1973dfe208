using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Polygate.EndToEnd.Tests;

/// <summary>Certificates that a test makes for itself.</summary>
internal static class TestCertificates
{
    /// <summary>A Secret of type <c>kubernetes.io/tls</c> with a self-signed certificate for some hosts.</summary>
    public static string TlsSecret(string name, params string[] hosts)
    {
        using var certificate = SelfSigned(hosts);
        using var key = certificate.GetECDsaPrivateKey()!;
        return $"apiVersion: v1\nkind: Secret\nmetadata: {{ name: {name} }}\ntype: kubernetes.io/tls\ndata: {{ tls.crt: {Base64(certificate.ExportCertificatePem())}, tls.key: {Base64(key.ExportPkcs8PrivateKeyPem())} }}\n";
    }

    /// <summary>A self-signed certificate for some hosts, with its key.</summary>
    public static X509Certificate2 SelfSigned(params string[] hosts)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + hosts[0], key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return Usable(certificate);
    }

    /// <summary>SslStream takes no key that lives in memory alone on every platform; one that went through PKCS #12 it does.</summary>
    internal static X509Certificate2 Usable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);

    internal static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));
}
