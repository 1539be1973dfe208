using ArchUnitNET.Domain;
using ArchUnitNET.Fluent;
using ArchUnitNET.Loader;
using static ArchUnitNET.Fluent.ArchRuleDefinition;
using Assembly = System.Reflection.Assembly;

namespace Polygate.Tests;

/// <summary>Dependencies point down only.</summary>
public sealed class ArchitectureTests
{
    private static readonly Assembly Model = typeof(Polygate.Model.Route).Assembly;
    private static readonly Assembly Kubernetes = typeof(Polygate.Kubernetes.Sources.ManifestReader).Assembly;
    private static readonly Assembly Dialects = typeof(Polygate.Dialects.Pipeline.IDialect).Assembly;
    private static readonly Assembly Analysis = typeof(Polygate.Analysis.RouteDescription).Assembly;
    private static readonly Assembly Proxy = typeof(Polygate.Proxy.ProxyServer).Assembly;
    private static readonly Assembly Program = typeof(Polygate.Composition).Assembly;

    private static readonly Architecture Architecture = new ArchLoader().LoadAssemblies(Model, Kubernetes, Dialects, Analysis, Proxy, Program).Build();

    public static TheoryData<string, string> Forbidden()
    {
        var data = new TheoryData<string, string>();
        (Assembly From, Assembly[] To)[] rules =
        [
            (Model, [Kubernetes, Dialects, Analysis, Proxy, Program]),
            (Kubernetes, [Dialects, Analysis, Proxy, Program]),
            (Dialects, [Analysis, Proxy, Program]),
            (Analysis, [Kubernetes, Dialects, Proxy, Program]),
            (Proxy, [Kubernetes, Dialects, Analysis, Program]),
        ];
        foreach (var (from, to) in rules)
        {
            foreach (var target in to)
            {
                data.Add(from.GetName().Name!, target.GetName().Name!);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void A_room_does_not_know_what_stands_above_or_beside_it(string from, string to)
    {
        var rule = Types().That().ResideInAssembly(Named(from)).Should().NotDependOnAny(Types().That().ResideInAssembly(Named(to)));

        Assert.Equal("", Violations(rule));
    }

    [Fact]
    public void Dialects_do_not_know_each_other()
    {
        var names = Polygate.Dialects.AllDialects.Create().Select(dialect => dialect.GetType().Namespace!).Distinct().ToList();
        foreach (var name in names)
        {
            var others = Types().That().ResideInNamespaceMatching(
                "^(" + string.Join('|', names.Where(other => other != name).Select(other => other.Replace(".", "\\.", StringComparison.Ordinal))) + ")(\\.|$)");
            var rule = Types().That().ResideInNamespaceMatching("^" + name.Replace(".", "\\.", StringComparison.Ordinal) + "(\\.|$)").Should().NotDependOnAny(others);

            Assert.Equal("", Violations(rule));
        }
    }

    private static Assembly Named(string name) =>
        new[] { Model, Kubernetes, Dialects, Analysis, Proxy, Program }.Single(assembly => assembly.GetName().Name == name);

    private static string Violations(IArchRule rule) =>
        string.Join('\n', rule.Evaluate(Architecture).Where(result => !result.Passed).Select(result => result.Description).Distinct().Take(10));
}
