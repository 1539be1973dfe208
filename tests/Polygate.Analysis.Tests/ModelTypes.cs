namespace Polygate.Analysis.Tests;

/// <summary>The closed sets of the model, found in its assembly.</summary>
internal static class ModelTypes
{
    /// <summary>The names of all concrete types of a set.</summary>
    public static IEnumerable<string> DerivedFrom<T>() => NamesOf(typeof(T).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(T)) && !type.IsAbstract));

    /// <summary>The names of the types of these values.</summary>
    public static IEnumerable<string> NamesOf(IEnumerable<object> values) => NamesOf(values.Select(value => value.GetType()));

    private static IEnumerable<string> NamesOf(IEnumerable<Type> types) => types.Select(type => type.Name).Distinct().Order(StringComparer.Ordinal);
}
