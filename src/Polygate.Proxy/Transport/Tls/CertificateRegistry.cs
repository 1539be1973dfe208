using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Polygate.Model;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>
/// Follows the certificates and TLS bindings of a configuration from change to change: a renewed certificate costs itself and the names that it is
/// served for, however many others there are. One thread at a time.
/// </summary>
internal sealed class CertificateRegistry
{
    private readonly Dictionary<string, Wanted> certificates = new(StringComparer.Ordinal);
    private readonly Dictionary<ServedName, ImmutableArray<TlsBinding>> bindings = [];
    private readonly Dictionary<ServedName, List<Diagnostic>> problems = [];
    private readonly ClientVerifiers verifiers = new();

    /// <summary>What the changes so far amount to.</summary>
    public CertificateStore Current { get; private set; } = CertificateStore.Empty;

    /// <summary>Takes in changed pieces.</summary>
    /// <returns>The snapshot with them.</returns>
    public CertificateStore Change(IEnumerable<(ConfigurationPiece Before, ConfigurationPiece After)> changes)
    {
        var relevant = changes.Where(change => change.Before.TlsBindings != change.After.TlsBindings || change.Before.Certificates != change.After.Certificates).ToList();
        if (relevant.Count == 0)
        {
            return Current;
        }

        // What is still wanted is not given up meanwhile, so what comes is counted before what goes.
        var touched = new Touched([], []);
        foreach (var (_, after) in relevant)
        {
            Want(after, touched);
        }

        foreach (var (before, _) in relevant)
        {
            Unwant(before, touched);
        }

        var loaded = Load(touched);
        var listeners = Resolve(touched, loaded, out var differ);
        return Current = new CertificateStore(loaded, listeners) { Diagnostics = differ ? InOrder() : Current.Diagnostics };
    }

    private void Want(ConfigurationPiece piece, Touched touched)
    {
        foreach (var certificate in piece.Certificates)
        {
            var wanted = WantedOf(certificate.Id);
            wanted.Source = wanted.Source == certificate ? wanted.Source : certificate;
            wanted.Holders++;
            touched.Certificates.Add(certificate.Id);
        }

        foreach (var binding in piece.TlsBindings)
        {
            var name = ServedName.Of(binding);
            ref var all = ref CollectionsMarshal.GetValueRefOrAddDefault(bindings, name, out var exists);
            all = exists ? all.Insert(PlaceOf(binding, all), binding) : [binding];
            verifiers.Want(binding.ClientValidation);
            touched.Names.Add(name);
            foreach (var id in binding.Certificates)
            {
                WantedOf(id).Name(name);
            }
        }
    }

    private void Unwant(ConfigurationPiece piece, Touched touched)
    {
        foreach (var certificate in piece.Certificates)
        {
            certificates[certificate.Id].Holders--;
            touched.Certificates.Add(certificate.Id);
        }

        foreach (var binding in piece.TlsBindings)
        {
            var name = ServedName.Of(binding);
            bindings[name] = bindings[name].Remove(binding);
            verifiers.Unwant(binding.ClientValidation);
            touched.Names.Add(name);
            foreach (var id in binding.Certificates)
            {
                touched.Certificates.Add(id);
                certificates[id].Unname(name);
            }
        }
    }

    /// <summary>Loads what is new or another, and adds the names that it is served for to those touched.</summary>
    private ImmutableDictionary<string, LoadedCertificate> Load(Touched touched)
    {
        var loaded = Current.Certificates.ToBuilder();
        foreach (var id in touched.Certificates)
        {
            var wanted = certificates[id];
            var known = loaded.GetValueOrDefault(id);
            if (wanted.Holders == 0)
            {
                wanted.Source = null;
                loaded.Remove(id);
                if (wanted.Names.Count == 0)
                {
                    certificates.Remove(id);
                }
            }
            else if (known is null || known.Source != wanted.Source)
            {
                loaded[id] = LoadedCertificate.Load(wanted.Source!);
            }

            if (known != loaded.GetValueOrDefault(id))
            {
                touched.Names.UnionWith(wanted.Names);
            }
        }

        return loaded.ToImmutable();
    }

    private ImmutableDictionary<ListenerKey, ServerNameIndex> Resolve(
        Touched touched, ImmutableDictionary<string, LoadedCertificate> loaded, out bool differ)
    {
        differ = false;
        var listeners = Current.Listeners.ToBuilder();
        foreach (var names in touched.Names.GroupBy(name => name.Listener))
        {
            var choices = new List<KeyValuePair<HostPattern, TlsChoice?>>();
            foreach (var name in names)
            {
                var resolution = new BindingResolution(loaded, verifiers);
                choices.Add(KeyValuePair.Create(name.Pattern, resolution.Resolve(bindings[name])));
                if (bindings[name].IsEmpty)
                {
                    bindings.Remove(name);
                }

                differ |= problems.Remove(name) | resolution.Problems.Count > 0;
                if (resolution.Problems.Count > 0)
                {
                    problems.Add(name, resolution.Problems);
                }
            }

            var index = listeners.GetValueOrDefault(names.Key, ServerNameIndex.Empty).With(choices);
            listeners[names.Key] = index;
            if (index.IsEmpty)
            {
                listeners.Remove(names.Key);
            }
        }

        return listeners.ToImmutable();
    }

    private ImmutableArray<Diagnostic> InOrder()
    {
        var all = problems.Values.SelectMany(list => list).ToList();
        return [.. all.Order(Comparer<Diagnostic>.Create((left, right) => OriginOrder.Compare(left.Origin, right.Origin)))];
    }

    /// <summary>Behind those of earlier or the same origin.</summary>
    private static int PlaceOf(TlsBinding binding, ImmutableArray<TlsBinding> others)
    {
        var place = others.Length;
        while (place > 0 && OriginOrder.Compare(binding.Origin, others[place - 1].Origin) < 0)
        {
            place--;
        }

        return place;
    }

    private Wanted WantedOf(string id)
    {
        ref var wanted = ref CollectionsMarshal.GetValueRefOrAddDefault(certificates, id, out _);
        return wanted ??= new Wanted();
    }

    /// <summary>A certificate that pieces have or bindings name.</summary>
    private sealed class Wanted
    {
        /// <summary>What it is served for, each with the number of bindings that say so.</summary>
        private readonly Dictionary<ServedName, int> names = [];

        /// <summary>The newest; null when only bindings know of it.</summary>
        public Certificate? Source { get; set; }

        /// <summary>In so many pieces.</summary>
        public int Holders { get; set; }

        public IReadOnlyCollection<ServedName> Names => names.Keys;

        public void Name(ServedName name) => CollectionsMarshal.GetValueRefOrAddDefault(names, name, out _)++;

        public void Unname(ServedName name)
        {
            if (--CollectionsMarshal.GetValueRefOrAddDefault(names, name, out _) == 0)
            {
                names.Remove(name);
            }
        }
    }

    /// <summary>What a change may have an effect on.</summary>
    private readonly record struct Touched(HashSet<string> Certificates, HashSet<ServedName> Names);
}

/// <summary>What TLS bindings are for: of those for the same, one counts.</summary>
internal readonly record struct ServedName(ListenerKey Listener, HostPattern Pattern)
{
    internal static ServedName Of(TlsBinding binding) => new(binding.Listener, binding.ServerName);
}
