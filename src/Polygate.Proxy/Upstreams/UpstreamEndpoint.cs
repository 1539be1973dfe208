using System.Net;
using System.Security.Cryptography;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Health;

namespace Polygate.Proxy.Upstreams;

/// <summary>
/// One address of a backend. Stays the same object while the backend keeps the address, so that connection pools and
/// health can hang on it. Thread-safe.
/// </summary>
public sealed class UpstreamEndpoint
{
    internal const int StickyDigestLength = 16;

    private const int FailuresUntilEjection = 3;
    private const long FirstEjection = 5_000;
    private const long LongestEjection = 60_000;

    private readonly string clusterId;
    private readonly string text;
    private int activeRequests;
    private int concerns;
    private int connectFailures;
    private int ejections;
    private long ejectedUntil = long.MinValue;
    private long slowSince;
    private EndpointPolicy policy = EndpointPolicy.None;

    internal UpstreamEndpoint(string clusterId, string host, IPEndPoint address)
    {
        this.clusterId = clusterId;
        Host = host;
        Address = address;
        text = address.ToString();
        HostHeader = Encoding.UTF8.GetBytes(host == address.Address.ToString() ? text : $"{host}:{address.Port}");
        StickyDigest = DigestFor(null);
        Hash = EndpointHash.Of(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>What there is to look at before the endpoint is picked; nothing for most, so that picking costs one read.</summary>
    [Flags]
    private enum Concern
    {
        None = 0,

        /// <summary>Active checks fail.</summary>
        Unhealthy = 1,

        /// <summary>Its failures took it out, for a time.</summary>
        Ejected = 2,

        /// <summary>It gets a growing share.</summary>
        SlowStart = 4,

        /// <summary>The requests under way at it are limited.</summary>
        Bounded = 8,
    }

    /// <summary>Where to connect.</summary>
    public IPEndPoint Address { get; }

    /// <summary>The host as configured: a name, or the address in text. What TLS verifies when nothing else is said.</summary>
    public string Host { get; }

    /// <summary>Host and port for the <c>Host</c> header of backends with <see cref="Backend.UseEndpointHost"/>.</summary>
    public ReadOnlyMemory<byte> HostHeader { get; }

    /// <summary>Requests under way.</summary>
    public int ActiveRequests => Volatile.Read(ref activeRequests);

    /// <summary>Whether the backend has given the address up: connections to it are to be closed once idle.</summary>
    public bool IsRetired { get; internal set; }

    /// <summary>Whether active checks find it well; true without checks.</summary>
    public bool IsHealthy => !Has(Concern.Unhealthy);

    /// <summary>Why the last active check failed; null when it did not.</summary>
    public string? CheckProblem { get; internal set; }

    /// <summary>Whether it is passed over at the moment for its failures.</summary>
    public bool IsEjected => Has(Concern.Ejected) && IsEjectedAt(Environment.TickCount64);

    /// <summary>What a sticky cookie says of it: tells nothing of the address.</summary>
    internal string StickyDigest { get; }

    internal ulong Hash { get; }

    /// <summary>Its failures, for passive checks.</summary>
    internal FailureCounts Failures { get; } = new();

    /// <summary>Its answer times, for balancing by them.</summary>
    internal LatencyAverage Latency { get; } = new();

    /// <summary>Whether requests may go to it by its health.</summary>
    internal bool IsUsable => Volatile.Read(ref concerns) == 0 || (IsHealthy && !IsEjected);

    /// <summary>Whether it bears another request.</summary>
    internal bool HasRoom => !Has(Concern.Bounded) || ActiveRequests < policy.MaximumRequests;

    /// <summary>Says that a request is on its way to it; every call is followed by one of <see cref="RequestEnded"/>.</summary>
    public void RequestStarted() => Interlocked.Increment(ref activeRequests);

    public void RequestEnded() => Interlocked.Decrement(ref activeRequests);

    /// <summary>Says that a connection was made.</summary>
    public void ConnectSucceeded()
    {
        if (policy.HasOwnRules || (Volatile.Read(ref connectFailures) == 0 && Volatile.Read(ref ejections) == 0))
        {
            return;
        }

        Volatile.Write(ref connectFailures, 0);
        Volatile.Write(ref ejections, 0);
        EndEjection();
    }

    /// <summary>
    /// Says that a connection could not be made. Where the backend has no rules of its own, the third in a row takes the endpoint out for 5
    /// seconds; when it comes back and fails again, for twice as long each time, up to a minute.
    /// </summary>
    public void ConnectFailed() => ConnectFailed(Environment.TickCount64);

    internal void ConnectFailed(long now)
    {
        // After an ejection one failure is enough for the next: nothing has succeeded since.
        if (policy.HasOwnRules || Interlocked.Increment(ref connectFailures) < FailuresUntilEjection || IsEjectedAt(now))
        {
            return;
        }

        var times = Interlocked.Increment(ref ejections) - 1;
        EjectUntil(now + Math.Min(FirstEjection << Math.Min(times, 10), LongestEjection));
    }

    internal bool IsEjectedAt(long now) => now < Volatile.Read(ref ejectedUntil);

    /// <summary>When the last ejection ended or will end; <see cref="long.MinValue"/> without one.</summary>
    internal long EjectedUntil => Volatile.Read(ref ejectedUntil);

    internal void EjectUntil(long until)
    {
        Volatile.Write(ref ejectedUntil, until);
        Raise(Concern.Ejected);
    }

    internal void EndEjection()
    {
        Volatile.Write(ref ejectedUntil, long.MinValue);
        Clear(Concern.Ejected);
    }

    /// <summary>What active checks found.</summary>
    internal void SetHealthy(bool isHealthy, long now)
    {
        if (isHealthy == IsHealthy)
        {
            return;
        }

        if (isHealthy)
        {
            BeginSlowStart(now);
            Clear(Concern.Unhealthy);
        }
        else
        {
            Raise(Concern.Unhealthy);
        }
    }

    /// <summary>The backend's settings as far as they are about one endpoint.</summary>
    internal void Apply(EndpointPolicy next)
    {
        policy = next;
        Set(Concern.Bounded, next.MaximumRequests > 0);
        if (next.SlowStart is null)
        {
            Clear(Concern.SlowStart);
        }
    }

    internal void BeginSlowStart(long now)
    {
        if (policy.SlowStart is not null)
        {
            Volatile.Write(ref slowSince, now);
            Raise(Concern.SlowStart);
        }
    }

    /// <summary>Whether it takes a request although it is new: by chance, more likely the longer it is there.</summary>
    internal bool TakesWhileSlow() => !Has(Concern.SlowStart) || Random.Shared.NextDouble() < ShareAt(Environment.TickCount64);

    /// <summary>The share of its weight at a time, 0 to 1.</summary>
    internal double ShareAt(long now)
    {
        if (!Has(Concern.SlowStart) || policy.SlowStart is not { } slow)
        {
            return 1;
        }

        var age = (now - Volatile.Read(ref slowSince)) / Math.Max(1, slow.Window.TotalMilliseconds);
        if (age >= 1)
        {
            Clear(Concern.SlowStart);
            return 1;
        }

        return Math.Max(slow.MinimumShare, Math.Pow(Math.Max(0, age), 1 / Math.Max(0.01, slow.Aggression)));
    }

    /// <summary>As <see cref="StickyDigest"/>, under a salt.</summary>
    internal string DigestFor(string? salt)
    {
        var text = salt is null ? $"{clusterId}|{Address}" : $"{clusterId}|{Address}|{salt}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, StickyDigestLength / 2));
    }

    /// <summary>Address and port; the same text each time, for access logs.</summary>
    public override string ToString() => text;

    private bool Has(Concern concern) => (Volatile.Read(ref concerns) & (int)concern) != 0;

    private void Raise(Concern concern) => Interlocked.Or(ref concerns, (int)concern);

    private void Clear(Concern concern) => Interlocked.And(ref concerns, ~(int)concern);

    private void Set(Concern concern, bool value)
    {
        if (value)
        {
            Raise(concern);
        }
        else
        {
            Clear(concern);
        }
    }
}

/// <summary>What a backend's settings say of each endpoint.</summary>
/// <param name="HasOwnRules">Whether the backend has rules for ejection in place of the engine's.</param>
/// <param name="MaximumRequests">Under way at one time; 0 for no limit.</param>
/// <param name="SlowStart">Null for none.</param>
internal sealed record EndpointPolicy(bool HasOwnRules, int MaximumRequests, SlowStart? SlowStart)
{
    public static EndpointPolicy None { get; } = new(false, 0, null);

    public static EndpointPolicy Of(Backend? backend) =>
        backend is null ? None : new(backend.Outliers is not null, backend.CircuitBreaker?.MaxRequestsPerEndpoint ?? 0, backend.SlowStart);
}
