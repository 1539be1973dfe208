using Polygate.Model;

namespace Polygate.Dialects.Common;

/// <summary>Retry conditions in Envoy's words (router filter, <c>x-envoy-retry-on</c>), as Gloo and Ambassador take them.</summary>
public static class EnvoyRetries
{
    /// <summary>Envoy's base interval of its exponential back-off.</summary>
    public static readonly TimeSpan DefaultBackoff = TimeSpan.FromMilliseconds(25);

    /// <summary>The policy for a comma-separated list of conditions.</summary>
    /// <param name="conditions">For example <c>5xx,connect-failure</c>.</param>
    /// <param name="attempts">Attempts after the first.</param>
    /// <param name="statuses">The statuses that <c>retriable-status-codes</c> means.</param>
    /// <param name="unsupported">Receives the words that have no counterpart.</param>
    /// <returns>Null when nothing is left to retry on.</returns>
    public static RetryPolicy? Parse(string conditions, int attempts, IEnumerable<int> statuses, ICollection<string> unsupported)
    {
        var codes = new SortedSet<int>();
        var (onConnection, onTimeout) = (false, false);
        foreach (var word in conditions.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            switch (word)
            {
                case "5xx":
                    codes.UnionWith(Enumerable.Range(500, 100));
                    (onConnection, onTimeout) = (true, true);
                    break;
                case "gateway-error":
                    codes.UnionWith([502, 503, 504]);
                    (onConnection, onTimeout) = (true, true);
                    break;
                case "reset":
                    (onConnection, onTimeout) = (true, true);
                    break;
                case "connect-failure" or "refused-stream":
                    onConnection = true;
                    break;
                case "retriable-4xx":
                    codes.Add(409);
                    break;
                case "retriable-status-codes":
                    codes.UnionWith(statuses);
                    break;
                default:
                    unsupported.Add(word);
                    break;
            }
        }

        return attempts < 1 || (codes.Count == 0 && !onConnection && !onTimeout)
            ? null
            : new RetryPolicy(attempts)
            {
                Statuses = codes.ToValueList(),
                OnConnectionError = onConnection,
                OnTimeout = onTimeout,
                NonIdempotent = true,
                Backoff = DefaultBackoff,
            };
    }
}
