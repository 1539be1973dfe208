using System.Diagnostics;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Polygate.Proxy.Transport.Tls;

namespace Polygate.Proxy.Tests.Transport.Tls;

/// <summary>Certificates that their authority no longer vouches for, and lists that say nothing reliable.</summary>
public sealed class RevocationTests : IDisposable
{
    private const X509KeyUsageFlags Signs = X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign;

    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly X509Certificate2 root = Authority("CN=Root", Signs);
    private readonly X509Certificate2 alice;
    private readonly X509Certificate2 bob;

    public RevocationTests()
    {
        alice = Issue(root, "CN=alice");
        bob = Issue(root, "CN=bob");
    }

    public void Dispose()
    {
        root.Dispose();
        alice.Dispose();
        bob.Dispose();
    }

    [Fact]
    public void Who_is_on_the_list_is_refused_and_who_is_not_passes()
    {
        var list = List(root, [alice]);
        Assert.Equal("certificate revoked", FailureOf(list, alice, root));
        Assert.Null(FailureOf(list, bob, root));
        Assert.Null(FailureOf(List(root, []), alice, root));
    }

    [Fact]
    public void Every_certificate_of_a_chain_needs_a_list_of_its_issuer()
    {
        using var middle = Issue(root, "CN=Middle", Signs);
        using var carol = Issue(middle, "CN=carol");
        var ofMiddle = List(middle, []);

        Assert.Equal("unable to get certificate CRL", FailureOf(ofMiddle, carol, middle, root));
        Assert.Null(FailureOf(ofMiddle + "\n" + List(root, []), carol, middle, root));
        Assert.Equal("certificate revoked", FailureOf(ofMiddle + "\n" + List(root, [middle]), carol, middle, root));
        Assert.Equal("certificate revoked", FailureOf(List(middle, [carol]) + "\n" + List(root, []), carol, middle, root));
    }

    [Fact]
    public void A_list_of_somebody_else_counts_for_nobody()
    {
        using var sameName = Authority("CN=Root", Signs);
        using var otherName = Authority("CN=Other", Signs);
        using var mayNot = Authority("CN=Root", X509KeyUsageFlags.KeyCertSign);
        Assert.Equal("unable to get certificate CRL", FailureOf(List(sameName, []), alice, root));
        Assert.Equal("unable to get certificate CRL", FailureOf(List(otherName, []), alice, root));
        using var client = Issue(mayNot, "CN=client");
        Assert.Equal("unable to get certificate CRL", FailureOf(List(mayNot, []), client, mayNot));
    }

    [Fact]
    public void A_list_that_has_run_out_vouches_for_nobody_and_still_names_who_was_revoked()
    {
        var old = List(root, [alice], from: Now.AddDays(-2), until: Now.AddDays(-1));
        Assert.Equal("CRL has expired", FailureOf(old, bob, root));
        Assert.Equal("certificate revoked", FailureOf(old, alice, root));
        Assert.Null(FailureOf(old + "\n" + List(root, []), bob, root));
        Assert.Equal("CRL is not yet valid", FailureOf(List(root, [], from: Now.AddDays(1), until: Now.AddDays(2)), bob, root));
    }

    [Theory]
    [InlineData("2.5.29.28")]
    [InlineData("2.5.29.27")]
    [InlineData("1.2.3.4")]
    public void A_list_with_a_critical_extension_that_is_not_understood_is_none(string oid)
    {
        Assert.NotNull(new Revocation(Made(extension: oid, isCritical: true)).Problem);
        Assert.Equal("unable to get certificate CRL", FailureOf(Made(extension: oid, isCritical: true), bob, root));
        Assert.Null(FailureOf(Made(extension: oid, isCritical: false), bob, root));
    }

    [Fact]
    public void A_list_is_read_strictly()
    {
        Assert.Null(new Revocation(Made()).Problem);
        Assert.NotNull(new Revocation(Made(hasNext: false)).Problem);
        Assert.NotNull(new Revocation(Made(inner: "1.2.840.113549.1.1.11")).Problem);
        Assert.NotNull(new Revocation(Made(version: 2)).Problem);
        Assert.NotNull(new Revocation("").Problem);
        Assert.NotNull(new Revocation("no list at all").Problem);
        Assert.NotNull(new Revocation(root.ExportCertificatePem()).Problem);
        Assert.NotNull(new Revocation(PemEncoding.WriteString("X509 CRL", [0x30, 0x80, 0, 0])).Problem);
        Assert.NotNull(new Revocation(List(root, []) + "\n-----BEGIN X509 CRL-----\nMIIB").Problem);
    }

    [Fact]
    public void Every_flipped_bit_makes_a_list_unusable_or_somebody_elses()
    {
        var made = Made();
        var der = Convert.FromBase64String(made[PemEncoding.Find(made).Base64Data]);
        for (var i = 0; i < der.Length; i++)
        {
            var changed = der.ToArray();
            changed[i] ^= 0x01;
            Assert.NotNull(FailureOf(PemEncoding.WriteString("X509 CRL", changed), bob, root));
        }
    }

    [Fact]
    public void A_list_signed_in_a_way_that_is_broken_is_none()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=Rsa", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var authority = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));
        using var client = Issue(authority, "CN=client");
        Assert.Null(FailureOf(Build(HashAlgorithmName.SHA256), client, authority));
        Assert.Null(FailureOf(Build(HashAlgorithmName.SHA512), client, authority));

        // Nobody makes such lists any more, .NET included: one that says of itself that it is signed with SHA-1.
        Assert.True(PemEncoding.TryFind(Build(HashAlgorithmName.SHA256), out var fields));
        var list = Convert.FromBase64String(Build(HashAlgorithmName.SHA256)[fields.Base64Data]);
        ReadOnlySpan<byte> signedWithSha256 = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B];
        for (int at; (at = list.AsSpan().IndexOf(signedWithSha256)) >= 0;)
            list[at + signedWithSha256.Length - 1] = 0x05;

        Assert.Contains("not supported", new Revocation(PemEncoding.WriteString("X509 CRL", list)).Problem, StringComparison.Ordinal);

        string Build(HashAlgorithmName hash) => PemEncoding.WriteString("X509 CRL", new CertificateRevocationListBuilder().Build(authority, 1, Now.AddDays(1), hash, RSASignaturePadding.Pkcs1));
    }

    [Fact]
    public async Task Lists_of_openssl_are_understood()
    {
        var stop = TestContext.Current.CancellationToken;
        Assert.SkipUnless(File.Exists("/usr/bin/openssl"), "There is no openssl on this machine.");
        var folder = Directory.CreateTempSubdirectory("polygate-crl-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "ca.crt"), root.ExportCertificatePem(), stop);
            await File.WriteAllTextAsync(Path.Combine(folder, "ca.key"), root.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(), stop);
            await File.WriteAllTextAsync(Path.Combine(folder, "alice.crt"), alice.ExportCertificatePem(), stop);
            await File.WriteAllTextAsync(Path.Combine(folder, "index.txt"), "", stop);
            await File.WriteAllTextAsync(Path.Combine(folder, "number"), "01\n", stop);
            await File.WriteAllTextAsync(Path.Combine(folder, "ca.cnf"), "[ca]\ndefault_ca=it\n[it]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=7\ncrl_extensions=more\n[more]\nauthorityKeyIdentifier=keyid:always\n", stop);
            await OpensslAsync(folder, "ca -config ca.cnf -keyfile ca.key -cert ca.crt -revoke alice.crt -crl_reason keyCompromise");
            await OpensslAsync(folder, "ca -config ca.cnf -keyfile ca.key -cert ca.crt -gencrl -out ca.crl");
            var list = await File.ReadAllTextAsync(Path.Combine(folder, "ca.crl"), stop);
            Assert.Equal("certificate revoked", FailureOf(list, alice, root));
            Assert.Null(FailureOf(list, bob, root));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task OpensslAsync(string folder, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/openssl", arguments) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, said);
    }

    private static string? FailureOf(string lists, X509Certificate2 client, params X509Certificate2[] authorities)
    {
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        Assert.True(chain.Build(client));
        Assert.Equal(authorities.Length + 1, chain.ChainElements.Count);
        return new Revocation(lists).FailureOf(chain);
    }

    private static string List(X509Certificate2 authority, X509Certificate2[] revoked, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (var certificate in revoked)
        {
            builder.AddEntry(certificate);
        }

        // The builder itself refuses to sign for an authority that has not said it signs lists.
        var signer = X509SignatureGenerator.CreateForECDsa(authority.GetECDsaPrivateKey()!);
        var name = X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false);
        return PemEncoding.WriteString("X509 CRL", builder.Build(authority.SubjectName, signer, 1, until ?? Now.AddDays(1), HashAlgorithmName.SHA256, name, from ?? Now.AddMinutes(-5)));
    }

    /// <summary>An empty list of the root, put together by hand, with what a builder would not write.</summary>
    private string Made(string? extension = null, bool isCritical = false, bool hasNext = true, string inner = "1.2.840.10045.4.3.2", int version = 1)
    {
        const string Algorithm = "1.2.840.10045.4.3.2";
        var content = new AsnWriter(AsnEncodingRules.DER);
        using (content.PushSequence())
        {
            content.WriteInteger(version);
            WriteAlgorithm(content, inner);
            content.WriteEncodedValue(root.SubjectName.RawData);
            content.WriteUtcTime(Now.AddMinutes(-5));
            if (hasNext)
            {
                content.WriteUtcTime(Now.AddDays(1));
            }

            if (extension is not null)
            {
                using (content.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true)))
                using (content.PushSequence())
                using (content.PushSequence())
                {
                    content.WriteObjectIdentifier(extension);
                    if (isCritical)
                    {
                        content.WriteBoolean(true);
                    }

                    content.WriteOctetString([0x05, 0x00]);
                }
            }
        }

        var list = new AsnWriter(AsnEncodingRules.DER);
        using (list.PushSequence())
        {
            list.WriteEncodedValue(content.Encode());
            WriteAlgorithm(list, Algorithm);
            list.WriteBitString(root.GetECDsaPrivateKey()!.SignData(content.Encode(), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }

        return PemEncoding.WriteString("X509 CRL", list.Encode());
    }

    private static void WriteAlgorithm(AsnWriter writer, string oid)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
        }
    }

    private static X509Certificate2 Authority(string name, X509KeyUsageFlags usage)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Request(name, key, usage).CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));
    }

    private static X509Certificate2 Issue(X509Certificate2 issuer, string name, X509KeyUsageFlags usage = X509KeyUsageFlags.None)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var generator = issuer.GetECDsaPrivateKey() is { } ecdsa ? X509SignatureGenerator.CreateForECDsa(ecdsa) : X509SignatureGenerator.CreateForRSA(issuer.GetRSAPrivateKey()!, RSASignaturePadding.Pkcs1);
        using var issued = Request(name, key, usage).Create(issuer.SubjectName, generator, Now.AddHours(-2), Now.AddHours(2), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    private static CertificateRequest Request(string name, ECDsa key, X509KeyUsageFlags usage)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        if (usage != X509KeyUsageFlags.None)
        {
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, true));
        }

        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }
}
