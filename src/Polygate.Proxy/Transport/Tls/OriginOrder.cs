using Polygate.Model;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>Which of two objects that want the same thing comes first: an order that no restart changes.</summary>
internal static class OriginOrder
{
    internal static int Compare(Origin left, Origin right)
    {
        var order = string.CompareOrdinal(left.Namespace, right.Namespace);
        order = order != 0 ? order : string.CompareOrdinal(left.Name, right.Name);
        order = order != 0 ? order : string.CompareOrdinal(left.Kind, right.Kind);
        order = order != 0 ? order : string.CompareOrdinal(left.Dialect, right.Dialect);
        return order != 0 ? order : string.CompareOrdinal(left.Field, right.Field);
    }
}
