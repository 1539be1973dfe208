using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>
/// Asks the lists of a <see cref="Model.ClientValidation"/> for every certificate of a chain. What no valid list speaks of is refused, as nginx does
/// with <c>ssl_crl</c>. The .NET chain engine takes no lists but those that it fetches by itself, so this is done here.
/// </summary>
internal sealed class Revocation
{
    private readonly IReadOnlyList<RevocationList> lists = [];

    /// <param name="pem">The lists.</param>
    public Revocation(string pem)
    {
        try
        {
            lists = RevocationList.ReadPem(pem);
        }
        catch (CryptographicException exception)
        {
            Problem = exception.Message;
        }
    }

    /// <summary>Why the lists cannot be used, so that every certificate is refused; null when they can.</summary>
    public string? Problem { get; }

    /// <summary>Why a chain that leads to a trusted authority is refused all the same; null when it is not.</summary>
    public string? FailureOf(X509Chain chain)
    {
        for (var i = 0; i < chain.ChainElements.Count; i++)
        {
            // The trusted authority at the end of the chain is its own issuer.
            var issuer = chain.ChainElements[Math.Min(i + 1, chain.ChainElements.Count - 1)].Certificate;
            if (FailureOf(chain.ChainElements[i].Certificate, issuer) is { } failure)
            {
                return failure;
            }
        }

        return null;
    }

    private string? FailureOf(X509Certificate2 certificate, X509Certificate2 issuer)
    {
        var now = DateTimeOffset.UtcNow;
        var best = "unable to get certificate CRL";
        var isCovered = false;
        foreach (var list in lists.Where(list => list.IsBy(issuer)))
        {
            // A list that has run out still names what was revoked then.
            if (list.Names(certificate))
            {
                return "certificate revoked";
            }

            best = list.From > now ? "CRL is not yet valid" : list.Until <= now ? "CRL has expired" : best;
            isCovered |= list.From <= now && now < list.Until;
        }

        return isCovered ? null : best;
    }
}
