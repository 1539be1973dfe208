namespace Polygate.Model;

/// <summary>What a listener asks of the certificates of clients (RFC 8446 section 4.3.2).</summary>
/// <param name="Id">
/// Names what is validated against, usually namespace/name of the authorities' object. A session is never resumed under another
/// validation, and <see cref="ClientCertificateFilter"/>s refer to it.
/// </param>
public sealed record ClientValidation(string Id)
{
    /// <summary>The authorities trusted, in PEM; empty: none is, and no certificate can be verified.</summary>
    public string TrustedCertificatesPem { get; init; } = "";

    /// <summary>
    /// The authorities' lists of revoked certificates (RFC 5280 section 5), in PEM; empty: revocation is not checked. Where there are lists, each
    /// certificate of a chain needs a valid one of its issuer: without it, and when it is named there, it is refused.
    /// </summary>
    public string RevocationListsPem { get; init; } = "";

    public ClientCertificateMode Mode { get; init; } = ClientCertificateMode.RequireAndVerify;

    /// <summary>Authorities between the client's certificate and the trusted one at most, the trusted one counted (nginx <c>ssl_verify_depth</c>); 0 for no limit.</summary>
    public int VerifyDepth { get; init; }
}

/// <summary>What becomes of a handshake, by the certificate the client presents.</summary>
public enum ClientCertificateMode
{
    /// <summary>Only a certificate that a trusted authority vouches for passes.</summary>
    RequireAndVerify,

    /// <summary>None passes, a verified one passes, one that cannot be verified fails.</summary>
    VerifyIfGiven,

    /// <summary>Any certificate passes, none fails; whether it could be verified is told to filters.</summary>
    RequireAny,

    /// <summary>Everything passes (Gateway API <c>AllowInsecureFallback</c>); what was presented and whether it could be verified is told to filters.</summary>
    Request,
}
