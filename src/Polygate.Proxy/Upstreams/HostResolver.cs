using System.Net;
using Polygate.Model;

namespace Polygate.Proxy.Upstreams;

/// <summary>
/// Resolves host names in the background and again every 30 seconds. What a name last resolved to stays until it
/// resolves to something else: a failing name server takes no endpoint away. Nobody ever waits for it.
/// </summary>
internal sealed class HostResolver : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private readonly Dictionary<string, Name> names = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource stopping = new();
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> resolve;
    private readonly TimeProvider time;
    private readonly Action<IReadOnlyCollection<object>> changed;
    private readonly bool refusesLocal;

    /// <param name="resolve">Asks the system.</param>
    /// <param name="time">The clock.</param>
    /// <param name="changed">Called, on any thread, with the users of a name whose addresses changed.</param>
    /// <param name="refusesLocal">Whether there is nothing at <see cref="LocalAddress"/>es, however a host is written and whatever a name resolves to.</param>
    public HostResolver(
        Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider time, Action<IReadOnlyCollection<object>> changed, bool refusesLocal)
    {
        this.resolve = resolve;
        this.time = time;
        this.changed = changed;
        this.refusesLocal = refusesLocal;
    }

    /// <summary>The addresses of a host: itself when it is one, otherwise what the name last resolved to (nothing before the first time).</summary>
    public IReadOnlyList<IPAddress> AddressesOf(string host)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return IsRefused(address) ? [] : [address];
        }

        lock (gate)
        {
            return names.TryGetValue(host, out var name) ? name.Addresses : [];
        }
    }

    /// <summary>Says which names a user needs from now on.</summary>
    public void Rebind(object user, IReadOnlySet<string> before, IReadOnlySet<string> after)
    {
        lock (gate)
        {
            foreach (var host in after.Where(host => !before.Contains(host)))
            {
                if (!names.TryGetValue(host, out var name))
                {
                    names.Add(host, name = new Name(CancellationTokenSource.CreateLinkedTokenSource(stopping.Token)));
                    name.Work = Task.Run(() => KeepResolvingAsync(host, name));
                }

                name.Users.Add(user);
            }

            foreach (var host in before.Where(host => !after.Contains(host)))
            {
                if (names.TryGetValue(host, out var name) && name.Users.Remove(user) && name.Users.Count == 0)
                {
                    names.Remove(host);
                    name.Cancellation.Cancel();
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        Task[] work;
        lock (gate)
        {
            work = [.. names.Values.Select(name => name.Work)];
            names.Clear();
        }

        await Task.WhenAll(work);
        stopping.Dispose();
    }

    private async Task KeepResolvingAsync(string host, Name name)
    {
        var cancellation = name.Cancellation.Token;
        var retry = FirstRetry;
        while (!cancellation.IsCancellationRequested)
        {
            var resolved = await TryResolveAsync(host, cancellation);
            if (resolved is { Length: > 0 })
            {
                Publish(name, resolved);
            }

            try
            {
                await Task.Delay(resolved is { Length: > 0 } ? Interval : retry, time, cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            retry = resolved is { Length: > 0 } ? FirstRetry : retry * 2 < Interval ? retry * 2 : Interval;
        }
    }

    private async Task<IPAddress[]?> TryResolveAsync(string host, CancellationToken cancellation)
    {
        try
        {
            return await resolve(host, cancellation);
        }
        catch (Exception)
        {
            // Unknown, unreachable name server, cancelled: whatever it is, the last good answer stands.
            return null;
        }
    }

    private void Publish(Name name, IPAddress[] resolved)
    {
        // Sorted, so that name servers that rotate their answers change nothing.
        var addresses = resolved.Where(address => !IsRefused(address)).Distinct().OrderBy(address => address.ToString(), StringComparer.Ordinal).ToArray();
        object[] users;
        lock (gate)
        {
            if (name.Addresses.SequenceEqual(addresses))
            {
                return;
            }

            name.Addresses = addresses;
            users = [.. name.Users];
        }

        changed(users);
    }

    private bool IsRefused(IPAddress address) => refusesLocal && LocalAddress.IsLocal(address);

    private sealed class Name(CancellationTokenSource cancellation)
    {
        public CancellationTokenSource Cancellation { get; } = cancellation;

        public HashSet<object> Users { get; } = [];

        public IPAddress[] Addresses { get; set; } = [];

        public Task Work { get; set; } = Task.CompletedTask;
    }
}
