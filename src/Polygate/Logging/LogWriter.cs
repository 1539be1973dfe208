using System.Buffers;

namespace Polygate.Logging;

/// <summary>
/// Carries lines from the loops to where a log goes: each appends to a page of its own, so that they do not wait for each other, and a thread of its own
/// writes the pages out. The thread sleeps while there is nothing to write, and then waits a moment for more. When the reader of the log does not keep
/// up, lines are dropped and counted. Lines of one loop stay in order.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    /// <summary>Bytes that wait to be written, for each loop.</summary>
    private const int MaximumBuffered = 4 << 20;

    /// <summary>How long the first line of a batch waits for others.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100);

    [ThreadStatic]
    private static Page? pageOfThread;

    private readonly Stream output;
    private readonly Lock gate = new();
    private readonly AutoResetEvent arrived = new(false);
    private readonly ManualResetEvent stopping = new(false);
    private readonly Thread thread;
    private Page[] pages = [];

    public LogWriter(Stream output)
    {
        this.output = output;
        thread = new Thread(Run) { IsBackground = true, Name = "access log" };
        thread.Start();
    }

    /// <summary>Lines that were dropped so far.</summary>
    public long Dropped => Volatile.Read(ref pages).Sum(page => page.Dropped);

    /// <summary>Takes a copy of a line, or drops it. From any thread; never waits for the output.</summary>
    public void Append(ReadOnlySpan<byte> line)
    {
        var page = pageOfThread is { } own && own.Writer == this ? own : pageOfThread = FindPage();
        if (page.Append(line))
            arrived.Set();
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

    private Page FindPage()
    {
        var thread = Environment.CurrentManagedThreadId;
        lock (gate)
        {
            if (Array.Find(pages, page => page.Thread == thread) is { } known)
                return known;

            var page = new Page(this, thread);
            pages = [.. pages, page];
            return page;
        }
    }

    private void WriteOut()
    {
        foreach (var page in Volatile.Read(ref pages))
            Write(page.Turn());
    }

    private void Write(ArrayBufferWriter<byte> lines)
    {
        if (lines.WrittenCount == 0)
            return;

        try
        {
            output.Write(lines.WrittenSpan);
            output.Flush();
        }
        catch (IOException)
        {
            // Nobody reads the log any more; requests go on.
        }

        lines.ResetWrittenCount();
    }

    /// <summary>The lines of one thread.</summary>
    private sealed class Page(LogWriter writer, int thread)
    {
        private readonly Lock gate = new();
        private ArrayBufferWriter<byte> front = new();
        private ArrayBufferWriter<byte> back = new();
        private long dropped;

        public LogWriter Writer => writer;

        public int Thread => thread;

        public long Dropped => Volatile.Read(ref dropped);

        /// <summary>Adds a line; whether it is the first to wait.</summary>
        public bool Append(ReadOnlySpan<byte> line)
        {
            lock (gate)
            {
                if (front.WrittenCount + line.Length > MaximumBuffered)
                {
                    dropped++;
                    return false;
                }

                var isFirst = front.WrittenCount == 0;
                line.CopyTo(front.GetSpan(line.Length));
                front.Advance(line.Length);
                return isFirst;
            }
        }

        /// <summary>What waits to be written; others go on behind it. Emptied before the next turn.</summary>
        public ArrayBufferWriter<byte> Turn()
        {
            lock (gate)
            {
                (front, back) = (back, front);
                return back;
            }
        }
    }
}
