using System.Buffers;

namespace Polygate.Logging;

/// <summary>
/// Carries lines from the loops to where a log goes: loops append to a buffer, a thread of its own writes it out. The thread sleeps while there is
/// nothing to write, and then waits a moment for more. When the reader of the log does not keep up, lines are dropped and counted.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    private const int MaximumBuffered = 8 << 20;

    /// <summary>How long the first line of a batch waits for others.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100);

    private readonly Stream output;
    private readonly Lock gate = new();
    private readonly AutoResetEvent arrived = new(false);
    private readonly ManualResetEvent stopping = new(false);
    private readonly Thread thread;
    private ArrayBufferWriter<byte> buffered = new();
    private ArrayBufferWriter<byte> writing = new();
    private long dropped;

    public LogWriter(Stream output)
    {
        this.output = output;
        thread = new Thread(Run) { IsBackground = true, Name = "access log" };
        thread.Start();
    }

    /// <summary>Lines that were dropped so far.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    /// <summary>Takes a copy of a line, or drops it. From any thread; never waits for the output.</summary>
    public void Append(ReadOnlySpan<byte> line)
    {
        bool isFirst;
        lock (gate)
        {
            if (buffered.WrittenCount + line.Length > MaximumBuffered)
            {
                dropped++;
                return;
            }

            isFirst = buffered.WrittenCount == 0;
            buffered.Write(line);
        }

        if (isFirst)
        {
            arrived.Set();
        }
    }

    /// <summary>Writes what is left, and ends.</summary>
    public void Dispose()
    {
        stopping.Set();
        thread.Join();
        arrived.Dispose();
        stopping.Dispose();
    }

    private void Run()
    {
        WaitHandle[] either = [arrived, stopping];
        while (WaitHandle.WaitAny(either) == 0 && !stopping.WaitOne(Gathering))
        {
            WriteOut();
        }

        WriteOut();
    }

    private void WriteOut()
    {
        lock (gate)
        {
            (buffered, writing) = (writing, buffered);
        }

        if (writing.WrittenCount == 0)
        {
            return;
        }

        try
        {
            output.Write(writing.WrittenSpan);
            output.Flush();
        }
        catch (IOException)
        {
            // Nobody reads the log any more; requests go on.
        }

        writing.ResetWrittenCount();
    }
}
