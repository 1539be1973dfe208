using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Polygate.Model;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>Which certificate a connection gets: an immutable snapshot of a configuration's certificates and TLS bindings.</summary>
public sealed class CertificateStore
{
    /// <summary>Where nothing is said of a name.</summary>
    private static readonly TlsChoice Default = new(new TlsBinding(default, HostPattern.Any, [], new Origin("", "", "", "")), [], null);

    internal CertificateStore(ImmutableDictionary<string, LoadedCertificate> certificates, ImmutableDictionary<ListenerKey, ServerNameIndex> listeners)
    {
        Certificates = certificates;
        Listeners = listeners;
    }

    /// <summary>Answers everyone with the self-signed default.</summary>
    public static CertificateStore Empty { get; } = new(
        ImmutableDictionary.Create<string, LoadedCertificate>(StringComparer.Ordinal), ImmutableDictionary<ListenerKey, ServerNameIndex>.Empty);

    /// <summary>What is wrong with certificates and bindings; what is right is served.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; internal init; } = [];

    /// <summary>By identity.</summary>
    internal ImmutableDictionary<string, LoadedCertificate> Certificates { get; }

    /// <summary>The bindings.</summary>
    internal ImmutableDictionary<ListenerKey, ServerNameIndex> Listeners { get; }

    /// <summary>The snapshot of a configuration by itself; <see cref="CertificateRegistry"/> makes those of one after another.</summary>
    public static CertificateStore Of(GatewayConfiguration configuration) =>
        new CertificateRegistry().Change(configuration.Pieces.Values.Select(piece => (ConfigurationPiece.Nothing, piece)));

    /// <summary>A certificate with its key, for the gateway's own use as a client; null when there is none or it is unusable.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">Its private key is broken.</exception>
    public X509Certificate2? Find(string id) => Certificates.GetValueOrDefault(id)?.Leaf;

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
        Span<byte> text = stackalloc byte[ClientHelloReader.MaximumNameLength];
        var name = text[..Encoding.ASCII.GetBytes(serverName, text)];
        TlsChoice? best = null;
        var bestRank = int.MaxValue;
        for (var i = 0; i < keys.Count; i++)
        {
            if (Listeners.TryGetValue(keys[i], out var index) && index.Find(name, out var rank) is { } found && rank < bestRank)
            {
                best = found;
                bestRank = rank;
            }
        }

        return best ?? Default;
    }
}
