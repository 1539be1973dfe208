using System.Globalization;
using Polygate.Model;

namespace Polygate.Analysis;

/// <summary>What happens to a request that a route answers, in sentences, in the order in which it happens.</summary>
public static class RouteDescription
{
    /// <summary>The steps of a route.</summary>
    /// <param name="route">The route.</param>
    /// <param name="configuration">Where its backends are.</param>
    public static IReadOnlyList<string> Of(Route route, GatewayConfiguration configuration)
    {
        var backends = Backends(configuration);
        return [.. route.Filters.SelectMany(filter => FilterDescription.Of(filter)), .. Action(route.Action, configuration, backends)];
    }

    /// <summary>What answers, in a few words, for tables: backends with their shares, a redirect, a status.</summary>
    public static string Target(Route route, GatewayConfiguration configuration) => route.Action switch
    {
        ForwardAction forward => forward.Backends.IsEmpty
            ? $"status {forward.NoBackendStatus}"
            : string.Join(", ", forward.Backends.Select(backend => Share(backend, forward))),
        RedirectAction redirect => "redirect " + RedirectDescription.Target(redirect),
        DirectResponseAction direct => $"status {direct.Status.ToString(CultureInfo.InvariantCulture)}",
        _ => "",
    };

    private static Dictionary<string, Backend> Backends(GatewayConfiguration configuration)
    {
        var all = new Dictionary<string, Backend>(StringComparer.Ordinal);
        foreach (var backend in configuration.Pieces.Values.SelectMany(piece => piece.Backends))
        {
            all[backend.Id] = backend;
        }

        return all;
    }

    private static string Share(WeightedBackend backend, ForwardAction forward)
    {
        var name = backend.Backend ?? $"status {backend.ErrorStatus}";
        var sum = forward.Backends.Sum(item => (long)item.Weight);
        return forward.Backends.Count == 1 || sum == 0 ? name : $"{name} ({100.0 * backend.Weight / sum:0.#}%)";
    }

    private static IEnumerable<string> Action(RouteAction action, GatewayConfiguration configuration, Dictionary<string, Backend> backends)
    {
        switch (action)
        {
            case ForwardAction forward:
                return Forward(forward, configuration, backends);
            case RedirectAction redirect:
                return [$"The client is redirected ({redirect.Status}) to {RedirectDescription.Target(redirect)}."];
            case DirectResponseAction direct:
                return [$"The gateway answers {direct.Status}{(direct.Body.Length == 0 ? "" : $" with {direct.Body.Length} characters of {direct.ContentType}")}."];
            default:
                return [];
        }
    }

    private static IEnumerable<string> Forward(ForwardAction forward, GatewayConfiguration configuration, Dictionary<string, Backend> backends)
    {
        if (forward.Backends.Sum(backend => (long)backend.Weight) == 0)
        {
            yield return $"No backend has a share: the gateway answers {forward.NoBackendStatus}.";
            yield break;
        }

        foreach (var weighted in forward.Backends.AsEnumerable())
        {
            yield return weighted.Backend is { } id && backends.TryGetValue(id, out var backend)
                ? $"It is sent to {Share(weighted, forward)} {BackendDescription.Of(backend, configuration)}."
                : $"{Share(weighted, forward)}: the reference is invalid, and its share is answered {weighted.ErrorStatus}.";
            foreach (var step in weighted.Filters.SelectMany(filter => FilterDescription.Of(filter)))
            {
                yield return $"For {weighted.Backend} only: {step}";
            }
        }

        if (forward.RequestTimeout is { Ticks: > 0 } request)
        {
            yield return $"The whole exchange may take {Duration(request)}, then the answer is 504.";
        }

        if (forward.BackendTimeout is { Ticks: > 0 } attempt)
        {
            yield return $"One attempt may take {Duration(attempt)}, then the answer is 504.";
        }

        if (forward.Retry is { } retry)
        {
            yield return Retry(retry);
        }
    }

    private static string Retry(RetryPolicy retry)
    {
        string[] reasons =
        [
            .. retry.Statuses.IsEmpty ? [] : new[] { $"status {string.Join(", ", retry.Statuses)}" },
            .. retry.OnConnectionError ? ["a broken connection"] : Array.Empty<string>(),
            .. retry.OnTimeout ? ["a timeout"] : Array.Empty<string>(),
        ];
        return $"A failed attempt ({string.Join(", ", reasons)}) is repeated up to {retry.Attempts} times.";
    }

    internal static string Duration(TimeSpan time) => time.TotalSeconds >= 1
        ? time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + " s"
        : time.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture) + " ms";
}
