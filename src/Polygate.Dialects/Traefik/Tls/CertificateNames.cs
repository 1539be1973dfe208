using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Tls;

/// <summary>The server names that a certificate is for: its alternative DNS names, else its common name (Traefik picks certificates by these alone).</summary>
internal static class CertificateNames
{
    // Reading a certificate costs far more than translating the route that names it, and it never changes.
    private static readonly ConditionalWeakTable<Certificate, IReadOnlyList<HostPattern>> Known = [];

    public static IReadOnlyList<HostPattern> Of(Certificate certificate) => Known.GetValue(certificate, Read);

    /// <summary>Whether a name that a rule asks for is one of the certificate's.</summary>
    public static bool Covers(Certificate certificate, HostPattern host) => Of(certificate).Any(name => Covers(name, host));

    private static bool Covers(HostPattern name, HostPattern host) =>
        name == host
        || (name.Kind == HostPatternKind.SingleLabelSuffix
            && host.Kind == HostPatternKind.Exact
            && host.Value.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot
            && host.Value.AsSpan(dot).SequenceEqual(name.Value));

    private static IReadOnlyList<HostPattern> Read(Certificate certificate)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificate.CertificatePem);
        try
        {
            var names = chain[0].Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(extension => extension.EnumerateDnsNames()).ToList();
            if (names.Count == 0 && chain[0].GetNameInfo(X509NameType.DnsName, forIssuer: false) is { Length: > 0 } common)
            {
                names.Add(common);
            }

            return [.. names.Select(name => HostPattern.Parse(name, singleLabel: true)).Distinct().OrderBy(name => name.ToString(), StringComparer.Ordinal)];
        }
        finally
        {
            foreach (var member in chain)
            {
                member.Dispose();
            }
        }
    }
}
