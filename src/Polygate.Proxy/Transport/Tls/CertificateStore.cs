using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Polygate.Model;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>
/// Which certificate a connection gets: an immutable snapshot of a configuration's TLS bindings. Certificates are
/// loaded once for an identity and content and carried over from snapshot to snapshot.
/// </summary>
public sealed class CertificateStore
{
    private readonly Dictionary<string, LoadedCertificate> certificates;
    private readonly Dictionary<ListenerKey, ServerNameIndex> listeners;

    private CertificateStore(Dictionary<string, LoadedCertificate> certificates, Dictionary<ListenerKey, ServerNameIndex> listeners)
    {
        this.certificates = certificates;
        this.listeners = listeners;
    }

    /// <summary>Answers everyone with the self-signed default.</summary>
    public static CertificateStore Empty { get; } = new([], []);

    /// <summary>What is wrong with certificates and bindings; what is right is served.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; private init; } = [];

    /// <summary>Makes the snapshot of a configuration.</summary>
    /// <param name="configuration">What is wanted.</param>
    /// <param name="previous">Certificates that did not change are taken from here.</param>
    public static CertificateStore Build(GatewayConfiguration configuration, CertificateStore previous)
    {
        var certificates = new Dictionary<string, LoadedCertificate>(StringComparer.Ordinal);
        var bindings = new List<TlsBinding>();
        foreach (var (_, piece) in configuration.Pieces)
        {
            bindings.AddRange(piece.TlsBindings);
            foreach (var certificate in piece.Certificates)
            {
                if (!certificates.ContainsKey(certificate.Id))
                {
                    var known = previous.certificates.GetValueOrDefault(certificate.Id);
                    certificates.Add(certificate.Id, known?.Source == certificate ? known : LoadedCertificate.Load(certificate));
                }
            }
        }

        bindings.Sort((left, right) => OriginOrder.Compare(left.Origin, right.Origin));
        var builder = new BindingsBuilder(certificates);
        bindings.ForEach(builder.Add);
        return new CertificateStore(certificates, builder.Listeners) { Diagnostics = [.. builder.Diagnostics] };
    }

    /// <summary>A certificate with its key, for the gateway's own use as a client; null when there is none or it is unusable.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">Its private key is broken.</exception>
    public X509Certificate2? Find(string id) => certificates.GetValueOrDefault(id)?.Leaf;

    /// <summary>
    /// The settings for a connection: of the most specific binding for its server name among those of its listeners,
    /// with the first of its certificates that the client can verify.
    /// </summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The certificate's private key is broken.</exception>
    public SslServerAuthenticationOptions Select(IReadOnlyList<ListenerKey> keys, ClientHello hello)
    {
        TlsChoice? best = null;
        var bestRank = int.MaxValue;
        for (var i = 0; i < keys.Count; i++)
        {
            if (listeners.TryGetValue(keys[i], out var index) && index.Find(hello.ServerName, out var rank) is { } found
                && rank < bestRank)
            {
                best = found;
                bestRank = rank;
            }
        }

        return best is null
            ? LoadedCertificate.Default.OptionsFor(TlsVersion.Tls12, TlsVersion.Tls13)
            : CanServe(best)
                ? Pick(best.Certificates, hello).OptionsFor(best.Binding.MinimumVersion, best.Binding.MaximumVersion)
                : throw new ChannelException(ChannelError.Tls, $"There is no usable certificate for {best.Binding.ServerName}.");
    }

    /// <summary>A name whose own certificates cannot be used, or that asks for clients' certificates, never gets another one or none.</summary>
    private static bool CanServe(TlsChoice choice) =>
        choice.Binding is { IsRefused: false, ClientValidation: null } && (choice.Certificates.Count > 0 || choice.Binding.Certificates.IsEmpty);

    private static LoadedCertificate Pick(IReadOnlyList<LoadedCertificate> candidates, ClientHello hello)
    {
        if (candidates.Count == 0)
        {
            return LoadedCertificate.Default;
        }

        for (var i = 0; i < candidates.Count; i++)
        {
            if (hello.AcceptsEcdsa || !candidates[i].IsEcdsa)
            {
                return candidates[i];
            }
        }

        return candidates[0];
    }

    private sealed class BindingsBuilder(Dictionary<string, LoadedCertificate> certificates)
    {
        internal Dictionary<ListenerKey, ServerNameIndex> Listeners { get; } = [];

        internal List<Diagnostic> Diagnostics { get; } = [];

        internal void Add(TlsBinding binding)
        {
            if (binding.ServerName.Kind == HostPatternKind.Regex)
            {
                Report(binding, "unsupported-server-name", $"A certificate cannot be bound to a regular expression ({binding.ServerName}).");
                return;
            }

            if (!Listeners.TryGetValue(binding.Listener, out var index))
            {
                Listeners.Add(binding.Listener, index = new ServerNameIndex());
            }

            var earlier = index.Add(new TlsChoice(binding, Usable(binding)))?.Binding;
            if (earlier is not null && (earlier with { Origin = binding.Origin }) != binding)
            {
                Report(
                    binding,
                    "conflicting-certificate",
                    $"{earlier.Origin} already sets TLS for {binding.ServerName} on {binding.Listener}; this one is not used.");
            }
        }

        private List<LoadedCertificate> Usable(TlsBinding binding)
        {
            var usable = new List<LoadedCertificate>(binding.Certificates.Count);
            foreach (var id in binding.Certificates)
            {
                if (!certificates.TryGetValue(id, out var certificate))
                {
                    Report(binding, "missing-certificate", $"Certificate {id} does not exist.");
                }
                else if (certificate.Error is { } error)
                {
                    Report(binding, "invalid-certificate", $"Certificate {id} cannot be used: {error}");
                }
                else
                {
                    usable.Add(certificate);
                }
            }

            return usable;
        }

        private void Report(TlsBinding binding, string code, string message) =>
            Diagnostics.Add(new Diagnostic(DiagnosticSeverity.Error, code, message, binding.Origin));
    }
}
