using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Pipeline;

/// <summary>
/// Keeps the model in step with the objects: each root is translated by each dialect that has it as a root, what the
/// translation looked at is remembered, and only translations that looked at something that changed are done again.
/// One thread at a time.
/// </summary>
public sealed class Translator
{
    private readonly IReadOnlyList<IDialect> dialects;
    private readonly ResourceStore store;
    private readonly Dictionary<(string Dialect, ResourceKey Root), Unit> units = [];
    private readonly Dictionary<string, EndpointUnit> endpointUnits = new(StringComparer.Ordinal);
    private readonly HashSet<EndpointUnit> newEndpointUnits = [];
    private readonly HashSet<EndpointUnit> unusedEndpointUnits = [];
    private readonly Dictionary<Dependency, SmallSet<Computation>> dependents = [];
    private readonly SharedDependencies shared = new();
    private Dictionary<(string Dialect, ResourceKey Root), TranslationChange> changes = [];

    /// <param name="dialects">The dialects that take part.</param>
    /// <param name="onDemand">Object types of which the source keeps only what is looked up; see <see cref="Demands"/>.</param>
    public Translator(IReadOnlyList<IDialect> dialects, IReadOnlySet<Type>? onDemand = null)
    {
        this.dialects = dialects;
        Demands = new Demands(onDemand ?? new HashSet<Type>());
        store = new ResourceStore([EndpointSets.SlicesByService, .. dialects.SelectMany(dialect => dialect.Indexes)]);
    }

    /// <summary>What the gateway is to do, as of the last <see cref="Apply"/>.</summary>
    public GatewayConfiguration Configuration { get; private set; } = GatewayConfiguration.Empty;

    /// <summary>How many objects there are.</summary>
    public int ObjectCount => store.Count;

    /// <summary>The objects behind it.</summary>
    public IResourceLookup Resources => store;

    /// <summary>Which objects of the types that are kept on demand are looked up.</summary>
    public Demands Demands { get; }

    /// <summary>What the last <see cref="Apply"/> translated again, one entry a root and dialect.</summary>
    public IReadOnlyCollection<TranslationChange> Changes => changes.Values;

    /// <summary>Forgets <see cref="Changes"/>: the first ones hold as much as everything that is served.</summary>
    public void ForgetChanges() => changes = [];

    /// <summary>What is wrong with the objects as they are now, ordered by object.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics =>
        [.. units.OrderBy(pair => pair.Key.Dialect, StringComparer.Ordinal).ThenBy(pair => pair.Key.Root.ToString(), StringComparer.Ordinal)
            .SelectMany(pair => pair.Value.Translation.Diagnostics)];

    /// <summary>What the objects' statuses should say now.</summary>
    public IEnumerable<ResourceStatus> Statuses => units.Values.SelectMany(unit => unit.Translation.Statuses);

    /// <summary>Finalizers that objects should have now, or have no longer.</summary>
    public IEnumerable<FinalizerWish> Finalizers => units.Values.SelectMany(unit => unit.Translation.Finalizers);

    /// <summary>Takes in changes and brings the model up to date.</summary>
    /// <param name="set">Objects that are new or changed.</param>
    /// <param name="removed">Objects that are gone.</param>
    /// <returns>The new configuration; the same instance when nothing changed in it.</returns>
    public GatewayConfiguration Apply(IEnumerable<Resource> set, IEnumerable<Resource> removed)
    {
        changes.Clear();
        var changed = new HashSet<Dependency>();
        var dirty = new HashSet<Computation>();
        var pieces = new Draft<ConfigurationPiece>(Configuration.Pieces);
        var endpointSets = new Draft<EndpointSet>(Configuration.EndpointSets);
        foreach (var resource in removed)
        {
            store.Remove(resource.Type.ObjectType, resource.Namespace, resource.Name, changed);
            RemoveUnits(resource, pieces);
        }

        foreach (var resource in set)
        {
            store.Set(resource, changed);
            foreach (var dialect in dialects.Where(dialect => dialect.IsRoot(resource.Type)))
            {
                var key = (dialect.Name, resource.Key);
                if (!units.TryGetValue(key, out var unit))
                {
                    units.Add(key, unit = new Unit(dialect, resource));
                }

                unit.Root = resource;
                dirty.Add(unit);
            }
        }

        foreach (var dependency in changed)
        {
            if (dependents.TryGetValue(dependency, out var concerned))
            {
                dirty.UnionWith(concerned.Items);
            }
        }

        foreach (var unit in dirty.OfType<Unit>())
        {
            Translate(unit, pieces);
        }

        // After the routes: they decide which endpoint sets are wanted.
        foreach (var wanted in dirty.OfType<EndpointUnit>().Union(newEndpointUnits).Where(unit => unit.Users > 0))
        {
            Compute(wanted, endpointSets);
        }

        foreach (var unused in unusedEndpointUnits.Where(unit => unit.Users == 0))
        {
            endpointUnits.Remove(unused.Name);
            endpointSets.Remove(unused.Name);
            Track(unused, []);
        }

        newEndpointUnits.Clear();
        unusedEndpointUnits.Clear();
        return Publish(pieces, endpointSets);
    }

    private GatewayConfiguration Publish(Draft<ConfigurationPiece> pieces, Draft<EndpointSet> endpointSets)
    {
        var next = new GatewayConfiguration
        {
            Pieces = pieces.Finish(out var pieceChanges),
            EndpointSets = endpointSets.Finish(out var endpointSetChanges),
            PieceChanges = pieceChanges,
            EndpointSetChanges = endpointSetChanges,
        };
        if (!ReferenceEquals(next.Pieces, Configuration.Pieces) || !ReferenceEquals(next.EndpointSets, Configuration.EndpointSets))
        {
            Configuration = next;
        }

        return Configuration;
    }

    private void Translate(Unit unit, Draft<ConfigurationPiece> pieces)
    {
        var lookup = new TrackedLookup(store);
        var translation = Run(unit, lookup);
        Track(unit, shared.Get(lookup.Dependencies));
        CountEndpointUse(unit.Translation.Piece, -1);
        CountEndpointUse(translation.Piece, 1);
        Note(unit, translation);
        unit.Translation = translation.IsEmpty ? Translation.Nothing : translation;
        if (translation.IsEmpty && lookup.Dependencies.Count == 0)
        {
            // Nothing but the object itself can change that.
            units.Remove((unit.Dialect.Name, unit.Root.Key));
        }

        var id = translation.Piece.Id;
        if (translation.Piece.IsEmpty)
        {
            pieces.Remove(id);
        }
        else
        {
            pieces.Set(id, translation.Piece);
        }
    }

    private static Translation Run(Unit unit, TrackedLookup lookup)
    {
        var id = unit.Id;
        var context = new TranslationContext(unit.Dialect.Name, unit.Root, lookup);
        try
        {
            unit.Dialect.Translate(unit.Root, context);
            return context.Complete(id);
        }
        catch (Exception exception)
        {
            // A fault of ours in one object's translation stays with that object.
            var failed = new TranslationContext(unit.Dialect.Name, unit.Root, lookup);
            failed.Error("internal-error", $"This object could not be translated because of a fault in the gateway: {exception.GetType().Name}: {exception.Message}");
            return failed.Complete(id);
        }
    }

    private void Compute(EndpointUnit unit, Draft<EndpointSet> endpointSets)
    {
        var lookup = new TrackedLookup(store);
        var computed = EndpointSets.Compute(lookup, unit.Name);
        Track(unit, shared.Get(lookup.Dependencies));
        endpointSets.Set(unit.Name, computed);
    }

    private void CountEndpointUse(ConfigurationPiece piece, int step)
    {
        foreach (var backend in piece.Backends)
        {
            if (backend.Endpoints is not NamedEndpoints { Set: var name })
            {
                continue;
            }

            if (!endpointUnits.TryGetValue(name, out var unit))
            {
                endpointUnits.Add(name, unit = new EndpointUnit(name));
                newEndpointUnits.Add(unit);
            }

            unit.Users += step;
            if (unit.Users == 0)
            {
                unusedEndpointUnits.Add(unit);
            }
        }
    }

    private void RemoveUnits(Resource resource, Draft<ConfigurationPiece> pieces)
    {
        foreach (var dialect in dialects)
        {
            if (units.Remove((dialect.Name, resource.Key), out var unit))
            {
                Track(unit, []);
                CountEndpointUse(unit.Translation.Piece, -1);
                Note(unit, null);
                pieces.Remove(unit.Id);
            }
        }
    }

    private void Note(Unit unit, Translation? after)
    {
        var key = (unit.Dialect.Name, unit.Root.Key);
        var before = changes.TryGetValue(key, out var earlier) ? earlier.Before : unit.Translation;
        changes[key] = new TranslationChange(unit.Dialect.Name, unit.Root.Key, before, after);
    }

    private void Track(Computation computation, Dependency[] dependencies)
    {
        if (ReferenceEquals(computation.Dependencies, dependencies))
        {
            return;
        }

        foreach (var dependency in dependencies)
        {
            ref var dependent = ref CollectionsMarshal.GetValueRefOrAddDefault(dependents, dependency, out var isKnown);
            dependent.Add(computation);
            if (!isKnown)
            {
                Demands.Raise(dependency);
            }
        }

        foreach (var gone in computation.Dependencies.Except(dependencies))
        {
            ref var dependent = ref CollectionsMarshal.GetValueRefOrNullRef(dependents, gone);
            if (Unsafe.IsNullRef(ref dependent))
            {
                continue;
            }

            dependent.Remove(computation);
            if (dependent.IsEmpty)
            {
                dependents.Remove(gone);
                Demands.Withdraw(gone);
            }
        }

        computation.Dependencies = dependencies;
    }

    /// <summary>A dictionary in the making, and where it will differ from the one before.</summary>
    private sealed class Draft<T>(ImmutableDictionary<string, T> before)
        where T : class
    {
        /// <summary>Beyond so many, comparing everything costs no more than making the change did; and names are kept as long as the configuration.</summary>
        private const int MostChanges = 1000;

        private readonly ImmutableDictionary<string, T>.Builder builder = before.ToBuilder();
        private readonly HashSet<string> changed = new(StringComparer.Ordinal);

        /// <summary>Sets a value, unless an equal one is there: then that stays.</summary>
        public void Set(string key, T value)
        {
            if (!builder.TryGetValue(key, out var known) || !known.Equals(value))
            {
                builder[key] = value;
                changed.Add(key);
            }
        }

        public void Remove(string key)
        {
            if (builder.Remove(key))
            {
                changed.Add(key);
            }
        }

        /// <summary>An untouched builder gives back the instance it was made from.</summary>
        public ImmutableDictionary<string, T> Finish(out KnownChanges<T>? changes)
        {
            var after = builder.ToImmutable();
            changes = changed.Count <= MostChanges ? new KnownChanges<T>(before, after, changed) : null;
            return after;
        }
    }

    /// <summary>Something derived from objects, with what it looked at.</summary>
    private abstract class Computation
    {
        public Dependency[] Dependencies { get; set; } = [];
    }

    /// <summary>One root in one dialect.</summary>
    private sealed class Unit : Computation
    {
        public Unit(IDialect dialect, Resource root)
        {
            Dialect = dialect;
            Root = root;
        }

        public IDialect Dialect { get; }

        public Resource Root { get; set; }

        /// <summary>Made when it is asked for: most units are of objects that are another dialect's, and have no piece.</summary>
        public string Id => $"{Dialect.Name}/{Root.Key.Kind}{(Root.Key.Group.Length == 0 ? "" : "." + Root.Key.Group)}/{Root.FullName}";

        public Translation Translation { get; set; } = Translation.Nothing;
    }

    /// <summary>
    /// What computations looked at, as arrays. Objects that several dialects look at and one serves mostly have the same lookups as their
    /// neighbours (their class), which are then kept once.
    /// </summary>
    private sealed class SharedDependencies
    {
        private const int Slots = 64;

        private readonly Dependency[][] recent = new Dependency[Slots][];

        public Dependency[] Get(IReadOnlyCollection<Dependency> dependencies)
        {
            if (dependencies.Count == 0)
            {
                return [];
            }

            var array = dependencies.ToArray();
            ref var slot = ref recent[(uint)array[^1].GetHashCode() % Slots];
            if (slot is null || !slot.AsSpan().SequenceEqual(array))
            {
                slot = array;
            }

            return slot;
        }
    }

    /// <summary>One endpoint set that some backend names.</summary>
    private sealed class EndpointUnit : Computation
    {
        public EndpointUnit(string name) => Name = name;

        public string Name { get; }

        public int Users { get; set; }
    }
}
