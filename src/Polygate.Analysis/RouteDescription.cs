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
        _ => throw new ArgumentException($"No words for {route.Action.GetType().Name}.", nameof(route)),
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
        return forward.Backends.Count == 1 || sum == 0 ? name : $"{name} ({Words.Percent((double)backend.Weight / sum)})";
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
                return Direct(direct);
            default:
                throw new ArgumentException($"No sentence for {action.GetType().Name}.", nameof(action));
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

        if (forward.FastCgi is { } application)
        {
            var index = application.Index.Length == 0 ? "" : $", with {application.Index} for a folder";
            var own = string.Join(", ", application.Parameters.Select(parameter => $"{parameter.Name} = {parameter.Value}"));
            yield return $"FastCGI applications are told the usual parameters{index}{(own.Length == 0 ? "" : ", and " + own)}.";
        }

        if (forward.RequestTimeout is { Ticks: > 0 } request)
        {
            yield return $"The whole exchange may take {Words.Duration(request)}, then the answer is 504.";
        }

        if (forward.BackendTimeout is { Ticks: > 0 } attempt)
        {
            yield return $"One attempt may take {Words.Duration(attempt)}, then the answer is 504.";
        }

        if (forward.IdleTimeout is { Ticks: > 0 } idle)
        {
            yield return $"The backend may be silent for {Words.Duration(idle)}.";
        }

        if (forward.Sticky is { } session)
        {
            yield return $"A client stays on its backend and endpoint by {BackendDescription.Token(session)}.";
        }

        if (forward.Retry is { } retry)
        {
            yield return Retry(retry);
            if (retry.Budget is { } budget)
            {
                yield return $"Retries are at most {BackendDescription.Of(budget)}.";
            }
        }

        if (!forward.AllowUpgrade)
        {
            yield return "Upgrades, such as to WebSocket, are not tunnelled.";
        }
    }

    private static IEnumerable<string> Direct(DirectResponseAction direct)
    {
        yield return $"The gateway answers {direct.Status}{(direct.Body.Length == 0 ? "" : $" with {Words.Count(direct.Body.Length, "character")} of {direct.ContentType}")}.";
        foreach (var header in direct.Headers.AsEnumerable())
        {
            yield return $"In the answer the header {header.Name} is {header.Value}.";
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
        var methods = retry.NonIdempotent ? "" : " (methods that are not idempotent only while nothing was sent)";
        var wait = retry.Backoff > TimeSpan.Zero ? $", after {Words.Duration(retry.Backoff)} at first" : "";
        return $"A failed attempt ({Words.AnyOf(reasons)}) is repeated up to {Words.Count(retry.Attempts, "time")}{methods}{wait}.";
    }
}
