using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Polygate.Model;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>
/// Judges the certificates of clients for one <see cref="ClientValidation"/>. Sessions are not resumed where it is used: each handshake is
/// judged by itself, under the authorities of now.
/// </summary>
internal sealed class ClientVerifier
{
    /// <summary>id-kp-clientAuth (RFC 5280 section 4.2.1.12).</summary>
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly ConditionalWeakTable<object, Failure> failures = [];
    private readonly X509Certificate2Collection authorities = [];
    private readonly Revocation? revocation;

    internal ClientVerifier(ClientValidation validation)
    {
        Validation = validation;
        if (validation.RevocationListsPem.Length > 0)
        {
            revocation = new Revocation(validation.RevocationListsPem);
            Problem = revocation.Problem;
        }

        if (validation.TrustedCertificatesPem.Length == 0)
        {
            return;
        }

        try
        {
            authorities.ImportFromPem(validation.TrustedCertificatesPem);
            Problem = authorities.Count == 0 ? "they contain no certificate." : Problem;
        }
        catch (CryptographicException exception)
        {
            // Nobody is trusted rather than some.
            authorities.Clear();
            Problem = exception.Message;
        }
    }

    internal ClientValidation Validation { get; }

    /// <summary>Why the authorities or their revocation lists cannot be used, so that no certificate is verified; null when they can.</summary>
    internal string? Problem { get; }

    /// <summary>The settings of a listener, with the demand for a certificate added.</summary>
    internal SslServerAuthenticationOptions Apply(SslServerAuthenticationOptions settings) => new()
    {
        ServerCertificateContext = settings.ServerCertificateContext,
        EnabledSslProtocols = settings.EnabledSslProtocols,
        ApplicationProtocols = settings.ApplicationProtocols,
        AllowRenegotiation = false,
        AllowTlsResume = false,
        ClientCertificateRequired = true,
        CertificateChainPolicy = Policy(),
        RemoteCertificateValidationCallback = Judge,
    };

    /// <summary>What a handshake found.</summary>
    /// <param name="stream">The stream that did it.</param>
    internal ClientIdentity IdentityOf(SslStream stream)
    {
        var certificate = stream.RemoteCertificate switch
        {
            null => null,
            X509Certificate2 complete => complete,
            var other => new X509Certificate2(other),
        };
        var failure = certificate is not null && failures.TryGetValue(stream, out var found) ? found : null;
        return new ClientIdentity(Validation.Id, certificate, failure?.Reason) { IsRevoked = failure?.IsRevoked == true };
    }

    private bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            return Validation.Mode is ClientCertificateMode.VerifyIfGiven or ClientCertificateMode.Request;
        }

        if (FailureOf(chain, errors) is not { } failure)
        {
            return true;
        }

        failures.AddOrUpdate(sender, failure);
        return Validation.Mode is ClientCertificateMode.RequireAny or ClientCertificateMode.Request;
    }

    private Failure? FailureOf(X509Chain? chain, SslPolicyErrors errors)
    {
        if (chain is null || errors != SslPolicyErrors.None)
        {
            var status = chain?.ChainStatus is [var first, ..] ? first.Status : X509ChainStatusFlags.PartialChain;
            return new Failure(status switch
            {
                X509ChainStatusFlags.NotTimeValid => "certificate has expired or is not yet valid",
                X509ChainStatusFlags.NotValidForUsage => "certificate is not for clients",
                X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain => "unable to get local issuer certificate",
                _ => "certificate could not be verified",
            });
        }

        // The client's own certificate is an element of its chain.
        return Validation.VerifyDepth > 0 && chain.ChainElements.Count - 1 > Validation.VerifyDepth ? new Failure("certificate chain too long")
            : revocation?.FailureOf(chain) is { } reason ? new Failure(reason, IsRevoked: true)
            : null;
    }

    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    /// <param name="Reason">In OpenSSL's words, where it has some.</param>
    /// <param name="IsRevoked">Whether it is about revocation.</param>
    private sealed record Failure(string Reason, bool IsRevoked = false);
}
