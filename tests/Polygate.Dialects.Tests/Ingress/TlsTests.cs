using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Polygate.Dialects.Ingress;
using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Tests.Golden;

namespace Polygate.Dialects.Tests.Ingress;

/// <summary>TLS Secrets, and which certificate a host gets.</summary>
public sealed class TlsTests
{
    private static readonly (string Chain, string Key) Shop = Make("shop.test", "*.shop.test");
    private static readonly (string Chain, string Key) Other = Make("other.test");

    [Fact]
    public void A_host_gets_the_certificate_of_its_secret()
    {
        var requests = Serve(new IngressDialect(), Secret("s", Shop), Plain("one", "tls: [{hosts: [SHOP.test, '*.shop.test'], secretName: s}]"));

        Assert.Equal(["shop.test default/s", "*.shop.test default/s"], Bindings(requests));
        Assert.Equal(Shop.Key, requests.Configuration.Pieces.Values.Single().Certificates.Single().PrivateKeyPem);
        Assert.Empty(requests.Diagnostics);
    }

    [Theory]
    [InlineData("shop.test P /=a; P /=b", "shop.test *")]
    [InlineData("", "*")]
    public void Without_hosts_the_certificate_is_for_the_hosts_of_the_rules(string rules, string expected)
    {
        var ingress = new IngressYaml("one", rules) { Spec = "tls: [{secretName: s}]\ndefaultBackend: {service: {name: a, port: {number: 80}}}" };
        var requests = Serve(new IngressDialect(), Secret("s", Shop), ingress);

        Assert.Equal(expected.Split(' ').Select(host => host + " default/s"), Bindings(requests));
    }

    public static TheoryData<string, string> BadSecrets => new()
    {
        { "", "missing-secret" },
        { Secret("s", (Shop.Chain, Other.Key)), "invalid-certificate" },
        { Secret("s", ("no certificate", Shop.Key)), "invalid-certificate" },
        { Secret("s", (Shop.Chain, "no key")), "invalid-certificate" },
        { Secret("s", (Shop.Chain.Replace("A", "!", StringComparison.Ordinal), Shop.Key)), "invalid-certificate" },
        { Secret("s", ("", Shop.Key)), "invalid-certificate" },
        { Secret("s", (Shop.Chain, "")), "invalid-certificate" },
        { Secret("s", Shop).Replace("kubernetes.io/tls", "example.com/other", StringComparison.Ordinal), "invalid-certificate" },
    };

    [Theory]
    [MemberData(nameof(BadSecrets))]
    public async Task With_a_bad_secret_the_default_certificate_serves_and_the_routes_stay(string secret, string code)
    {
        var requests = Serve(new IngressDialect(), secret, Plain("one", "tls: [{hosts: [shop.test], secretName: s}]"));

        Assert.Equal(["shop.test"], Bindings(requests));
        Assert.Equal("a /", await requests.AnswerAsync("https://shop.test/"));
        var diagnostic = Assert.Single(requests.Diagnostics);
        Assert.Equal(code, diagnostic.Code);
        Assert.DoesNotContain("PRIVATE KEY", diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_certificates_for_a_host_that_of_the_older_ingress_counts()
    {
        var requests = Serve(
            new IngressDialect(),
            Secret("s", Shop) + "---\n" + Secret("t", Shop),
            Plain("aaa-young", "tls: [{hosts: [shop.test], secretName: t}]", 2),
            Plain("old", "tls: [{hosts: [shop.test], secretName: s}]", 1));

        Assert.Equal(["shop.test default/s"], Bindings(requests));
        Assert.Contains(requests.Diagnostics, diagnostic => diagnostic is { Code: "conflicting-certificate", Origin.Name: "aaa-young" });
    }

    [Theory]
    [InlineData("tls: [{hosts: [shop.test], secretName: s}]", "shop.test default/s", "")]
    [InlineData("tls: [{secretName: s}]", "shop.test default/s", "")]
    [InlineData("tls: [{hosts: [elsewhere.test], secretName: s}]", "shop.test default/s", "")]
    [InlineData("tls: [{hosts: [elsewhere.test], secretName: t}]", "shop.test", "default-certificate")]
    [InlineData("tls: [{hosts: [shop.test], secretName: t}]", "shop.test", "certificate-host-mismatch")]
    [InlineData("tls: [{hosts: [shop.test]}]", "shop.test", "default-certificate")]
    [InlineData("tls: [{hosts: [shop.test], secretName: gone}]", "shop.test", "missing-secret")]
    public void Ingress_nginx_takes_the_certificate_that_is_made_out_to_the_host(string tls, string binding, string code)
    {
        var ingress = Plain("one", tls) with { Class = "nginx" };
        var requests = Serve(new IngressNginxDialect(), Secret("s", Shop) + "---\n" + Secret("t", Other), ingress);

        Assert.Equal([binding], Bindings(requests));
        Assert.Equal(code, string.Join(' ', requests.Diagnostics.Select(diagnostic => diagnostic.Code)));
    }

    [Fact]
    public void Ingress_nginx_gives_the_certificate_to_aliases_and_to_the_counterpart_it_covers()
    {
        var ingress = Plain("one", "tls: [{hosts: [shop.test], secretName: s}]") with
        {
            Class = "nginx",
            Annotations = new Dictionary<string, string>
            {
                ["nginx.ingress.kubernetes.io/server-alias"] = "alias.test, ~^x",
                ["nginx.ingress.kubernetes.io/from-to-www-redirect"] = "true",
            },
        };

        Assert.Equal(
            ["shop.test default/s", "alias.test default/s", "www.shop.test default/s"],
            Bindings(Serve(new IngressNginxDialect(), Secret("s", Shop), ingress)));
    }

    private static IngressYaml Plain(string name, string spec, int day = 0) => new(name, "shop.test P /=a") { Spec = spec, Day = day };

    private static ServedRequests Serve(IDialect dialect, string more, params IngressYaml[] ingresses) =>
        new(IngressYaml.Write(ingresses) + (more.Length > 0 ? "---\n" + more : ""), dialect);

    private static IEnumerable<string> Bindings(ServedRequests requests) =>
        requests.Configuration.Pieces.Values.SelectMany(piece => piece.TlsBindings)
            .Select(binding => $"{binding.ServerName} {string.Join(' ', binding.Certificates)}".TrimEnd());

    private static string Secret(string name, (string Chain, string Key) pair) =>
        $"apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}}}\ntype: kubernetes.io/tls\ndata:\n"
        + $"  tls.crt: '{Convert.ToBase64String(Encoding.UTF8.GetBytes(pair.Chain))}'\n  tls.key: '{Convert.ToBase64String(Encoding.UTF8.GetBytes(pair.Key))}'\n";

    private static (string Chain, string Key) Make(params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + names[0], key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            alternatives.AddDnsName(name);
        }

        request.CertificateExtensions.Add(alternatives.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(100));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
