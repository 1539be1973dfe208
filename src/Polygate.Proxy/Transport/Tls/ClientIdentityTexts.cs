using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Polygate.Proxy.Filters;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>A client's certificate as header fields tell it; each text is made once a connection, when it is first asked for.</summary>
internal sealed class ClientIdentityTexts(ClientIdentity? identity)
{
    /// <summary>Of clients that presented nothing.</summary>
    internal static ClientIdentityTexts None { get; } = new(null);

    /// <summary><c>SUCCESS</c>, <c>NONE</c>, or <c>FAILED:</c> and the reason.</summary>
    internal byte[] Result => field ??= HeaderText.Value(
        identity?.Certificate is null ? "NONE" : identity.Failure is { } failure ? "FAILED:" + failure : "SUCCESS");

    /// <summary>The subject's name; empty without a certificate.</summary>
    internal byte[] Subject => field ??= Text(certificate => DistinguishedNameText.Of(certificate.SubjectName));

    /// <summary>The issuer's name; empty without a certificate.</summary>
    internal byte[] Issuer => field ??= Text(certificate => DistinguishedNameText.Of(certificate.IssuerName));

    /// <summary>Percent-encoded PEM; empty without a certificate.</summary>
    internal byte[] EscapedPem => field ??= Text(certificate => Uri.EscapeDataString(PemEncoding.WriteString("CERTIFICATE", certificate.RawData) + "\n"));

    /// <summary>The base64 text of PEM in one line; empty without a certificate.</summary>
    internal byte[] Base64 => field ??= Text(certificate => Convert.ToBase64String(certificate.RawData));

    private byte[] Text(Func<X509Certificate2, string> text) => identity?.Certificate is { } certificate ? HeaderText.Value(text(certificate)) : [];
}

/// <summary>Distinguished names in the form of RFC 2253 (section 2), the last element first: <c>CN=client,O=Acme</c>.</summary>
internal static class DistinguishedNameText
{
    internal static string Of(X500DistinguishedName name)
    {
        var text = new StringBuilder();
        foreach (var element in name.EnumerateRelativeDistinguishedNames(reversed: true))
        {
            if (element.HasMultipleElements)
            {
                // Rare, and .NET does not take them apart: its own form is told.
                return name.Decode(X500DistinguishedNameFlags.Reversed);
            }

            text.Append(text.Length > 0 ? "," : "").Append(TypeOf(element.GetSingleElementType())).Append('=');
            Escape(text, element.GetSingleElementValue() ?? "");
        }

        return text.ToString();
    }

    private static string TypeOf(Oid type) => type.Value switch
    {
        "2.5.4.3" => "CN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        var other => other ?? "",
    };

    /// <summary>Section 2.4.</summary>
    private static void Escape(StringBuilder text, string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            var letter = value[i];
            var isSpecial = letter is ',' or '+' or '"' or '\\' or '<' or '>' or ';'
                || (i == 0 && letter is '#' or ' ')
                || (i == value.Length - 1 && letter == ' ');
            text.Append(isSpecial ? "\\" : "").Append(letter);
        }
    }
}
