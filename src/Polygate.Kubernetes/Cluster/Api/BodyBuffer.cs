namespace Polygate.Kubernetes.Cluster.Api;

/// <summary>Bytes of an answer, in a buffer that is used again.</summary>
internal sealed class BodyBuffer
{
    private const int Kept = 256 * 1024;

    /// <summary>Room for most single objects.</summary>
    private const int Smallest = 4 * 1024;

    /// <summary>What a server may have allotted before it sent it.</summary>
    private const int LargestExpected = 64 * 1024;

    private byte[] bytes = [];
    private int start;
    private int end;

    /// <summary>What was read and not taken.</summary>
    public ReadOnlyMemory<byte> Memory => bytes.AsMemory(start, end - start);

    /// <summary>Reads a whole body in place of what is there.</summary>
    /// <exception cref="TimeoutException">Nothing came for too long.</exception>
    public async Task FillAsync(HttpResponseMessage response, TimeSpan idle, CancellationToken cancellation)
    {
        Clear();
        Expect(response.Content.Headers.ContentLength);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using var timer = new IdleTimer(idle, cancellation);
        while (await ReadAsync(stream, timer).ConfigureAwait(false))
        {
        }
    }

    /// <summary>Forgets what is there.</summary>
    public void Clear() => start = end = 0;

    /// <summary>Reads more; false at the end.</summary>
    /// <exception cref="TimeoutException">Nothing came for too long.</exception>
    public async ValueTask<bool> ReadAsync(Stream stream, IdleTimer timer)
    {
        MakeRoom();
        var count = await timer.ReadAsync(stream, bytes.AsMemory(end)).ConfigureAwait(false);
        end += count;
        return count > 0;
    }

    /// <summary>Takes the next line, without its end, if it is there in full. It stays valid until the next read.</summary>
    public bool TryTakeLine(out ReadOnlyMemory<byte> line)
    {
        var length = bytes.AsSpan(start, end - start).IndexOf((byte)'\n');
        if (length < 0)
        {
            line = default;
            return false;
        }

        line = bytes.AsMemory(start, length);
        start += length + 1;
        return true;
    }

    /// <summary>A body whose length is known is read into no more room than it needs, and one byte in which its end is seen.</summary>
    private void Expect(long? length)
    {
        if (length is < LargestExpected && bytes.Length <= length)
        {
            bytes = new byte[length.Value + 1];
        }
    }

    private void MakeRoom()
    {
        if (start == end)
        {
            start = end = 0;
            if (bytes.Length > Kept)
            {
                // One large answer is no reason to keep that much for small ones.
                bytes = [];
            }
        }

        if (end < bytes.Length)
        {
            return;
        }

        var length = end - start;
        var target = length * 2 >= bytes.Length ? new byte[Math.Max(Smallest, length * 2)] : bytes;
        bytes.AsSpan(start, length).CopyTo(target);
        (bytes, start, end) = (target, 0, length);
    }
}

/// <summary>Ends reads that bring nothing for too long.</summary>
internal sealed class IdleTimer : IDisposable
{
    private readonly TimeSpan idle;
    private readonly CancellationToken cancellation;
    private readonly CancellationTokenSource timer;

    public IdleTimer(TimeSpan idle, CancellationToken cancellation)
    {
        this.idle = idle;
        this.cancellation = cancellation;
        timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    }

    /// <exception cref="TimeoutException">Nothing came for too long.</exception>
    public async ValueTask<int> ReadAsync(Stream stream, Memory<byte> buffer)
    {
        timer.CancelAfter(idle);
        try
        {
            return await stream.ReadAsync(buffer, timer.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"The API server sent nothing for {idle.TotalSeconds:0} s.");
        }
        finally
        {
            timer.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => timer.Dispose();
}
