using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Polygate.EndToEnd.Tests;

/// <summary>An authority that vouches for clients.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 certificate;

    public TestAuthority()
    {
        var request = new CertificateRequest("CN=Clients", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    /// <summary>A Secret with its certificate in <c>ca.crt</c>, and further keys.</summary>
    public string Secret(string name, params (string Key, string Text)[] more) =>
        $"apiVersion: v1\nkind: Secret\nmetadata: {{ name: {name} }}\ndata: {{ ca.crt: {TestCertificates.Base64(certificate.ExportCertificatePem())}{string.Concat(more.Select(item => $", {item.Key}: {TestCertificates.Base64(item.Text)}"))} }}\n";

    /// <summary>A certificate for a client, with its key.</summary>
    /// <param name="subject">A distinguished name.</param>
    public X509Certificate2 Issue(string subject)
    {
        using var clientKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, clientKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var issued = request.Create(certificate, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        using var complete = issued.CopyWithPrivateKey(clientKey);
        return TestCertificates.Usable(complete);
    }

    /// <summary>The list of those that it no longer vouches for, in PEM.</summary>
    public string RevocationList(params X509Certificate2[] revoked)
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (var client in revoked)
        {
            builder.AddEntry(client);
        }

        return PemEncoding.WriteString("X509 CRL", builder.Build(certificate, 1, DateTimeOffset.UtcNow.AddDays(1), HashAlgorithmName.SHA256));
    }

    public void Dispose()
    {
        certificate.Dispose();
        key.Dispose();
    }
}
