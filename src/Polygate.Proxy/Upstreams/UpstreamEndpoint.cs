using System.Net;
using System.Security.Cryptography;
using System.Text;
using Polygate.Model;

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

    private int activeRequests;
    private int connectFailures;
    private int ejections;
    private long ejectedUntil = long.MinValue;

    internal UpstreamEndpoint(string clusterId, string host, IPEndPoint address)
    {
        Host = host;
        Address = address;
        HostHeader = Encoding.UTF8.GetBytes(host == address.Address.ToString() ? address.ToString() : $"{host}:{address.Port}");
        StickyDigest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{clusterId}|{address}")).AsSpan(0, StickyDigestLength / 2));
        Hash = EndpointHash.Of(Encoding.UTF8.GetBytes(address.ToString()));
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

    /// <summary>What a sticky cookie says of it: tells nothing of the address.</summary>
    internal string StickyDigest { get; }

    internal ulong Hash { get; }

    /// <summary>Whether it is passed over at the moment.</summary>
    public bool IsEjected => Volatile.Read(ref ejectedUntil) != long.MinValue && IsEjectedAt(Environment.TickCount64);

    /// <summary>Says that a request is on its way to it; every call is followed by one of <see cref="RequestEnded"/>.</summary>
    public void RequestStarted() => Interlocked.Increment(ref activeRequests);

    public void RequestEnded() => Interlocked.Decrement(ref activeRequests);

    /// <summary>Says that a connection was made.</summary>
    public void ConnectSucceeded()
    {
        if (Volatile.Read(ref connectFailures) != 0 || Volatile.Read(ref ejections) != 0)
        {
            Volatile.Write(ref connectFailures, 0);
            Volatile.Write(ref ejections, 0);
            Volatile.Write(ref ejectedUntil, long.MinValue);
        }
    }

    /// <summary>
    /// Says that a connection could not be made. The third in a row takes the endpoint out for 5 seconds; when it comes
    /// back and fails again, for twice as long each time, up to a minute.
    /// </summary>
    public void ConnectFailed() => ConnectFailed(Environment.TickCount64);

    internal void ConnectFailed(long now)
    {
        // After an ejection one failure is enough for the next: nothing has succeeded since.
        if (Interlocked.Increment(ref connectFailures) < FailuresUntilEjection || IsEjectedAt(now))
        {
            return;
        }

        var times = Interlocked.Increment(ref ejections) - 1;
        Volatile.Write(ref ejectedUntil, now + Math.Min(FirstEjection << Math.Min(times, 10), LongestEjection));
    }

    internal bool IsEjectedAt(long now) => now < Volatile.Read(ref ejectedUntil);

    public override string ToString() => Address.ToString();
}
