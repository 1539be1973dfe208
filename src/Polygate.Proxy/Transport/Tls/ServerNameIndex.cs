using System.Net.Security;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>The certificates and settings of one binding.</summary>
/// <param name="Binding">What it was made from.</param>
/// <param name="Certificates">Those that can be used.</param>
/// <param name="Verifier">Judges clients; null when they are asked for no certificate.</param>
internal sealed record TlsChoice(TlsBinding Binding, IReadOnlyList<LoadedCertificate> Certificates, ClientVerifier? Verifier)
{
    /// <summary>A name whose own certificates cannot be used never gets another one.</summary>
    internal bool IsRefused => Binding.IsRefused || (Certificates.Count == 0 && !Binding.Certificates.IsEmpty);

    /// <summary>The settings for a client: with the first of the certificates that it can verify.</summary>
    /// <param name="hello">The client.</param>
    /// <param name="isHttp">Whether HTTP is offered by ALPN.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The certificate's private key is broken.</exception>
    internal SslServerAuthenticationOptions OptionsFor(ClientHello hello, bool isHttp)
    {
        var settings = Pick(hello).OptionsFor(Binding.MinimumVersion, Binding.MaximumVersion, isHttp);
        return Verifier?.Apply(settings) ?? settings;
    }

    private LoadedCertificate Pick(ClientHello hello)
    {
        for (var i = 0; i < Certificates.Count; i++)
        {
            if (hello.AcceptsEcdsa || !Certificates[i].IsEcdsa)
            {
                return Certificates[i];
            }
        }

        return Certificates.Count == 0 ? LoadedCertificate.Default : Certificates[0];
    }
}

/// <summary>
/// The bindings of one listener by server name, immutable. The most specific wins: the exact name, then the longest suffix (of one
/// label before of several), then the longest prefix, then any. A look-up costs one hash per label of the name.
/// </summary>
internal sealed class ServerNameIndex
{
    /// <summary>The rank of a name that only the binding for any name fits.</summary>
    internal const int AnyRank = int.MaxValue - 1;

    private const int PrefixRank = 1_000_000;

    private ByteMap<TlsChoice> exact = ByteMap<TlsChoice>.Empty;
    private ByteMap<TlsChoice> singleLabel = ByteMap<TlsChoice>.Empty;
    private ByteMap<TlsChoice> suffix = ByteMap<TlsChoice>.Empty;
    private ByteMap<TlsChoice> prefix = ByteMap<TlsChoice>.Empty;
    private TlsChoice? any;

    private ServerNameIndex()
    {
    }

    internal static ServerNameIndex Empty { get; } = new();

    internal bool IsEmpty => exact.Count + singleLabel.Count + suffix.Count + prefix.Count == 0 && any is null;

    /// <summary>The index with other choices for some patterns, null for none.</summary>
    internal ServerNameIndex With(IReadOnlyCollection<KeyValuePair<HostPattern, TlsChoice?>> choices) => new()
    {
        exact = exact.With(Named(choices, HostPatternKind.Exact)),
        singleLabel = singleLabel.With(Named(choices, HostPatternKind.SingleLabelSuffix)),
        suffix = suffix.With(Named(choices, HostPatternKind.Suffix)),
        prefix = prefix.With(Named(choices, HostPatternKind.Prefix)),
        any = choices.Any(choice => choice.Key == HostPattern.Any) ? choices.First(choice => choice.Key == HostPattern.Any).Value : any,
    };

    private static List<KeyValuePair<byte[], TlsChoice?>> Named(IReadOnlyCollection<KeyValuePair<HostPattern, TlsChoice?>> choices, HostPatternKind kind) =>
        [.. choices.Where(choice => choice.Key.Kind == kind).Select(choice => KeyValuePair.Create(Encoding.UTF8.GetBytes(choice.Key.Value), choice.Value))];

    /// <summary>The best binding for a name (in lower case) and how good it is (lower is better); null when none fits.</summary>
    internal TlsChoice? Find(ReadOnlySpan<byte> name, out int rank)
    {
        rank = 0;
        return exact.Find(name) ?? FindSuffix(name, out rank) ?? FindPrefix(name, out rank) ?? FindAny(out rank);
    }

    private TlsChoice? FindSuffix(ReadOnlySpan<byte> name, out int rank)
    {
        rank = 1;
        for (var dot = name.IndexOf((byte)'.'); dot > 0; dot = NextDot(name, dot))
        {
            var rest = name[dot..];
            if (rank == 1 && singleLabel.Find(rest) is { } single)
            {
                return single;
            }

            rank++;
            if (suffix.Find(rest) is { } several)
            {
                return several;
            }
        }

        return null;
    }

    private TlsChoice? FindPrefix(ReadOnlySpan<byte> name, out int rank)
    {
        rank = PrefixRank;
        if (prefix.Count > 0)
        {
            for (var dot = name.LastIndexOf((byte)'.'); dot > 0; dot = name[..dot].LastIndexOf((byte)'.'))
            {
                rank++;
                if (prefix.Find(name[..(dot + 1)]) is { } found)
                {
                    return found;
                }
            }
        }

        return null;
    }

    private TlsChoice? FindAny(out int rank)
    {
        rank = AnyRank;
        return any;
    }

    private static int NextDot(ReadOnlySpan<byte> name, int dot) => name[(dot + 1)..].IndexOf((byte)'.') is >= 0 and var next ? dot + 1 + next : -1;
}
