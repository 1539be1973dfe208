using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Polygate.Model;
using Polygate.Proxy.Transport.Tls;

namespace Polygate.Proxy.Tests.Transport.Tls;

public sealed class CertificateOutlineTests
{
    public static TheoryData<string> Kinds => ["rsa", "ecdsa"];

    [Theory, MemberData(nameof(Kinds))]
    public void It_says_of_the_key_what_the_certificate_says(string kind)
    {
        var pem = Make(kind).CertificatePem;
        using var certificate = X509Certificate2.CreateFromPem(pem);

        var outline = Assert.Single(CertificateOutline.ReadAll(pem));

        Assert.Equal(certificate.PublicKey.Oid.Value, outline.Algorithm);
        Assert.Equal(certificate.PublicKey.EncodedKeyValue.RawData, outline.PublicKey.ToArray());
        Assert.Equal(kind == "ecdsa", outline.IsEc);
    }

    [Fact]
    public void Of_a_chain_each_is_read_and_what_else_stands_there_is_passed_over()
    {
        var (one, two) = (Make("rsa"), Make("ecdsa"));

        var all = CertificateOutline.ReadAll($"a comment\n{one.CertificatePem}\n{one.PrivateKeyPem}\n{two.CertificatePem}");

        Assert.Equal([false, true], all.Select(outline => outline.IsEc));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_certificate_that_was_cut_off_is_reported(string kind)
    {
        var whole = Make(kind);
        var content = Decode(whole.CertificatePem);
        for (var length = 0; length < content.Length; length++)
        {
            Assert.NotNull(LoadedCertificate.Load(Encode(whole, content[..length])).Error);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void However_a_certificate_was_damaged_loading_it_ends(string kind)
    {
        var whole = Make(kind);
        var content = Decode(whole.CertificatePem);
        var errors = 0;
        for (var place = 0; place < content.Length; place++)
        {
            byte[] damaged = [.. content];
            damaged[place] ^= 0x55;
            errors += LoadedCertificate.Load(Encode(whole, damaged)).Error is null ? 0 : 1;
        }

        // What is damaged in texts, numbers and signatures is for clients to judge.
        Assert.InRange(errors, content.Length / 10, content.Length);
    }

    private static Certificate Make(string kind) => kind == "rsa" ? TestCertificates.Rsa("one", "one.test") : TestCertificates.Ecdsa("one", "one.test");

    private static byte[] Decode(string pem) => Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);

    private static Certificate Encode(Certificate certificate, byte[] content) =>
        certificate with { CertificatePem = PemEncoding.WriteString("CERTIFICATE", content) };
}
