namespace Polygate.Model;

/// <summary>
/// Where a piece of configuration comes from: the object in the user's own words and, when it was read from a
/// file, the place in it. Travels with every route so that <c>explain</c>, logs and metrics can name it.
/// </summary>
/// <param name="Dialect">The dialect that translated it, as shown to people: <c>gateway-api</c>, <c>traefik</c>, …</param>
/// <param name="Kind">The object's kind, for example <c>HTTPRoute</c>.</param>
/// <param name="Namespace">The object's namespace; empty for cluster-scoped kinds.</param>
/// <param name="Name">The object's name.</param>
/// <param name="File">The file it was read from, relative to the configuration folder; null when it came from a cluster.</param>
/// <param name="Line">The line of the relevant field in <paramref name="File"/>, from 1; 0 when unknown.</param>
/// <param name="Field">The field path inside the object, for example <c>spec.rules[0]</c>; empty for the whole object.</param>
public sealed record Origin(
    string Dialect, string Kind, string Namespace, string Name, string? File = null, int Line = 0, string Field = "")
{
    /// <summary><c>Kind namespace/name</c>, the way people write it.</summary>
    public override string ToString() => Namespace.Length == 0 ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";
}
