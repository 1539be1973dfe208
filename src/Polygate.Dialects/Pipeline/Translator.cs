using System.Collections.Immutable;
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
    private readonly Dictionary<Dependency, HashSet<Computation>> dependents = [];
    private readonly Dictionary<(string Dialect, ResourceKey Root), TranslationChange> changes = [];

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
        var pieces = Configuration.Pieces.ToBuilder();
        var endpointSets = Configuration.EndpointSets.ToBuilder();
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
                dirty.UnionWith(concerned);
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
            Track(unused, new HashSet<Dependency>());
        }

        newEndpointUnits.Clear();
        unusedEndpointUnits.Clear();
        return Publish(pieces.ToImmutable(), endpointSets.ToImmutable());
    }

    private GatewayConfiguration Publish(
        ImmutableDictionary<string, ConfigurationPiece> pieces, ImmutableDictionary<string, EndpointSet> endpointSets)
    {
        // An untouched builder gives back the instance it was made from.
        if (!ReferenceEquals(pieces, Configuration.Pieces) || !ReferenceEquals(endpointSets, Configuration.EndpointSets))
        {
            Configuration = new GatewayConfiguration { Pieces = pieces, EndpointSets = endpointSets };
        }

        return Configuration;
    }

    private void Translate(Unit unit, ImmutableDictionary<string, ConfigurationPiece>.Builder pieces)
    {
        var lookup = new TrackedLookup(store);
        var translation = Run(unit, lookup);
        Track(unit, lookup.Dependencies);
        CountEndpointUse(unit.Translation.Piece, -1);
        CountEndpointUse(translation.Piece, 1);
        Note(unit, translation);
        unit.Translation = translation;
        if (translation.IsEmpty && lookup.Dependencies.Count == 0)
        {
            // Nothing but the object itself can change that.
            units.Remove((unit.Dialect.Name, unit.Root.Key));
        }

        if (translation.Piece.IsEmpty)
        {
            pieces.Remove(unit.Id);
        }
        else if (!pieces.TryGetValue(unit.Id, out var previous) || !previous.Equals(translation.Piece))
        {
            pieces[unit.Id] = translation.Piece;
        }
    }

    private static Translation Run(Unit unit, TrackedLookup lookup)
    {
        var context = new TranslationContext(unit.Dialect.Name, unit.Root, lookup);
        try
        {
            unit.Dialect.Translate(unit.Root, context);
            return context.Complete(unit.Id);
        }
        catch (Exception exception)
        {
            // A fault of ours in one object's translation stays with that object.
            var failed = new TranslationContext(unit.Dialect.Name, unit.Root, lookup);
            failed.Error("internal-error", $"This object could not be translated because of a fault in the gateway: {exception.GetType().Name}: {exception.Message}");
            return failed.Complete(unit.Id);
        }
    }

    private void Compute(EndpointUnit unit, ImmutableDictionary<string, EndpointSet>.Builder endpointSets)
    {
        var lookup = new TrackedLookup(store);
        var computed = EndpointSets.Compute(lookup, unit.Name);
        Track(unit, lookup.Dependencies);
        if (!endpointSets.TryGetValue(unit.Name, out var previous) || !previous.Equals(computed))
        {
            endpointSets[unit.Name] = computed;
        }
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

    private void RemoveUnits(Resource resource, ImmutableDictionary<string, ConfigurationPiece>.Builder pieces)
    {
        foreach (var dialect in dialects)
        {
            if (units.Remove((dialect.Name, resource.Key), out var unit))
            {
                Track(unit, new HashSet<Dependency>());
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

    private void Track(Computation computation, IReadOnlySet<Dependency> dependencies)
    {
        foreach (var gone in computation.Dependencies)
        {
            if (!dependencies.Contains(gone) && dependents.TryGetValue(gone, out var set) && set.Remove(computation) && set.Count == 0)
            {
                dependents.Remove(gone);
                Demands.Withdraw(gone);
            }
        }

        foreach (var dependency in dependencies)
        {
            if (!dependents.TryGetValue(dependency, out var set))
            {
                dependents.Add(dependency, set = []);
                Demands.Raise(dependency);
            }

            set.Add(computation);
        }

        computation.Dependencies = dependencies;
    }

    /// <summary>Something derived from objects, with what it looked at.</summary>
    private abstract class Computation
    {
        public IReadOnlySet<Dependency> Dependencies { get; set; } = new HashSet<Dependency>();
    }

    /// <summary>One root in one dialect.</summary>
    private sealed class Unit : Computation
    {
        public Unit(IDialect dialect, Resource root)
        {
            Dialect = dialect;
            Root = root;
            Id = $"{dialect.Name}/{root.Key.Kind}{(root.Key.Group.Length == 0 ? "" : "." + root.Key.Group)}/{root.FullName}";
            Translation = new Translation(new ConfigurationPiece(Id), [], []);
        }

        public IDialect Dialect { get; }

        public Resource Root { get; set; }

        public string Id { get; }

        public Translation Translation { get; set; }
    }

    /// <summary>One endpoint set that some backend names.</summary>
    private sealed class EndpointUnit : Computation
    {
        public EndpointUnit(string name) => Name = name;

        public string Name { get; }

        public int Users { get; set; }
    }
}
