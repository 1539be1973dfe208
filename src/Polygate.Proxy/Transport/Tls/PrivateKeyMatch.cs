using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>
/// Whether a private key in PEM belongs to a certificate, by comparing the public halves that both spell out. Importing
/// a key to find out costs milliseconds (its numbers are checked); this costs microseconds, which ten thousand
/// certificates at start-up need.
/// </summary>
internal static class PrivateKeyMatch
{
    private static readonly Asn1Tag PublicKeyTag = new(TagClass.ContextSpecific, 1, isConstructed: true);

    /// <summary>True or false where the key tells; null where only an import does.</summary>
    /// <exception cref="ArgumentException">The text contains no PEM.</exception>
    /// <exception cref="AsnContentException">The key is malformed.</exception>
    internal static bool? Test(CertificateOutline certificate, string keyPem)
    {
        var fields = PemEncoding.Find(keyPem);
        var key = Convert.FromBase64String(keyPem[fields.Base64Data]);
        return keyPem[fields.Label] switch
        {
            "RSA PRIVATE KEY" => TestRsa(certificate, key),
            "EC PRIVATE KEY" => TestEc(certificate, key),
            "PRIVATE KEY" => TestPkcs8(certificate, key),
            _ => null,
        };
    }

    /// <summary>RFC 5208 section 5.</summary>
    private static bool? TestPkcs8(CertificateOutline certificate, byte[] key)
    {
        var info = new AsnReader(key, AsnEncodingRules.BER).ReadSequence();
        info.ReadInteger();
        var algorithm = info.ReadSequence().ReadObjectIdentifier();
        var inner = info.ReadOctetString();
        if (algorithm != certificate.Algorithm)
        {
            return false;
        }

        return algorithm switch
        {
            "1.2.840.113549.1.1.1" => TestRsa(certificate, inner),
            CertificateOutline.EcPublicKey => TestEc(certificate, inner),
            _ => null,
        };
    }

    /// <summary>RFC 8017 appendix A.1: version, modulus, exponent, …; in certificates modulus and exponent.</summary>
    private static bool TestRsa(CertificateOutline certificate, byte[] key)
    {
        if (certificate.IsEc)
        {
            return false;
        }

        var secret = new AsnReader(key, AsnEncodingRules.BER).ReadSequence();
        secret.ReadInteger();
        var shown = new AsnReader(certificate.PublicKey, AsnEncodingRules.DER).ReadSequence();
        return secret.ReadIntegerBytes().Span.SequenceEqual(shown.ReadIntegerBytes().Span)
            && secret.ReadIntegerBytes().Span.SequenceEqual(shown.ReadIntegerBytes().Span);
    }

    /// <summary>RFC 5915 section 3; the public key is optional in it.</summary>
    private static bool? TestEc(CertificateOutline certificate, byte[] key)
    {
        if (!certificate.IsEc)
        {
            return false;
        }

        var secret = new AsnReader(key, AsnEncodingRules.BER).ReadSequence();
        while (secret.HasData)
        {
            if (secret.PeekTag().HasSameClassAndValue(PublicKeyTag))
            {
                var point = secret.ReadSequence(PublicKeyTag).ReadBitString(out _);
                return point.AsSpan().SequenceEqual(certificate.PublicKey.Span);
            }

            secret.ReadEncodedValue();
        }

        return null;
    }
}
