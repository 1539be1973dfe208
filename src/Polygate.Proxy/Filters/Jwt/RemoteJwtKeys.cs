using System.Text;
using Polygate.Model;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Filters.Jwt;

/// <summary>
/// A set of keys that another server has, as it was fetched last. Shared by all loops; one fetch at a time, over the loop that first
/// wanted it. While fetching fails, what was fetched before serves on, and the next try waits longer each time.
/// </summary>
internal sealed class RemoteJwtKeys
{
    private const int LargestSet = 1024 * 1024;
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private volatile JwtKey[]? keys;
    private Task? fetching;
    private long fetchedAt = long.MinValue;
    private long triedAt = long.MinValue;
    private int failures;

    /// <summary>The keys; empty while there are none.</summary>
    /// <param name="settings">Where they are.</param>
    /// <param name="cluster">Who has them.</param>
    /// <param name="subrequests">Of the loop that asks.</param>
    /// <param name="loop">That loop; this completes there.</param>
    /// <param name="wantsNew">Whether those at hand lack the key that a token names.</param>
    public async ValueTask<JwtKey[]> GetAsync(RemoteKeys settings, UpstreamCluster cluster, Subrequests subrequests, EventLoop loop, bool wantsNew)
    {
        Task? wait = null;
        lock (gate)
        {
            var now = Environment.TickCount64;
            var isStale = keys is null || now - fetchedAt >= settings.CacheDuration.TotalMilliseconds || wantsNew;
            if (isStale && fetching is null && MayTry(settings, now))
            {
                triedAt = now;
                fetching = FetchAsync(settings, cluster, subrequests);
            }

            // Keys that are only old serve while new ones are fetched.
            wait = keys is null || wantsNew ? fetching : null;
        }

        if (wait is { IsCompleted: false })
        {
            await wait.ConfigureAwait(false);
            await loop.SwitchTo();
        }

        return keys ?? [];
    }

    private bool MayTry(RemoteKeys settings, long now)
    {
        if (triedAt == long.MinValue)
            return true;

        var pause = failures == 0 ? settings.MinimumRefresh : TimeSpan.FromSeconds(Math.Min(LongestBackoff.TotalSeconds, Math.Pow(2, Math.Min(failures - 1, 10))));
        return now - triedAt >= pause.TotalMilliseconds;
    }

    private async Task FetchAsync(RemoteKeys settings, UpstreamCluster cluster, Subrequests subrequests)
    {
        var question = new RequestHead();
        var target = RequestTargetText.Clean(Encoding.UTF8.GetBytes(settings.Path));
        var mark = target.AsSpan().IndexOf((byte)'?');
        question.SetMethod("GET"u8);
        question.SetPath(mark < 0 ? target : target.AsSpan(0, mark));
        question.HasQuery = mark >= 0;
        question.SetQuery(mark < 0 ? default : target.AsSpan(mark + 1));
        question.SetAuthority(HeaderText.Value(settings.Host));
        question.Headers.Add("Accept"u8, "application/json"u8);
        JwtKey[]? found = null;
        try
        {
            var answer = await subrequests.SendAsync(cluster, question, default, new SubrequestLimits(settings.Timeout, LargestSet));
            if (answer is { Failure: null, IsTruncated: false, Head.Status: 200 })
                found = JwtKeyReader.Read(Encoding.UTF8.GetString(answer.Body));
        }
        catch (FormatException)
        {
            // No keys: as if the server had not answered.
        }
        finally
        {
            lock (gate)
            {
                failures = found is null ? failures + 1 : 0;
                fetchedAt = found is null ? fetchedAt : Environment.TickCount64;
                keys = found ?? keys;
                fetching = null;
            }
        }
    }
}

/// <summary>The sets of all routes, by where they are: routes that use the same share it.</summary>
internal sealed class RemoteJwtKeySets
{
    private readonly WeakRegistry<RemoteJwtKeys> sets = new();

    public RemoteJwtKeys Get(RemoteKeys keys) => sets.GetOrAdd($"{keys.Backend} {keys.Host} {keys.Path}", static _ => new RemoteJwtKeys());
}
