using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Common;

/// <summary>A certificate read from a Secret, or why there is none.</summary>
/// <param name="Certificate">The certificate; null when there is a <paramref name="Problem"/>.</param>
/// <param name="Code">The diagnostic code of the problem: <c>missing-secret</c> or <c>invalid-certificate</c>; empty without one.</param>
/// <param name="Problem">One sentence without secret data; empty without a problem.</param>
public sealed record TlsSecret(Certificate? Certificate, string Code, string Problem);

/// <summary>Reads Secrets of type <c>kubernetes.io/tls</c>: a chain in <c>tls.crt</c> and its key in <c>tls.key</c>, both PEM.</summary>
public static class TlsSecrets
{
    // Many objects name the same Secret; a Secret object never changes once read, so checking its key once is enough.
    private static readonly ConditionalWeakTable<Resource<V1Secret>, TlsSecret> Checked = [];

    private static readonly ConditionalWeakTable<Certificate, string[]> Names = [];

    /// <summary>The certificate in a Secret. It is checked: the chain parses and the key belongs to the leaf.</summary>
    /// <param name="lookup">Where the Secret is found.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    public static TlsSecret Read(IResourceLookup lookup, string ns, string name) =>
        lookup.Get<V1Secret>(ns, name) is { } secret
            ? Checked.GetValue(secret, Check)
            : new TlsSecret(null, "missing-secret", $"The Secret {ns}/{name} does not exist.");

    /// <summary>Whether a certificate is made out to a host (RFC 9525), or to the wildcard when that is asked.</summary>
    public static bool Covers(Certificate certificate, string host)
    {
        using var leaf = X509Certificate2.CreateFromPem(certificate.CertificatePem);
        return leaf.MatchesHostname(host.StartsWith("*.", StringComparison.Ordinal) ? "any" + host[1..] : host);
    }

    /// <summary>The DNS names that a certificate is made out to, in lower case.</summary>
    public static IReadOnlyList<string> DnsNames(Certificate certificate) => Names.GetValue(certificate, static found =>
    {
        using var leaf = X509Certificate2.CreateFromPem(found.CertificatePem);
        return [.. leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(extension => extension.EnumerateDnsNames()).Select(name => name.ToLowerInvariant())];
    });

    private static TlsSecret Check(Resource<V1Secret> secret)
    {
        if (secret.Value.Type is { Length: > 0 } type && type != "kubernetes.io/tls" && type != "Opaque")
        {
            return Invalid(secret, $"has the type {type}, expected kubernetes.io/tls");
        }

        if (Text(secret, "tls.crt") is not { } chain)
        {
            return Invalid(secret, "has no tls.crt");
        }

        if (Text(secret, "tls.key") is not { } key)
        {
            return Invalid(secret, "has no tls.key");
        }

        return Problem(chain, key) is { } problem
            ? Invalid(secret, problem)
            : new TlsSecret(new Certificate(secret.FullName, chain, key), "", "");
    }

    private static string? Problem(string chain, string key)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(chain);
            if (all.Count == 0)
            {
                return "has no PEM certificate in tls.crt";
            }
        }
        catch (CryptographicException)
        {
            return "has a tls.crt that is not a chain of PEM certificates";
        }

        finally
        {
            foreach (var certificate in all)
            {
                certificate.Dispose();
            }
        }

        try
        {
            // Of a chain that is the first certificate, the leaf.
            using var pair = X509Certificate2.CreateFromPem(chain, key);
            return null;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return "has a tls.key that is not the PEM private key of the first certificate in tls.crt";
        }
    }

    /// <summary>A value of a Secret as text; null when it has none or an empty one.</summary>
    public static string? Text(Resource<V1Secret> secret, string key) =>
        secret.Value.Data is { } data && data.TryGetValue(key, out var bytes) && bytes is { Length: > 0 }
            ? Encoding.UTF8.GetString(bytes)
            : null;

    private static TlsSecret Invalid(Resource<V1Secret> secret, string what) =>
        new(null, "invalid-certificate", $"The Secret {secret.FullName} {what}.");
}
