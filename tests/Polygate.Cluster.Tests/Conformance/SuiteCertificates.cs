using System.Security.Cryptography.X509Certificates;
using Polygate.Testing;

namespace Polygate.Cluster.Tests.Conformance;

/// <summary>The Secrets and ConfigMaps that the conformance suite makes at run time, made once for all tests.</summary>
internal static class SuiteCertificates
{
    private const string Infra = "gateway-conformance-infra";

    private static readonly X509Certificate2 ClientAuthority = TestSecrets.Certificate("client authority");
    private static readonly X509Certificate2 PortAuthority = TestSecrets.Certificate("authority of a port");
    private static readonly X509Certificate2 BackendAuthority = TestSecrets.Certificate("backend authority");

    /// <summary>Of the backends that speak TLS.</summary>
    public static X509Certificate2 Backend { get; } = Usable(TestSecrets.Certificate(
        BackendAuthority, "abc.example.com", "other.example.com", "spiffe://abc.example.com/test-identity"));

    /// <summary>The clients' certificates, by the name of the authority's ConfigMap.</summary>
    public static IReadOnlyDictionary<string, X509Certificate2> Clients { get; } = new Dictionary<string, X509Certificate2>(StringComparer.Ordinal)
    {
        ["default"] = Usable(TestSecrets.Certificate(ClientAuthority, "client.example.com")),
        ["port"] = Usable(TestSecrets.Certificate(PortAuthority, "client.example.com")),
    };

    /// <summary>The objects, as manifests.</summary>
    public static IReadOnlyList<string> Manifests { get; } =
    [
        TestSecrets.Tls("gateway-conformance-web-backend", "certificate", TestSecrets.Certificate("*")),
        TestSecrets.Tls(Infra, "tls-validity-checks-certificate", TestSecrets.Certificate("*.org", "*.wildcard.org")),
        Authority("gateway-conformance-web-backend", "web-backend-cm", TestSecrets.Certificate("other")),
        Authority(Infra, "tls-validity-checks-ca-certificate", ClientAuthority),
        Authority(Infra, "tls-validity-checks-per-port-ca-certificate", PortAuthority),
        Authority(Infra, "tls-checks-ca-certificate", BackendAuthority),
        Authority(Infra, "mismatch-ca-certificate", TestSecrets.Certificate("mismatch")),
        TestSecrets.Tls(Infra, "tls-checks-client-certificate", TestSecrets.Certificate(BackendAuthority, "client.example.com")),
        TestSecrets.Tls(Infra, "tls-terminate-checks-certificate", TestSecrets.Certificate(BackendAuthority, "tls.example.com")),
    ];

    /// <summary>A ConfigMap with the authority of the backends' certificates (<c>backend</c>), or with one of none (<c>mismatch</c>).</summary>
    public static string AuthorityOf(string name, string key) => Authority(Infra, name, key == "backend" ? BackendAuthority : TestSecrets.Certificate(key));

    private static string Authority(string ns, string name, X509Certificate2 certificate) => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: {{name}}, namespace: {{ns}} }
        data:
          ca.crt: |
        {{string.Join('\n', certificate.ExportCertificatePem().Split('\n').Select(line => "    " + line))}}
        """;

    /// <summary>SslStream takes keys from PKCS #12 on every platform.</summary>
    private static X509Certificate2 Usable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
}
