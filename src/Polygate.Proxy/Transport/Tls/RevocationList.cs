using System.Collections.Frozen;
using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>
/// A list of certificates that its authority no longer vouches for (RFC 5280 section 5), read strictly: a list of which a part is not
/// understood says nothing reliable, so it is none. Not understood are lists for a part of an authority's certificates, lists of changes, and
/// lists for other authorities.
/// </summary>
internal sealed class RevocationList
{
    private static readonly Asn1Tag ExtensionsTag = new(TagClass.ContextSpecific, 0, isConstructed: true);

    /// <summary>Critical extensions say what must be understood; these are the ones that are (the list's number is never critical).</summary>
    private static readonly FrozenSet<string> UnderstoodInList = FrozenSet.Create(StringComparer.Ordinal, "2.5.29.20", "2.5.29.35");

    private static readonly FrozenSet<string> UnderstoodInEntry = FrozenSet.Create(StringComparer.Ordinal, "2.5.29.21", "2.5.29.24");

    private static readonly FrozenDictionary<string, (HashAlgorithmName Hash, bool IsRsa)> Algorithms = new Dictionary<string, (HashAlgorithmName, bool)>(StringComparer.Ordinal)
    {
        ["1.2.840.113549.1.1.11"] = (HashAlgorithmName.SHA256, true),
        ["1.2.840.113549.1.1.12"] = (HashAlgorithmName.SHA384, true),
        ["1.2.840.113549.1.1.13"] = (HashAlgorithmName.SHA512, true),
        ["1.2.840.10045.4.3.2"] = (HashAlgorithmName.SHA256, false),
        ["1.2.840.10045.4.3.3"] = (HashAlgorithmName.SHA384, false),
        ["1.2.840.10045.4.3.4"] = (HashAlgorithmName.SHA512, false),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly byte[] issuer;
    private readonly byte[] signed;
    private readonly byte[] signature;
    private readonly HashAlgorithmName hash;
    private readonly bool isRsa;
    private readonly FrozenSet<BigInteger> serials;
    private volatile string? signer;

    private RevocationList(byte[] der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var list = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        signed = list.PeekEncodedValue().ToArray();
        var content = list.ReadSequence();
        var algorithm = list.ReadEncodedValue().ToArray();
        signature = list.ReadBitString(out var unused);
        list.ThrowIfNotEmpty();
        if (unused != 0)
        {
            throw new CryptographicException("The signature of a revocation list is not made of bytes.");
        }

        if (content.PeekTag().HasSameClassAndValue(Asn1Tag.Integer) && content.ReadInteger() != BigInteger.One)
        {
            throw new CryptographicException("A revocation list is of a version that is not known.");
        }

        if (!content.ReadEncodedValue().Span.SequenceEqual(algorithm))
        {
            throw new CryptographicException("A revocation list names two signature algorithms.");
        }

        (hash, isRsa) = AlgorithmOf(algorithm);
        issuer = content.ReadEncodedValue().ToArray();
        From = ReadTime(content);
        Until = IsTime(content) ? ReadTime(content) : throw new CryptographicException("A revocation list does not say when the next one comes.");
        serials = content.HasData && content.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) ? ReadEntries(content.ReadSequence()) : [];
        if (content.HasData)
        {
            var extensions = content.ReadSequence(ExtensionsTag);
            Check(extensions.ReadSequence(), UnderstoodInList);
            extensions.ThrowIfNotEmpty();
        }

        content.ThrowIfNotEmpty();
    }

    /// <summary>When it was made.</summary>
    public DateTimeOffset From { get; }

    /// <summary>When there must be a newer one.</summary>
    public DateTimeOffset Until { get; }

    /// <summary>Reads the lists of a PEM text, in which other things may stand.</summary>
    /// <exception cref="CryptographicException">There is none, or one of them is not understood.</exception>
    public static IReadOnlyList<RevocationList> ReadPem(string text)
    {
        var lists = new List<RevocationList>();
        var rest = text.AsSpan();
        try
        {
            while (PemEncoding.TryFind(rest, out var fields))
            {
                if (rest[fields.Label] is "X509 CRL")
                {
                    lists.Add(new RevocationList(Convert.FromBase64String(rest[fields.Base64Data].ToString())));
                }

                rest = rest[fields.Location.End..];
            }
        }
        catch (AsnContentException exception)
        {
            throw new CryptographicException("A revocation list is malformed.", exception);
        }

        // What begins and is no list would be a list that is passed over.
        return rest.Contains("-----BEGIN", StringComparison.Ordinal) ? throw new CryptographicException("A PEM block has no proper end.")
            : lists.Count == 0 ? throw new CryptographicException("There is no revocation list (-----BEGIN X509 CRL-----).")
            : lists;
    }

    /// <summary>Whether it is by this authority: by name and by signature, with a key that may sign lists.</summary>
    public bool IsBy(X509Certificate2 authority)
    {
        if (!authority.SubjectName.RawData.AsSpan().SequenceEqual(issuer) || !MaySign(authority))
        {
            return false;
        }

        // Lists may be long; whose they are is found out once.
        var name = authority.GetCertHashString(HashAlgorithmName.SHA256);
        if (signer == name)
        {
            return true;
        }

        if (!IsSignedBy(authority))
        {
            return false;
        }

        signer = name;
        return true;
    }

    /// <summary>Whether it names a certificate of its authority.</summary>
    public bool Names(X509Certificate2 certificate) => serials.Contains(new BigInteger(certificate.SerialNumberBytes.Span, isBigEndian: true));

    private bool IsSignedBy(X509Certificate2 authority)
    {
        try
        {
            if (isRsa)
            {
                using var rsa = authority.GetRSAPublicKey();
                return rsa is not null && rsa.VerifyData(signed, signature, hash, RSASignaturePadding.Pkcs1);
            }

            using var ecdsa = authority.GetECDsaPublicKey();
            return ecdsa is not null && ecdsa.VerifyData(signed, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>An authority that says what its key is for must have said that it signs lists (RFC 5280 section 4.2.1.3).</summary>
    private static bool MaySign(X509Certificate2 authority) =>
        authority.Extensions.OfType<X509KeyUsageExtension>().All(usage => usage.KeyUsages.HasFlag(X509KeyUsageFlags.CrlSign));

    private static (HashAlgorithmName Hash, bool IsRsa) AlgorithmOf(byte[] encoded)
    {
        var identifier = new AsnReader(encoded, AsnEncodingRules.DER).ReadSequence();
        var oid = identifier.ReadObjectIdentifier();
        return Algorithms.TryGetValue(oid, out var algorithm) ? algorithm : throw new CryptographicException($"The signature algorithm {oid} of a revocation list is not supported.");
    }

    private static FrozenSet<BigInteger> ReadEntries(AsnReader entries)
    {
        var found = new HashSet<BigInteger>();
        while (entries.HasData)
        {
            var entry = entries.ReadSequence();
            found.Add(entry.ReadInteger());
            ReadTime(entry);
            if (entry.HasData)
            {
                Check(entry.ReadSequence(), UnderstoodInEntry);
            }

            entry.ThrowIfNotEmpty();
        }

        return found.ToFrozenSet();
    }

    private static void Check(AsnReader extensions, FrozenSet<string> understood)
    {
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            var isCritical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            extension.ReadOctetString();
            extension.ThrowIfNotEmpty();
            if (isCritical && !understood.Contains(oid))
            {
                throw new CryptographicException($"A revocation list has the critical extension {oid}, which is not supported.");
            }
        }
    }

    private static bool IsTime(AsnReader reader) =>
        reader.HasData && (reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) || reader.PeekTag().HasSameClassAndValue(Asn1Tag.GeneralizedTime));

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();
}
