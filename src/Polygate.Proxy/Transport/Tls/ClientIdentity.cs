using System.Security.Cryptography.X509Certificates;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>What a client presented to a listener that asks for certificates.</summary>
/// <param name="Validation">The identity of the <see cref="Model.ClientValidation"/> it was made for.</param>
/// <param name="Certificate">Null when the client presented none.</param>
/// <param name="Failure">Why no trusted authority vouches for it; null when one does, and without a certificate.</param>
public sealed record ClientIdentity(string Validation, X509Certificate2? Certificate, string? Failure)
{
    /// <summary>Whether its authority has revoked it, or does not say whether: then it counts nowhere, also where none is asked for.</summary>
    public bool IsRevoked { get; init; }

    internal ClientIdentityTexts Texts => field ??= new ClientIdentityTexts(this);

    public bool IsVerified => Certificate is not null && Failure is null;
}
