using System.Net.Security;
using Polygate.Model;

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
/// The bindings of one listener by server name. The most specific wins: the exact name, then the longest suffix (of one
/// label before of several), then the longest prefix, then any. A look-up costs one hash per label of the name.
/// </summary>
internal sealed class ServerNameIndex
{
    /// <summary>The rank of a name that only the binding for any name fits.</summary>
    internal const int AnyRank = int.MaxValue - 1;

    private const int PrefixRank = 1_000_000;

    private readonly Dictionary<string, TlsChoice> exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TlsChoice> singleLabel = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TlsChoice> suffix = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TlsChoice> prefix = new(StringComparer.Ordinal);
    private TlsChoice? any;

    /// <summary>Adds a binding unless one for the same pattern is there, which is then returned.</summary>
    internal TlsChoice? Add(TlsChoice choice)
    {
        var name = choice.Binding.ServerName;
        if (name.Kind == HostPatternKind.Any)
        {
            var earlier = any;
            any ??= choice;
            return earlier;
        }

        var table = name.Kind switch
        {
            HostPatternKind.Exact => exact,
            HostPatternKind.SingleLabelSuffix => singleLabel,
            HostPatternKind.Suffix => suffix,
            HostPatternKind.Prefix => prefix,
            _ => throw new ArgumentException($"A server name cannot be chosen by {name.Kind}.", nameof(choice)),
        };
        return table.TryAdd(name.Value, choice) ? null : table[name.Value];
    }

    /// <summary>The best binding for a name and how good it is (lower is better); null when none fits.</summary>
    internal TlsChoice? Find(string name, out int rank)
    {
        rank = 0;
        if (exact.TryGetValue(name, out var found))
        {
            return found;
        }

        return FindSuffix(name, out rank) ?? FindPrefix(name, out rank) ?? FindAny(out rank);
    }

    private TlsChoice? FindSuffix(string name, out int rank)
    {
        var singles = singleLabel.GetAlternateLookup<ReadOnlySpan<char>>();
        var several = suffix.GetAlternateLookup<ReadOnlySpan<char>>();
        rank = 1;
        for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot > 0; dot = NextDot(name, dot))
        {
            var rest = name.AsSpan(dot);
            if (rank == 1 && singles.TryGetValue(rest, out var found))
            {
                return found;
            }

            rank++;
            if (several.TryGetValue(rest, out found))
            {
                return found;
            }
        }

        return null;
    }

    private TlsChoice? FindPrefix(string name, out int rank)
    {
        var prefixes = prefix.GetAlternateLookup<ReadOnlySpan<char>>();
        rank = PrefixRank;
        if (prefix.Count > 0)
        {
            for (var dot = name.LastIndexOf('.'); dot > 0; dot = name.LastIndexOf('.', dot - 1))
            {
                rank++;
                if (prefixes.TryGetValue(name.AsSpan(0, dot + 1), out var found))
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

    private static int NextDot(string name, int dot) => name.IndexOf('.', dot + 1);
}
