using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using Polygate.Model;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Transport.Tls;

namespace Polygate.Proxy.Tests.Transport.Tls;

public sealed class CertificateStoreTests
{
    private static readonly ListenerKey Key = new(443);
    private static readonly ListenerKey Other = new(8443);

    [Theory]
    [InlineData("shop.example.com", "exact")]
    [InlineData("other.example.com", "single")]
    [InlineData("a.b.example.com", "suffix")]
    [InlineData("a.b.deep.example.com", "deep")]
    [InlineData("example.com", "any")]
    [InlineData("api.test", "prefix")]
    [InlineData("", "any")]
    public void The_most_specific_name_wins(string name, string expected)
    {
        string[] ids = ["exact", "single", "suffix", "deep", "any", "prefix"];
        var store = Build(
            ids.Select(id => TestCertificates.Ecdsa(id, id)),
            Bind(HostPattern.Any, "any"),
            Bind(HostPattern.Prefix("api."), "prefix"),
            Bind(HostPattern.Suffix(".deep.example.com"), "deep"),
            Bind(HostPattern.Suffix(".example.com"), "suffix"),
            Bind(HostPattern.SingleLabelSuffix(".example.com"), "single"),
            Bind(HostPattern.Exact("shop.example.com"), "exact"));

        Assert.Empty(store.Diagnostics);
        Assert.Equal($"CN={expected}", Subject(store, name));
    }

    [Fact]
    public void Listeners_do_not_see_each_others_certificates()
    {
        var store = Build(
            [TestCertificates.Ecdsa("one", "one")],
            Bind(HostPattern.Any, "one") with { Listener = Other });

        Assert.Equal("CN=Polygate default certificate", Subject(store, "one"));
        Assert.Equal("CN=one", Subject(store, "one", Other));
        Assert.Equal("CN=one", Subject(store, "one", Key, Other));
    }

    [Fact]
    public void Of_listeners_that_share_a_socket_the_most_specific_binding_wins()
    {
        var store = Build(
            [TestCertificates.Ecdsa("any", "any"), TestCertificates.Ecdsa("exact", "exact")],
            Bind(HostPattern.Any, "any"),
            Bind(HostPattern.Exact("a.example"), "exact") with { Listener = Other });

        Assert.Equal("CN=exact", Subject(store, "a.example", Key, Other));
        Assert.Equal("CN=any", Subject(store, "b.example", Key, Other));
    }

    [Fact]
    public void A_malformed_certificate_is_reported_and_the_others_are_served()
    {
        var good = TestCertificates.Ecdsa("good", "good");
        var store = Build(
            [good, new Certificate("bad", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", good.PrivateKeyPem)],
            Bind(HostPattern.Exact("bad.example"), "bad"),
            Bind(HostPattern.Exact("lost.example"), "nowhere"),
            Bind(HostPattern.Exact("good.example"), "good"));

        Assert.Equal(["invalid-certificate", "missing-certificate"], store.Diagnostics.Select(diagnostic => diagnostic.Code));
        Assert.All(store.Diagnostics, diagnostic => Assert.DoesNotContain("AAAA", diagnostic.Message));
        Assert.Equal("CN=good", Subject(store, "good.example"));
    }

    [Fact]
    public void A_name_whose_certificate_cannot_be_used_is_refused_rather_than_given_another()
    {
        var store = Build(
            [TestCertificates.Ecdsa("any", "any")],
            Bind(HostPattern.Any, "any"),
            Bind(HostPattern.Exact("lost.example"), "nowhere"),
            Bind(HostPattern.Exact("closed.example")) with { IsRefused = true },
            Bind(HostPattern.Exact("default.example")));

        Assert.Equal(ChannelError.Tls, Assert.Throws<ChannelException>(() => Subject(store, "lost.example")).Error);
        Assert.Equal(ChannelError.Tls, Assert.Throws<ChannelException>(() => Subject(store, "closed.example")).Error);
        Assert.Equal("CN=Polygate default certificate", Subject(store, "default.example"));
        Assert.Equal("CN=any", Subject(store, "other.example"));
    }

    [Theory]
    [InlineData("ecdsa", "ecdsa")]
    [InlineData("rsa", "rsa")]
    [InlineData("rsa", "ecdsa")]
    [InlineData("ecdsa", "rsa")]
    public void A_key_of_another_certificate_is_reported(string kind, string kindOfOther)
    {
        var one = Make(kind);
        var store = Build([one with { PrivateKeyPem = Make(kindOfOther).PrivateKeyPem }], Bind(HostPattern.Any, "one"));

        Assert.Equal("invalid-certificate", Assert.Single(store.Diagnostics).Code);

        static Certificate Make(string kind) => kind == "rsa" ? TestCertificates.Rsa("one", "one") : TestCertificates.Ecdsa("one", "one");
    }

    [Fact]
    public void Keys_may_come_in_any_usual_form()
    {
        var ecdsa = TestCertificates.Ecdsa("ecdsa", "ecdsa");
        var rsa = TestCertificates.Rsa("rsa", "rsa");
        using var ecdsaKey = ECDsa.Create();
        ecdsaKey.ImportFromPem(ecdsa.PrivateKeyPem);
        using var rsaKey = RSA.Create();
        rsaKey.ImportFromPem(rsa.PrivateKeyPem);
        var store = Build(
            [
                ecdsa, rsa,
                ecdsa with { Id = "sec1", PrivateKeyPem = ecdsaKey.ExportECPrivateKeyPem() },
                rsa with { Id = "pkcs1", PrivateKeyPem = rsaKey.ExportRSAPrivateKeyPem() },
            ],
            Bind(HostPattern.Any, "ecdsa", "rsa", "sec1", "pkcs1"));

        Assert.Empty(store.Diagnostics);
        Assert.All((string[])["ecdsa", "rsa", "sec1", "pkcs1"], id => Assert.True(store.Find(id)!.HasPrivateKey));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no key")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nMAMCAQA=\n-----END RSA PRIVATE KEY-----")]
    [InlineData("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----")]
    public void A_malformed_key_is_reported(string key)
    {
        var store = Build([TestCertificates.Rsa("one", "one") with { PrivateKeyPem = key }], Bind(HostPattern.Any, "one"));

        Assert.Equal("invalid-certificate", Assert.Single(store.Diagnostics).Code);
    }

    [Fact]
    public void A_client_without_ecdsa_gets_the_rsa_certificate()
    {
        var store = Build(
            [TestCertificates.Ecdsa("modern", "modern"), TestCertificates.Rsa("old", "old")],
            Bind(HostPattern.Any, "modern", "old"));

        Assert.Equal("CN=modern", Subject(store, Hello("a.example")));
        Assert.Equal("CN=old", Subject(store, Hello("a.example") with { AcceptsEcdsa = false }));
    }

    [Fact]
    public void The_second_binding_of_a_name_is_reported_unless_it_says_the_same()
    {
        var store = Build(
            [TestCertificates.Ecdsa("one", "one"), TestCertificates.Ecdsa("two", "two")],
            Bind(HostPattern.Exact("a.example"), "one") with { Origin = TestCertificates.Origin with { Name = "a" } },
            Bind(HostPattern.Exact("a.example"), "one") with { Origin = TestCertificates.Origin with { Name = "b" } },
            Bind(HostPattern.Exact("a.example"), "two") with { Origin = TestCertificates.Origin with { Name = "c" } });

        var diagnostic = Assert.Single(store.Diagnostics);
        Assert.Equal(("conflicting-certificate", "c"), (diagnostic.Code, diagnostic.Origin.Name));
        Assert.Equal("CN=one", Subject(store, "a.example"));
    }

    [Theory]
    [InlineData(TlsVersion.Tls12, TlsVersion.Tls12, SslProtocols.Tls12)]
    [InlineData(TlsVersion.Tls13, TlsVersion.Tls13, SslProtocols.Tls13)]
    [InlineData(TlsVersion.Tls12, TlsVersion.Tls13, SslProtocols.Tls12 | SslProtocols.Tls13)]
    public void Versions_are_those_of_the_binding(TlsVersion minimum, TlsVersion maximum, SslProtocols expected)
    {
        var store = Build(
            [TestCertificates.Ecdsa("one", "one")],
            Bind(HostPattern.Any, "one") with { MinimumVersion = minimum, MaximumVersion = maximum });

        var options = store.Select([Key], Hello("a.example"));
        Assert.Equal(expected, options.EnabledSslProtocols);
        Assert.Equal([SslApplicationProtocol.Http2, SslApplicationProtocol.Http11], options.ApplicationProtocols!);
    }

    private static CertificateStore Build(IEnumerable<Certificate> certificates, params TlsBinding[] bindings) =>
        CertificateStore.Of(TestCertificates.Configuration(certificates, bindings));

    private static TlsBinding Bind(HostPattern name, params string[] certificates) =>
        new(Key, name, certificates.ToValueList(), TestCertificates.Origin);

    private static ClientHello Hello(string name) => new(name, [], SslProtocols.Tls12 | SslProtocols.Tls13, AcceptsEcdsa: true);

    private static string Subject(CertificateStore store, string name, params ListenerKey[] keys) =>
        Subject(store, Hello(name), keys);

    private static string Subject(CertificateStore store, ClientHello hello, params ListenerKey[] keys) =>
        store.Select(keys.Length == 0 ? [Key] : keys, hello).ServerCertificateContext!.TargetCertificate.Subject;
}
