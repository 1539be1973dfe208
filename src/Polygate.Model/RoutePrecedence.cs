namespace Polygate.Model;

/// <summary>
/// A sort key that a dialect computes so that its own documented order holds exactly: numbers compared one after
/// the other, smaller first, then the tie-break text ordinally, then the place. Keys of different scopes are never compared.
/// </summary>
/// <param name="Keys">Most significant first. A missing number counts as 0.</param>
/// <param name="TieBreak">Makes the order total and deterministic, usually namespace/name.</param>
public sealed record RoutePrecedence(ValueList<long> Keys, string TieBreak = "") : IComparable<RoutePrecedence>
{
    /// <summary>Where it stands in the object that <see cref="TieBreak"/> names.</summary>
    public long Place { get; init; }

    public int CompareTo(RoutePrecedence? other)
    {
        if (other is null)
        {
            return -1;
        }

        var mine = Keys.AsSpan();
        var theirs = other.Keys.AsSpan();
        for (var i = 0; i < Math.Max(mine.Length, theirs.Length); i++)
        {
            var order = (i < mine.Length ? mine[i] : 0).CompareTo(i < theirs.Length ? theirs[i] : 0);
            if (order != 0)
            {
                return order;
            }
        }

        var byText = string.CompareOrdinal(TieBreak, other.TieBreak);
        return byText != 0 ? byText : Place.CompareTo(other.Place);
    }

    public static bool operator <(RoutePrecedence left, RoutePrecedence right) => left.CompareTo(right) < 0;

    public static bool operator >(RoutePrecedence left, RoutePrecedence right) => left.CompareTo(right) > 0;

    public static bool operator <=(RoutePrecedence left, RoutePrecedence right) => left.CompareTo(right) <= 0;

    public static bool operator >=(RoutePrecedence left, RoutePrecedence right) => left.CompareTo(right) >= 0;
}
