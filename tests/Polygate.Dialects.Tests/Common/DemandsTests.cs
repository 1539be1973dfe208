using k8s.Models;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Tests.Common;

/// <summary>What translations look up of kinds of which only that is kept.</summary>
public sealed class DemandsTests
{
    private static readonly Dependency Wanted = new(typeof(V1Secret), "default", "wanted");

    private readonly Translator translator = new([new SecretReader()], new HashSet<Type> { typeof(V1Secret) });

    [Fact]
    public void A_lookup_raises_a_demand_whether_or_not_the_object_is_there()
    {
        Set("a", "wanted");

        Assert.Equal([KeyValuePair.Create(Wanted, true)], translator.Demands.TakeChanges());
        Assert.False(translator.Demands.HasChanges);
    }

    [Fact]
    public void The_demand_of_two_is_withdrawn_with_the_second()
    {
        Set("a", "wanted");
        Set("b", "wanted");
        translator.Demands.TakeChanges();

        Set("a", "");
        Assert.False(translator.Demands.HasChanges);
        Remove("b");

        Assert.Equal([KeyValuePair.Create(Wanted, false)], translator.Demands.TakeChanges());
    }

    [Fact]
    public void What_is_withdrawn_and_raised_again_in_between_is_no_change()
    {
        Set("a", "wanted");
        translator.Demands.TakeChanges();

        Set("a", "");
        Set("b", "wanted");

        Assert.False(translator.Demands.HasChanges);
    }

    [Fact]
    public void What_is_raised_and_withdrawn_in_between_was_never_there()
    {
        Set("a", "wanted");
        Set("a", "");

        Assert.False(translator.Demands.HasChanges);
    }

    [Fact]
    public void A_lookup_of_another_kind_is_no_demand()
    {
        Set("a", "");

        Assert.Empty(translator.Demands.TakeChanges());
    }

    [Fact]
    public void The_object_that_is_given_has_the_one_who_asked_translated_again()
    {
        Set("a", "wanted");
        translator.ForgetChanges();

        translator.Apply([Read("{ apiVersion: v1, kind: Secret, metadata: { name: wanted } }")], []);

        Assert.Equal("a", Assert.Single(translator.Changes).Root.Name);
        Assert.Empty(Assert.Single(translator.Changes).After!.Diagnostics);
    }

    private void Set(string name, string secret) =>
        translator.Apply([Service(name, secret)], []);

    private void Remove(string name) => translator.Apply([], [Service(name, "")]);

    private static Resource Service(string name, string secret) =>
        Read($"{{ apiVersion: v1, kind: Service, metadata: {{ name: {name}, annotations: {{ secret: \"{secret}\" }} }}, spec: {{ ports: [{{ port: 80 }}] }} }}");

    private static Resource Read(string yaml) => new ManifestReader(CoreTypes.All).Read("test.yaml", yaml).Resources.Single();

    /// <summary>Looks up the Secret that a Service names in an annotation.</summary>
    private sealed class SecretReader : IDialect
    {
        public string Name => "test";

        public IReadOnlyList<ResourceType> ResourceTypes => [CoreTypes.Service, CoreTypes.Secret];

        public IReadOnlyList<ResourceIndex> Indexes => [];

        public bool IsRoot(ResourceType type) => type == CoreTypes.Service;

        public void Translate(Resource root, TranslationContext context)
        {
            context.List<V1Namespace>();
            if (root.Annotation("secret") is { Length: > 0 } name && context.Get<V1Secret>(root.Namespace, name) is null)
            {
                context.Error("missing", "There is no such Secret.");
            }
        }
    }
}
