using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>
/// What a certificate says of its public key, found by walking through its structure (RFC 5280 section 4.1), which is checked on the way. It costs
/// microseconds; a certificate that OpenSSL has decoded costs a hundred times as much, and memory for as long as it is kept.
/// </summary>
/// <param name="Algorithm">The key's algorithm, as an object identifier.</param>
/// <param name="PublicKey">The key as the algorithm encodes it.</param>
internal sealed record CertificateOutline(string Algorithm, ReadOnlyMemory<byte> PublicKey)
{
    /// <summary>RFC 5480 section 2.1.1.</summary>
    internal const string EcPublicKey = "1.2.840.10045.2.1";

    /// <summary>Lax about lengths, as the decoders of TLS libraries are.</summary>
    private const AsnEncodingRules Rules = AsnEncodingRules.BER;

    private static readonly Asn1Tag VersionTag = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag ExtensionsTag = new(TagClass.ContextSpecific, 3, isConstructed: true);

    internal bool IsEc => Algorithm == EcPublicKey;

    /// <summary>The certificates of a PEM text, in order; what else stands there is passed over.</summary>
    /// <exception cref="AsnContentException">One is malformed.</exception>
    internal static List<CertificateOutline> ReadAll(ReadOnlySpan<char> pem)
    {
        var found = new List<CertificateOutline>();
        while (PemEncoding.TryFind(pem, out var fields))
        {
            if (pem[fields.Label] is "CERTIFICATE")
            {
                var content = new byte[fields.DecodedDataLength];
                Convert.TryFromBase64Chars(pem[fields.Base64Data], content, out _);
                found.Add(Read(content));
            }

            pem = pem[fields.Location.End..];
        }

        return found;
    }

    private static CertificateOutline Read(byte[] encoded)
    {
        var certificate = new AsnReader(encoded, Rules).ReadSequence();
        var content = certificate.ReadSequence();
        certificate.ReadSequence().ReadObjectIdentifier();
        certificate.ReadBitString(out _);
        certificate.ThrowIfNotEmpty();

        if (content.PeekTag().HasSameClassAndValue(VersionTag))
        {
            content.ReadSequence(VersionTag).ReadInteger();
        }

        content.ReadIntegerBytes();
        content.ReadSequence().ReadObjectIdentifier();
        SkipName(content);
        var validity = content.ReadSequence();
        SkipTime(validity);
        SkipTime(validity);
        SkipName(content);
        var key = content.ReadSequence();
        var outline = new CertificateOutline(key.ReadSequence().ReadObjectIdentifier(), key.ReadBitString(out _));
        SkipRest(content);
        return outline;
    }

    /// <summary>A sequence of sets of attributes.</summary>
    private static void SkipName(AsnReader reader)
    {
        var name = reader.ReadSequence();
        while (name.HasData)
        {
            var attributes = name.ReadSetOf(skipSortOrderValidation: true);
            while (attributes.HasData)
            {
                attributes.ReadSequence().ReadObjectIdentifier();
            }
        }
    }

    private static void SkipTime(AsnReader reader)
    {
        if (reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime))
        {
            reader.ReadUtcTime();
        }
        else
        {
            reader.ReadGeneralizedTime();
        }
    }

    /// <summary>Identifiers that nobody uses, then extensions.</summary>
    private static void SkipRest(AsnReader reader)
    {
        while (reader.HasData)
        {
            if (!reader.PeekTag().HasSameClassAndValue(ExtensionsTag))
            {
                reader.ReadEncodedValue();
                continue;
            }

            var extensions = reader.ReadSequence(ExtensionsTag).ReadSequence();
            while (extensions.HasData)
            {
                var extension = extensions.ReadSequence();
                extension.ReadObjectIdentifier();
                if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
                {
                    extension.ReadBoolean();
                }

                extension.ReadOctetString();
            }
        }
    }
}
