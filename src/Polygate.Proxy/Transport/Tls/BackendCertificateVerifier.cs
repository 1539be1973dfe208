using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Polygate.Model;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>
/// Judges the certificate a backend presents: its chain as .NET found it, and its name, or one of the alternative names
/// asked for (host names, or URIs such as SPIFFE identities).
/// </summary>
internal sealed class BackendCertificateVerifier(BackendTls tls, string name)
{
    private const string AlternativeNameExtension = "2.5.29.17";

    /// <summary>uniformResourceIdentifier [6] (RFC 5280 section 4.2.1.6).</summary>
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    internal bool Verify(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (tls.SkipVerification)
        {
            return true;
        }

        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) != SslPolicyErrors.None)
        {
            return false;
        }

        if (tls.SubjectAlternativeNames.IsEmpty)
        {
            return (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None && name.Length > 0;
        }

        using var presented = new X509Certificate2(certificate);
        foreach (var wanted in tls.SubjectAlternativeNames)
        {
            if (wanted.Contains("://", StringComparison.Ordinal) ? HasUri(presented, wanted) : presented.MatchesHostname(wanted, allowCommonName: false))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasUri(X509Certificate2 certificate, string wanted)
    {
        try
        {
            foreach (var extension in certificate.Extensions)
            {
                if (extension.Oid?.Value == AlternativeNameExtension && ContainsUri(extension.RawData, wanted))
                {
                    return true;
                }
            }
        }
        catch (AsnContentException)
        {
            // A malformed extension names nobody.
        }

        return false;
    }

    private static bool ContainsUri(byte[] alternativeNames, string wanted)
    {
        var names = new AsnReader(alternativeNames, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            if (names.PeekTag().HasSameClassAndValue(UriTag))
            {
                if (names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag) == wanted)
                {
                    return true;
                }
            }
            else
            {
                names.ReadEncodedValue();
            }
        }

        return false;
    }
}
