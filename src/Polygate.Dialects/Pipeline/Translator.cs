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
    private static readonly HashSet<Dependency> Nothing = [];

    /// <summary>One object's change concerns about so many.</summary>
    private const int UsualDependencies = 16;

    private readonly IReadOnlyList<IDialect> dialects;
    private readonly ResourceStore store;
    private readonly bool refusesLocalBackends;
    private readonly HashSet<Unit> units = new(UnitIdentity.Instance);
    private readonly HashSet<Unit>.AlternateLookup<UnitKey> unitsByKey;
    private readonly Dictionary<string, EndpointUnit> endpointUnits = new(StringComparer.Ordinal);
    private readonly HashSet<EndpointUnit> newEndpointUnits = [];
    private readonly HashSet<EndpointUnit> unusedEndpointUnits = [];
    private readonly Dependents<Computation> dependents = new();
    private readonly RecentValues<Dependency[]> shared = new(1024, new ArrayComparer<Dependency>());
    private Dictionary<UnitKey, TranslationChange> changes = [];

    /// <param name="dialects">The dialects that take part.</param>
    /// <param name="onDemand">Object types of which the source keeps only what is looked up; see <see cref="Demands"/>.</param>
    /// <param name="refusesLocalBackends">Whether backends at a <see cref="LocalAddress"/> are errors: whoever may write objects must not reach the gateway's own machine.</param>
    public Translator(IReadOnlyList<IDialect> dialects, IReadOnlySet<Type>? onDemand = null, bool refusesLocalBackends = false)
    {
        this.dialects = dialects;
        unitsByKey = units.GetAlternateLookup<UnitKey>();
        this.refusesLocalBackends = refusesLocalBackends;
        Demands = new Demands(onDemand ?? new HashSet<Type>());
        store = new ResourceStore([EndpointSets.SlicesByService, .. dialects.SelectMany(dialect => dialect.Indexes)]);
    }

    /// <summary>Whether anybody writes statuses; otherwise they are not kept.</summary>
    public bool KeepsStatuses { get; init; } = true;

    /// <summary>What the gateway is to do, as of the last <see cref="Apply"/>.</summary>
    public GatewayConfiguration Configuration { get; private set; } = GatewayConfiguration.Empty;

    /// <summary>How many objects there are.</summary>
    public int ObjectCount => store.Count;

    /// <summary>The objects behind it.</summary>
    public IResourceLookup Resources => store;

    /// <summary>Which objects of the types that are kept on demand are looked up.</summary>
    public Demands Demands { get; }

    /// <summary>What the last <see cref="Apply"/> translated again, one entry a root and dialect; objects that mean nothing to a dialect, before and after, are left out.</summary>
    public IReadOnlyCollection<TranslationChange> Changes => changes.Values;

    /// <summary>Forgets <see cref="Changes"/>: the first ones hold as much as everything that is served, and most objects turn out to be no concern of most dialects.</summary>
    public void ForgetChanges()
    {
        changes = [];
        if (units.Capacity > units.Count * 2)
        {
            units.TrimExcess();
        }
    }

    /// <summary>What is wrong with the objects as they are now, ordered by object.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics =>
        [.. units.OrderBy(unit => unit.Dialect.Name, StringComparer.Ordinal).ThenBy(unit => unit.Root.Key.ToString(), StringComparer.Ordinal)
            .SelectMany(unit => unit.Translation.Diagnostics)];

    /// <summary>What the objects' statuses should say now.</summary>
    public IEnumerable<ResourceStatus> Statuses => units.SelectMany(unit => unit.Translation.Statuses);

    /// <summary>Finalizers that objects should have now, or have no longer.</summary>
    public IEnumerable<FinalizerWish> Finalizers => units.SelectMany(unit => unit.Translation.Finalizers);

    /// <summary>Takes in changes and brings the model up to date.</summary>
    /// <param name="set">Objects that are new or changed.</param>
    /// <param name="removed">Objects that are gone.</param>
    /// <returns>The new configuration; the same instance when nothing changed in it.</returns>
    public GatewayConfiguration Apply(IEnumerable<Resource> set, IEnumerable<Resource> removed)
    {
        changes.Clear();
        var changed = new HashSet<Dependency>(UsualDependencies);
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
            foreach (var dialect in dialects)
            {
                if (!dialect.IsRoot(resource.Type))
                {
                    continue;
                }

                if (!unitsByKey.TryGetValue(new UnitKey(dialect.Name, resource.Key), out var unit))
                {
                    units.Add(unit = new Unit(dialect, resource));
                }

                unit.Root = resource;
                dirty.Add(unit);
            }
        }

        dirty.UnionWith(dependents.Of(changed, Computations, static computation => computation.Dependencies));
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
            Track(unused, Nothing);
        }

        newEndpointUnits.Clear();
        unusedEndpointUnits.Clear();
        return Publish(pieces, endpointSets);
    }

    /// <summary>Everything that is derived from objects.</summary>
    private IEnumerable<Computation> Computations => units.Concat<Computation>(endpointUnits.Values);

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
        var lookup = new TrackedLookup(store, unit.Common.Length + unit.Own.Length);
        var translation = Run(unit, lookup);
        Track(unit, lookup.Dependencies);
        var before = unit.Translation.Piece;
        CountEndpointUse(before, -1);
        CountEndpointUse(translation.Piece, 1);
        Note(unit, translation);
        unit.Translation = translation.IsEmpty ? Translation.Nothing : translation;
        if (translation.IsEmpty && lookup.Dependencies.Count == 0)
        {
            // Nothing but the object itself can change that.
            units.Remove(unit);
        }

        if (!translation.Piece.IsEmpty)
        {
            pieces.Set(translation.Piece.Id, translation.Piece);
        }
        else if (!before.IsEmpty)
        {
            pieces.Remove(before.Id);
        }
    }

    private Translation Run(Unit unit, TrackedLookup lookup)
    {
        var context = new TranslationContext(unit.Dialect.Name, unit.Root, lookup) { RefusesLocalBackends = refusesLocalBackends };
        try
        {
            unit.Dialect.Translate(unit.Root, context);
            return context.IsEmpty ? Translation.Nothing : context.Complete(unit.Id, KeepsStatuses);
        }
        catch (Exception exception)
        {
            // A fault of ours in one object's translation stays with that object.
            var failed = new TranslationContext(unit.Dialect.Name, unit.Root, lookup);
            failed.Error("internal-error", $"This object could not be translated because of a fault in the gateway: {exception.GetType().Name}: {exception.Message}");
            return failed.Complete(unit.Id, KeepsStatuses);
        }
    }

    private void Compute(EndpointUnit unit, Draft<EndpointSet> endpointSets)
    {
        var lookup = new TrackedLookup(store, unit.Common.Length + unit.Own.Length);
        var computed = EndpointSets.Compute(lookup, unit.Name);
        Track(unit, lookup.Dependencies);
        endpointSets.Set(unit.Name, refusesLocalBackends ? LocalBackends.Without(computed) : computed);
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
            if (unitsByKey.TryGetValue(new UnitKey(dialect.Name, resource.Key), out var unit))
            {
                units.Remove(unit);
                Track(unit, Nothing);
                CountEndpointUse(unit.Translation.Piece, -1);
                Note(unit, null);
                pieces.Remove(unit.Id);
            }
        }
    }

    private void Note(Unit unit, Translation? after)
    {
        if (unit.Translation.IsEmpty && after is null or { IsEmpty: true })
        {
            // An object of another dialect.
            return;
        }

        var key = UnitKey.Of(unit);
        var before = changes.TryGetValue(key, out var earlier) ? earlier.Before : unit.Translation;
        changes[key] = new TranslationChange(unit.Dialect.Name, unit.Root.Key, before, after);
    }

    private void Track(Computation computation, IReadOnlySet<Dependency> dependencies)
    {
        // Each was noted once, so that as many that are all among the new ones are the same.
        var (common, own) = (computation.Common, computation.Own);
        if (dependencies.Count == common.Length + own.Length && HasAll(dependencies, common) && HasAll(dependencies, own))
        {
            return;
        }

        var before = new HashSet<Dependency>(common.Length + own.Length);
        before.UnionWith(common);
        before.UnionWith(own);
        var many = 0;
        foreach (var dependency in dependencies)
        {
            if (!before.Contains(dependency) && dependents.Add(dependency, computation))
            {
                Demands.Raise(dependency);
            }

            many += dependents.AreMany(dependency) ? 1 : 0;
        }

        foreach (var gone in before)
        {
            if (!dependencies.Contains(gone) && dependents.Remove(gone, computation))
            {
                Demands.Withdraw(gone);
            }
        }

        (common, own) = (new Dependency[many], new Dependency[dependencies.Count - many]);
        var (nextCommon, nextOwn) = (0, 0);
        foreach (var dependency in dependencies)
        {
            if (dependents.AreMany(dependency))
            {
                common[nextCommon++] = dependency;
            }
            else
            {
                own[nextOwn++] = dependency;
            }
        }

        // What many look at, neighbours have in common: it is kept once.
        computation.Common = shared.Share(common);
        computation.Own = own;
    }

    private static bool HasAll(IReadOnlySet<Dependency> set, Dependency[] items)
    {
        foreach (var item in items)
        {
            if (!set.Contains(item))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Something derived from objects, with what it looked at.</summary>
    private abstract class Computation
    {
        /// <summary>What many others looked at too, when this was noted.</summary>
        public Dependency[] Common { get; set; } = [];

        public Dependency[] Own { get; set; } = [];

        public IEnumerable<Dependency> Dependencies => Common.Concat(Own);
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

    /// <summary>One endpoint set that some backend names.</summary>
    private sealed class EndpointUnit : Computation
    {
        public EndpointUnit(string name) => Name = name;

        public string Name { get; }

        public int Users { get; set; }
    }

    /// <summary>What tells a unit from others.</summary>
    private readonly record struct UnitKey(string Dialect, ResourceKey Root)
    {
        public static UnitKey Of(Unit unit) => new(unit.Dialect.Name, unit.Root.Key);
    }

    /// <summary>Finds units by what they hold anyway.</summary>
    private sealed class UnitIdentity : IEqualityComparer<Unit>, IAlternateEqualityComparer<UnitKey, Unit>
    {
        public static readonly UnitIdentity Instance = new();

        public bool Equals(Unit? x, Unit? y) => ReferenceEquals(x, y) || (x is not null && y is not null && UnitKey.Of(x) == UnitKey.Of(y));

        public int GetHashCode(Unit unit) => UnitKey.Of(unit).GetHashCode();

        public bool Equals(UnitKey alternate, Unit other) => alternate == UnitKey.Of(other);

        public int GetHashCode(UnitKey alternate) => alternate.GetHashCode();

        public Unit Create(UnitKey alternate) => throw new NotSupportedException("A unit is made of its root.");
    }
}
