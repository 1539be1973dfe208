using Polygate.Dialects.IngressNginx;
using Polygate.Model;
using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>Client certificates and TLS that is passed through.</summary>
public sealed class TlsFeatureTests
{
    private const string Authority = "apiVersion: v1\nkind: Secret\nmetadata: {name: ca}\nstringData: {ca.crt: pem}\n";

    [Theory]
    [InlineData("", true, true)]
    [InlineData("auth-tls-verify-client: on", true, true)]
    [InlineData("auth-tls-verify-client: optional", false, true)]
    [InlineData("auth-tls-verify-client: optional_no_ca", false, false)]
    [InlineData("auth-tls-verify-client: maybe", true, true)]
    public void A_host_demands_certificates_of_clients(string annotations, bool require, bool verify)
    {
        var requests = Serve(Authority, Annotated("one", "h.test P /=a", "auth-tls-secret: default/ca | " + annotations), Annotated("two", "h.test P /other=b"));
        Assert.All(requests.Configuration.Routes, route =>
        {
            var filter = Assert.Single(route.Filters.OfType<ClientCertificateFilter>());
            Assert.Equal((require, verify, 400), (filter.Require, filter.Verify, filter.RejectStatus));
            Assert.Equal(("ssl-client-verify", "ssl-client-subject-dn", "ssl-client-issuer-dn", null), (filter.ResultHeader, filter.SubjectHeader, filter.IssuerHeader, filter.CertificateHeader));
        });
        var validation = requests.Configuration.Pieces.Values.SelectMany(piece => piece.TlsBindings).Single(binding => binding.ServerName == HostPattern.Exact("h.test")).ClientValidation!;
        Assert.Equal(("pem", ClientCertificateMode.Request, 1), (validation.TrustedCertificatesPem, validation.Mode, validation.VerifyDepth));
    }

    [Fact]
    public void Everything_about_them_can_be_said()
    {
        var filter = Serve(Authority, Annotated("one", "h.test P /=a", "auth-tls-secret: ca | auth-tls-verify-depth: 3 | auth-tls-error-page: https://in.test/why | auth-tls-match-cn: CN=(alice|bob) | auth-tls-pass-certificate-to-upstream: true"))
            .Configuration.Routes.Single().Filters.OfType<ClientCertificateFilter>().Single();
        Assert.Equal(
            ("default/ca#3", "https://in.test/why", "CN=(alice|bob)", 403, "ssl-client-cert"),
            (filter.Validation, filter.ErrorPage, filter.SubjectPattern, filter.SubjectRejectStatus, filter.CertificateHeader));
    }

    [Fact]
    public void Off_demands_nothing() =>
        Assert.Empty(Serve(Authority, Annotated("one", "h.test P /=a", "auth-tls-secret: ca | auth-tls-verify-client: off")).Configuration.Routes.Single().Filters.OfType<ClientCertificateFilter>());

    [Theory]
    [InlineData("apiVersion: v1\nkind: Secret\nmetadata: {name: ca}\nstringData: {tls.crt: pem}\n", "403")]
    [InlineData("apiVersion: v1\nkind: Secret\nmetadata: {name: other}\nstringData: {ca.crt: pem}\n", "403")]
    public async Task An_authority_that_cannot_be_used_closes_the_host(string secret, string expected) =>
        Assert.Equal(expected, await Serve(secret, Annotated("one", "h.test P /=a", "auth-tls-secret: ca")).AnswerAsync("https://h.test/"));

    [Fact]
    public void Lists_of_revoked_certificates_are_checked()
    {
        var validation = Serve("apiVersion: v1\nkind: Secret\nmetadata: {name: ca}\nstringData: {ca.crt: pem, ca.crl: list}\n", Annotated("one", "h.test P /=a", "auth-tls-secret: ca"))
            .Configuration.Pieces.Values.SelectMany(piece => piece.TlsBindings).Select(binding => binding.ClientValidation).Distinct().Single()!;
        Assert.Equal(("pem", "list"), (validation.TrustedCertificatesPem, validation.RevocationListsPem));
    }

    [Fact]
    public async Task A_Secret_of_another_namespace_is_not_read()
    {
        var requests = Serve("apiVersion: v1\nkind: Secret\nmetadata: {name: ca, namespace: other}\nstringData: {ca.crt: pem}\n", Annotated("one", "h.test P /=a", "auth-tls-secret: other/ca"));
        Assert.StartsWith("403", await requests.AnswerAsync("https://h.test/"), StringComparison.Ordinal);
        Assert.All(requests.Configuration.Pieces.Values.SelectMany(piece => piece.TlsBindings), binding => Assert.Null(binding.ClientValidation));
    }

    [Fact]
    public void Tls_is_passed_through_to_the_service_of_the_root()
    {
        var allowed = IngressNginxOptions.Default with { AllowsPassthrough = true };
        var requests = Serve(allowed, "", Annotated("one", "h.test P /=a; h.test P /other=b", "ssl-passthrough: true"));
        var route = requests.Configuration.StreamRoutes.Single();
        Assert.Equal((StreamTls.Passthrough, new ListenerKey(443), HostPattern.Exact("h.test")), (route.Tls, route.Bindings[0].Listener, route.Bindings[0].VirtualHost));
        Assert.Equal(new NamedEndpoints("default/a:80"), requests.Configuration.Pieces.Values.Single().Backends.Single(backend => backend.Id == route.Backends[0].Backend).Endpoints);
        Assert.Empty(Serve(Annotated("one", "h.test P /=a", "ssl-passthrough: true")).Configuration.StreamRoutes);
    }

    [Fact]
    public async Task The_backend_is_spoken_to_as_the_client_speaks()
    {
        var requests = Serve(Annotated("one", "h.test P /=a", "backend-protocol: AUTO_HTTP"));
        Assert.Equal("a /", await requests.AnswerAsync("http://h.test/"));
        Assert.Equal("a /", await requests.AnswerAsync("https://h.test/"));
        Assert.Equal([false, true], requests.Configuration.Pieces.Values.Single().Backends.OrderBy(backend => backend.Id.Length).Select(backend => backend.Tls is not null));
    }
}
