using System.Security.Cryptography.X509Certificates;
using Polygate.Model;
using Polygate.Testing;

namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>What Gateways ask of clients' certificates, by port.</summary>
public sealed class ClientCertificateTests
{
    private readonly TranslatedObjects objects = new();
    private readonly X509Certificate2 authority = TestSecrets.Certificate("authority");

    public ClientCertificateTests() => objects.Set(TestSecrets.Tls("cert", "a.example"), Authority("default", "ca"), Authority("vault", "ca"));

    [Fact]
    public void A_port_without_its_own_setting_has_the_default()
    {
        objects.Set(Gateway("default: { validation: { caCertificateRefs: [{ group: '', kind: ConfigMap, name: ca }] } }", 443, 8443));

        Assert.Equal([ClientCertificateMode.RequireAndVerify, ClientCertificateMode.RequireAndVerify], Bindings().Select(binding => binding.ClientValidation!.Mode));
        Assert.All(Bindings(), binding => Assert.Equal(authority.ExportCertificatePem(), binding.ClientValidation!.TrustedCertificatesPem.Trim()));
    }

    [Fact]
    public void A_port_with_its_own_setting_has_that_alone()
    {
        objects.Set(Gateway(
            """
            default: { validation: { caCertificateRefs: [{ group: '', kind: ConfigMap, name: absent }] } },
            perPort: [{ port: 443, tls: { validation: { mode: AllowInsecureFallback, caCertificateRefs: [{ group: '', kind: ConfigMap, name: ca }] } } }, { port: 8443, tls: {} }]
            """,
            443,
            8443,
            9443));

        Assert.Equal(ClientCertificateMode.Request, Binding(443).ClientValidation!.Mode);
        Assert.Null(Binding(8443).ClientValidation);
        Assert.False(Binding(8443).IsRefused);
        Assert.True(Binding(9443).IsRefused);
        Assert.Equal("True ConfigurationChanged", objects.Condition("Gateway", "gw", "InsecureFrontendValidationMode"));
    }

    [Theory]
    [InlineData("group: '', kind: ConfigMap, name: absent", "False InvalidCACertificateRef")]
    [InlineData("group: '', kind: Secret, name: cert", "False InvalidCACertificateKind")]
    [InlineData("group: '', kind: ConfigMap, name: ca, namespace: vault", "False RefNotPermitted")]
    public void A_listener_whose_authorities_cannot_be_had_refuses_connections(string reference, string unresolved)
    {
        objects.Set(Gateway($"default: {{ validation: {{ caCertificateRefs: [{{ {reference} }}] }} }}", 443));

        Assert.Equal("False NoValidCACertificate", objects.Condition("Gateway", "gw", "port-443", "Accepted"));
        Assert.Equal(unresolved, objects.Condition("Gateway", "gw", "port-443", "ResolvedRefs"));
        Assert.Equal("False Invalid", objects.Condition("Gateway", "gw", "port-443", "Programmed"));
        Assert.True(Binding(443).IsRefused);
    }

    [Fact]
    public void One_authority_that_can_be_read_is_enough()
    {
        objects.Set(Gateway("default: { validation: { caCertificateRefs: [{ group: '', kind: ConfigMap, name: absent }, { group: '', kind: ConfigMap, name: ca }] } }", 443));

        Assert.Equal("True Accepted", objects.Condition("Gateway", "gw", "port-443", "Accepted"));
        Assert.Equal("False InvalidCACertificateRef", objects.Condition("Gateway", "gw", "port-443", "ResolvedRefs"));
        Assert.NotNull(Binding(443).ClientValidation);
    }

    private TlsBinding Binding(int port) => Bindings().Single(binding => binding.Listener.Port == port);

    private IEnumerable<TlsBinding> Bindings() => objects.Configuration.Pieces.Values.SelectMany(piece => piece.TlsBindings);

    private string Authority(string ns, string name) => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: {{name}}, namespace: {{ns}} }
        data:
          ca.crt: |
        {{string.Join('\n', authority.ExportCertificatePem().Split('\n').Select(line => "    " + line))}}
        """;

    private static string Gateway(string frontend, params int[] ports) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: gw }
        spec:
          gatewayClassName: any
          tls: { frontend: { {{frontend.ReplaceLineEndings(" ")}} } }
          listeners: [{{string.Join(", ", ports.Select(port => $$"""{ name: port-{{port}}, port: {{port}}, protocol: HTTPS, tls: { certificateRefs: [{ name: cert }] } }"""))}}]
        """;
}
