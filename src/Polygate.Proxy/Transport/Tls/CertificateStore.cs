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
    /// <summary>Where nothing is said of a name.</summary>
    private static readonly TlsChoice Default = new(new TlsBinding(default, HostPattern.Any, [], new Origin("", "", "", "")), [], null);

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
    /// <exception cref="ChannelException">The name is to be refused (<see cref="ChannelError.Tls"/>).</exception>
    public SslServerAuthenticationOptions Select(IReadOnlyList<ListenerKey> keys, ClientHello hello)
    {
        var choice = Choose(keys, hello.ServerName);
        return choice.IsRefused
            ? throw new ChannelException(ChannelError.Tls, $"There is no usable certificate for {choice.Binding.ServerName}.")
            : choice.OptionsFor(hello, isHttp: true);
    }

    /// <summary>The most specific binding for a server name among those of some listeners; the default where there is none.</summary>
    internal TlsChoice Choose(IReadOnlyList<ListenerKey> keys, string serverName)
    {
        TlsChoice? best = null;
        var bestRank = int.MaxValue;
        for (var i = 0; i < keys.Count; i++)
        {
            if (listeners.TryGetValue(keys[i], out var index) && index.Find(serverName, out var rank) is { } found
                && rank < bestRank)
            {
                best = found;
                bestRank = rank;
            }
        }

        return best ?? Default;
    }

    private sealed class BindingsBuilder(Dictionary<string, LoadedCertificate> certificates)
    {
        private readonly Dictionary<ClientValidation, ClientVerifier> verifiers = [];

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

            var earlier = index.Add(new TlsChoice(binding, Usable(binding), VerifierOf(binding)))?.Binding;
            if (earlier is not null && (earlier with { Origin = binding.Origin }) != binding)
            {
                Report(
                    binding,
                    "conflicting-certificate",
                    $"{earlier.Origin} already sets TLS for {binding.ServerName} on {binding.Listener}; this one is not used.");
            }
        }

        private ClientVerifier? VerifierOf(TlsBinding binding)
        {
            if (binding.ClientValidation is not { } validation)
            {
                return null;
            }

            if (!verifiers.TryGetValue(validation, out var verifier))
            {
                verifiers.Add(validation, verifier = new ClientVerifier(validation));
            }

            if (verifier.Problem is { } problem)
            {
                Report(binding, "invalid-certificate", $"The authorities {validation.Id} for clients' certificates cannot be used: {problem}");
            }

            return verifier;
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
