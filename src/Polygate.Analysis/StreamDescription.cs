using Polygate.Model;

namespace Polygate.Analysis;

/// <summary>What happens to the connections and datagrams that a stream route takes, in a few words for tables.</summary>
public static class StreamDescription
{
    /// <summary>What is passed on.</summary>
    public static string Handling(StreamRoute route, ListenerKey listener) => (route.Tls, listener.IsUdp) switch
    {
        (_, true) => "(datagrams)",
        (StreamTls.Passthrough, _) => "(TLS, unopened)",
        (StreamTls.Terminate, _) => "(inside TLS)",
        _ => "(stream)",
    };

    /// <summary>Backends with their shares; <c>closed</c> for what nobody gets.</summary>
    public static string Target(StreamRoute route)
    {
        var sum = route.Backends.Sum(backend => (long)backend.Weight);
        return sum == 0
            ? "closed"
            : string.Join(", ", route.Backends.Where(backend => backend.Weight > 0).Select(backend =>
                (backend.Backend ?? "closed") + (backend.Weight == sum ? "" : $" ({Words.Percent((double)backend.Weight / sum)})")));
    }
}
