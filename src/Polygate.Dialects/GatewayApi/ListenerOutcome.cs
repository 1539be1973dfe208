using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Backends;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi;

/// <summary>What became of a listener once its certificates were looked up.</summary>
/// <param name="Listener">The listener.</param>
/// <param name="Rejection">Why it is not accepted; null when it is.</param>
/// <param name="Unresolved">The first reference or kind that did not resolve; null when all did.</param>
/// <param name="NotProgrammed">Why it takes no requests; null when it does.</param>
/// <param name="Certificates">The certificates it has.</param>
/// <param name="ClientValidation">What it asks of clients' certificates; null for nothing.</param>
internal sealed record ListenerOutcome(
    ListenerView Listener,
    Problem? Rejection,
    Problem? Unresolved,
    Problem? NotProgrammed,
    IReadOnlyList<Certificate> Certificates,
    ClientValidation? ClientValidation)
{
    /// <summary>
    /// Whether it stands as far as its own object goes, and only its certificates or authorities keep it from being served: nobody else may
    /// take what it was to take.
    /// </summary>
    public bool IsRefused => Listener.IsSound && Listener.TerminatesTls && NotProgrammed is not null;

    /// <summary>Everything that is wrong with it, each thing once.</summary>
    public IEnumerable<Problem> Problems => new[] { Rejection, Unresolved, Rejection is null && Unresolved is null ? NotProgrammed : null }.OfType<Problem>();

    /// <summary>Whether it is accepted and takes requests.</summary>
    public bool IsValid => Rejection is null && NotProgrammed is null;

    /// <summary>The same listener, not accepted.</summary>
    public ListenerOutcome Reject(Problem problem) => this with
    {
        Listener = Listener with { Rejection = problem },
        Rejection = problem,
        NotProgrammed = problem with { Reason = "Invalid" },
    };

    /// <summary>Looks up what a listener refers to.</summary>
    public static ListenerOutcome Of(IResourceLookup lookup, ListenerView listener)
    {
        var clients = ClientCertificates.Of(lookup, listener);
        var rejection = listener.Rejection ?? Conflict(listener) ?? clients.Rejection;
        var certificates = new List<Certificate>();
        var unresolved = listener.InvalidKind ?? clients.Unresolved;
        Problem? notProgrammed = null;
        if (listener.TerminatesTls)
        {
            unresolved = ReadCertificates(lookup, listener, certificates) ?? unresolved;
            if (certificates.Count == 0)
            {
                notProgrammed = listener.Listener.Tls?.CertificateRefs is { Count: > 0 }
                    ? new Problem("Invalid", "The listener has no certificate that can be used.", listener.Field + ".tls.certificateRefs")
                    : new Problem("InvalidTLSConfig", "A listener that terminates TLS needs certificateRefs.", listener.Field + ".tls");
            }
        }

        notProgrammed = rejection is null ? notProgrammed : new Problem(rejection.Reason is "HostnameConflict" or "ProtocolConflict" ? rejection.Reason : "Invalid", rejection.Message, rejection.Field);
        return new ListenerOutcome(listener, rejection, unresolved, notProgrammed, certificates, clients.Validation);
    }

    private static Problem? ReadCertificates(IResourceLookup lookup, ListenerView listener, List<Certificate> certificates)
    {
        Problem? first = null;
        var references = listener.Listener.Tls?.CertificateRefs ?? [];
        for (var i = 0; i < references.Count; i++)
        {
            var (certificate, problem) = CertificateReferences.Resolve(
                lookup, listener.Owner, references[i], "InvalidCertificateRef", $"{listener.Field}.tls.certificateRefs[{i}]");
            first ??= problem;
            if (certificate is not null)
            {
                certificates.Add(certificate);
            }
        }

        return first;
    }

    private static Problem? Conflict(ListenerView listener) => listener.Conflict switch
    {
        ListenerConflict.HostnameConflict => new Problem(
            "HostnameConflict",
            $"Another listener has port {listener.Port}{(listener.Hostname.Length > 0 ? $" and host name {listener.Hostname}" : "")} too.",
            listener.Field),
        ListenerConflict.ProtocolConflict => new Problem(
            "ProtocolConflict", $"Another listener speaks another protocol on port {listener.Port}.", listener.Field),
        _ => null,
    };
}
