using System.Security.Cryptography;
using System.Text;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Filters.Passwords;

/// <summary>
/// Checks passwords off the event loops and remembers, for a while, those that were right. What is remembered is a
/// keyed digest of user, password and hash: it reveals nothing, and a changed hash is a new question.
/// </summary>
internal sealed class PasswordVerifier : IDisposable
{
    private const int MostRemembered = 4096;

    // Guessing passwords must not keep all cores from serving, nor pile up without end.
    private const int MostWaiting = 256;
    private readonly SemaphoreSlim hashing = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly byte[] secret = RandomNumberGenerator.GetBytes(32);
    private readonly Lock gate = new();
    private readonly HashSet<UInt128> remembered = [];
    private int waiting;

    /// <summary>True or false when the answer is known without hashing; otherwise null.</summary>
    public bool? TryRecall(string user, ReadOnlySpan<byte> password, string hash)
    {
        var key = KeyOf(user, password, hash);
        lock (gate)
        {
            return remembered.Contains(key) ? true : null;
        }
    }

    /// <summary>Checks a password on a pool thread; resumes on the loop it was called from. Null when too many are waiting.</summary>
    public async ValueTask<bool?> VerifyAsync(string user, byte[] password, string hash)
    {
        if (Interlocked.Increment(ref waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref waiting);
            return null;
        }

        try
        {
            return await RunOffLoopAsync(() => Verify(user, password, hash));
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    public void Dispose() => hashing.Dispose();

    private async Task<bool> Verify(string user, byte[] password, string hash)
    {
        await hashing.WaitAsync();
        try
        {
            if (!PasswordHashes.Verify(password, hash))
            {
                return false;
            }
        }
        finally
        {
            hashing.Release();
        }

        var key = KeyOf(user, password, hash);
        lock (gate)
        {
            if (remembered.Count >= MostRemembered)
            {
                remembered.Clear();
            }

            remembered.Add(key);
        }

        return true;
    }

    private UInt128 KeyOf(string user, ReadOnlySpan<byte> password, string hash)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        foreach (var text in (ReadOnlySpan<string>)[user, hash])
        {
            // With its length, so that no two questions run together.
            mac.AppendData(BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text)));
            mac.AppendData(Encoding.UTF8.GetBytes(text));
        }

        mac.AppendData(password);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        mac.GetHashAndReset(digest);
        return new UInt128(BitConverter.ToUInt64(digest), BitConverter.ToUInt64(digest[8..]));
    }

    /// <summary>Runs work on the thread pool; what awaits it goes on on the loop that called, if one did.</summary>
    private static Task<T> RunOffLoopAsync<T>(Func<Task<T>> work)
    {
        if (EventLoop.Current is not { } loop)
        {
            return Task.Run(work);
        }

        // Completed by the loop itself, so that continuations run there and then.
        var completion = new TaskCompletionSource<T>();
        _ = Task.Run(work).ContinueWith(
            done => loop.Post(static state => ((Action)state!)(), (Action)(() => completion.SetFromTask(done))),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return completion.Task;
    }
}
