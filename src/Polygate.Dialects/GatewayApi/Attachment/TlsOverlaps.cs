using Polygate.Dialects.Common;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>
/// Finds listeners that a client may use one TLS connection for although they are two (GatewaySpec, "OverlappingTLSConfig"): their host names
/// overlap, or a certificate of one is good for a host of the other. Coalesced requests to the wrong one are answered 421.
/// </summary>
internal static class TlsOverlaps
{
    /// <summary>Why a listener's TLS overlaps with that of another; null when it does not.</summary>
    /// <param name="outcome">The listener.</param>
    /// <param name="all">The listeners it may overlap with; itself among them or not.</param>
    public static Problem? Of(ListenerOutcome outcome, IEnumerable<ListenerOutcome> all)
    {
        if (!IsConcerned(outcome))
        {
            return null;
        }

        Problem? overlap = null;
        foreach (var other in all)
        {
            if (other.Listener == outcome.Listener || other.Listener.Port != outcome.Listener.Port || !IsConcerned(other))
            {
                continue;
            }

            // The certificates are the better reason where both hold.
            if (ShareCertificateNames(outcome, other))
            {
                return new Problem("OverlappingCertificates", $"A certificate is good for hosts of this listener and of {other.Listener.Name}.", outcome.Listener.Field);
            }

            if (overlap is null && Hostnames.Intersect(outcome.Listener.Hostname, other.Listener.Hostname) is not null)
            {
                overlap = new Problem("OverlappingHostnames", $"Host names of this listener are host names of {other.Listener.Name} too.", outcome.Listener.Field);
            }
        }

        return overlap;
    }

    private static bool IsConcerned(ListenerOutcome outcome) => outcome.Listener.TerminatesTls && outcome.Rejection is null && outcome.Certificates.Count > 0;

    private static bool ShareCertificateNames(ListenerOutcome left, ListenerOutcome right)
    {
        var names = right.Certificates.SelectMany(TlsSecrets.DnsNames).ToHashSet(StringComparer.Ordinal);
        return left.Certificates.SelectMany(TlsSecrets.DnsNames).Any(name => names.Contains(name) || names.Any(other => Hostnames.Intersect(name, other) is not null));
    }
}
