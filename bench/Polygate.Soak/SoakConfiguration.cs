using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Polygate.Soak;

/// <summary>The folder of configuration, edited all the time. Files are replaced by renaming, as careful programs do.</summary>
internal sealed class SoakConfiguration(string folder)
{
    private const int Routes = 50;

    private int round;

    public int Edits { get; private set; }

    public void WriteAll(string address, IEnumerable<int> ports)
    {
        Directory.CreateDirectory(folder);
        Replace("gateway.yaml", """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: { name: soak }
            spec:
              gatewayClassName: polygate
              listeners:
                - { name: http, port: 80, protocol: HTTP }
                - { name: https, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: soak }] } }
            ---
            apiVersion: v1
            kind: Service
            metadata: { name: app }
            spec: { ports: [{ name: http, port: 80 }] }
            """);
        RotateCertificate();
        WriteEndpoints(address, ports);
        for (var i = 0; i < Routes; i++)
            WriteRoute(i);

        Edits = 0;
    }

    /// <summary>Changes one of the routes that are in use: another header, another weight.</summary>
    public void EditRoute() => WriteRoute(round % Routes);

    public void WriteEndpoints(string address, IEnumerable<int> ports)
    {
        var slices = ports.Select((port, i) => $$"""
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: { name: app-{{i}}, labels: { kubernetes.io/service-name: app } }
            addressType: IPv4
            ports: [{ name: http, port: {{port}} }]
            endpoints: [{ addresses: ["{{address}}"] }]

            """);
        Replace("endpoints.yaml", string.Join("---\n", slices));
    }

    public void RotateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=soak.example", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        Replace("certificate.yaml", $$"""
            apiVersion: v1
            kind: Secret
            metadata: { name: soak }
            type: kubernetes.io/tls
            data:
              tls.crt: {{Encode(certificate.ExportCertificatePem())}}
              tls.key: {{Encode(key.ExportPkcs8PrivateKeyPem())}}
            """);
    }

    private static string Encode(string pem) => Convert.ToBase64String(Encoding.ASCII.GetBytes(pem + "\n"));

    private void WriteRoute(int number)
    {
        round++;
        Replace($"route-{number}.yaml", string.Create(CultureInfo.InvariantCulture, $$"""
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: route-{{number}} }
            spec:
              parentRefs: [{ name: soak }]
              rules:
                - matches: [{ path: { type: PathPrefix, value: /{{number}} } }]
                  filters:
                    - type: URLRewrite
                      urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: / } }
                    - type: RequestHeaderModifier
                      requestHeaderModifier: { set: [{ name: x-round, value: "{{round}}" }] }
                  backendRefs: [{ name: app, port: 80, weight: {{1 + (round % 5)}} }]
            """));
    }

    private void Replace(string file, string text)
    {
        var beside = Path.Combine(folder, "." + file + ".new");
        File.WriteAllText(beside, text);
        File.Move(beside, Path.Combine(folder, file), overwrite: true);
        Edits++;
    }
}
