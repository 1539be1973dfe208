using Polygate.Proxy.Http;
using Polygate.Proxy.Http2.Frames;
using Polygate.Proxy.Http2.Hpack;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Http2.Client;

/// <summary>
/// A connection to an endpoint that speaks HTTP/2 (RFC 9113), from the client's side: its streams, both windows, and what is sent. What is received is
/// read by <see cref="FrameReader"/>. Frames of all streams go out together at the end of the loop's turn.
/// </summary>
internal sealed class ClientConnection : IFrameHandler
{
    /// <summary>Streams at once while the endpoint has not said how many (section 6.5.2 recommends no fewer), and at most.</summary>
    private const int AssumedStreams = 100;
    private const int MaximumStreams = 1000;

    /// <summary>What may be under way to us on all streams together; streams that are read slowly do not use it up.</summary>
    private const int ReceiveWindow = 16 * 1024 * 1024;

    private const int InitialWindow = 65_535;

    /// <summary>Bodies wait while this much is unsent.</summary>
    private const int HighWater = 40 * 1024;

    /// <summary>Nothing is read while this much is unsent: who asks for answers has to take them.</summary>
    private const int Overflow = 256 * 1024;

    private readonly Http2Pool pool;
    private readonly Channel channel;
    private readonly ChannelOutput output;
    private readonly FrameWriter writer;
    private readonly FrameReader reader;
    private readonly ResponseFields fields;
    private readonly FieldDecoder decoder = new();
    private readonly SendTurns turns = new();
    private readonly LoopSignal drained;
    private readonly Dictionary<int, ClientStream> streams = [];
    private readonly long created;
    private int opened;
    private int leased;
    private int maximumStreams = AssumedStreams;
    private int nextId = 1;
    private long sendWindow = InitialWindow;

    /// <summary>What may still come for streams that are over on our side.</summary>
    private long strayWindow;
    private int initialSendWindow = InitialWindow;
    private int ungranted;
    private long lastUsed;
    private LoopTimer idleTimer;
    private bool isDraining;
    private bool isClosed;
    private bool isForgotten;

    /// <param name="pool">Whose it is.</param>
    /// <param name="channel">Connected; owned from here on.</param>
    /// <param name="isSecure">Whether the channel has TLS.</param>
    public ClientConnection(Http2Pool pool, Channel channel, bool isSecure)
    {
        this.pool = pool;
        this.channel = channel;
        IsSecure = isSecure;
        output = new ChannelOutput(channel);
        writer = new FrameWriter(output);
        reader = new FrameReader(channel, this, BlockLimit(pool.Limits));
        fields = new ResponseFields(pool.Limits);
        drained = new LoopSignal(channel.Loop);
        created = lastUsed = channel.Loop.Now;
        channel.SendTimeout = pool.Options.IdleTimeout;
    }

    public bool IsSecure { get; }

    /// <summary>Whether it takes another stream.</summary>
    public bool HasRoom => !IsRetiring && leased < maximumStreams;

    /// <summary>Whether it takes no more streams for good, and ends with those it has.</summary>
    private bool IsRetiring =>
        isClosed || pool.IsRetiring || output.HasFailed || nextId > int.MaxValue - 2 || channel.Loop.Now - created >= pool.Options.ConnectionLifetime.TotalMilliseconds;

    /// <summary>Says hello and begins to read.</summary>
    public void Start()
    {
        writer.WritePreface(
            (Setting.EnablePush, 0), (Setting.InitialWindowSize, ClientStream.ReceiveWindow), (Setting.MaximumHeaderListSize, pool.Limits.HeaderBytes));
        writer.WriteNumber(FrameType.WindowUpdate, 0, ReceiveWindow - InitialWindow);
        WatchIdle(pool.Options.IdleConnectionTimeout);
        _ = RunAsync();
    }

    /// <summary>Takes a stream on, which opens when its head is sent.</summary>
    public ClientStream Lease(ClientStream stream)
    {
        stream.Begin(this, reused: opened++ > 0);
        leased++;
        return stream;
    }

    /// <summary>Sends a request's head.</summary>
    public void Open(ClientStream stream, ReadOnlySpan<byte> block, bool endsStream)
    {
        if (isClosed)
        {
            stream.FailUnprocessed("The connection was closed.");
            return;
        }

        stream.Id = nextId;
        stream.SendWindow = initialSendWindow;
        nextId += 2;
        streams.Add(stream.Id, stream);
        writer.WriteBlock(stream.Id, block, endsStream);
    }

    public void SendTrailers(ClientStream stream, ReadOnlySpan<byte> block) => writer.WriteBlock(stream.Id, block, endsStream: true);

    /// <summary>Sends a frame of a body, as far as there is room; says how many bytes, or -1 when the stream has to wait for <see cref="ClientStream.WakeToSend"/>.</summary>
    public int TrySend(ClientStream stream, ReadOnlySpan<byte> data, bool endsStream)
    {
        if (data.Length > 0 && stream.SendWindow <= 0)
        {
            turns.Leave(stream);
            OfferTurn();
            return -1;
        }

        if (data.Length > 0 && !(turns.IsOf(stream) && CanSend))
        {
            turns.Wait(stream);
            OfferTurn();
            return -1;
        }

        var count = (int)Math.Min(Math.Min(data.Length, FrameHeader.MaximumLength), Math.Min(stream.SendWindow, sendWindow));
        if (data.IsEmpty)
            count = 0;

        writer.Write(FrameType.Data, endsStream && count == data.Length ? FrameFlags.EndStream : FrameFlags.None, stream.Id, data[..count]);
        stream.SendWindow -= count;
        sendWindow -= count;
        turns.Leave(stream);
        OfferTurn();
        return count;
    }

    /// <summary>Lets the endpoint send more on a stream.</summary>
    public void GrantWindow(int id, int bytes) => writer.WriteNumber(FrameType.WindowUpdate, id, bytes);

    /// <summary>Ends a stream.</summary>
    public void Reset(ClientStream stream, ErrorCode code)
    {
        writer.WriteNumber(FrameType.ResetStream, stream.Id, (int)code);
        Forget(stream);
    }

    /// <summary>A stream is over on our side; what still comes for it is dropped.</summary>
    public void Close(ClientStream stream)
    {
        leased--;
        lastUsed = channel.Loop.Now;
        Forget(stream);
        if (leased == 0 && IsRetiring)
            End(ErrorCode.NoError);
    }

    void IFrameHandler.OnData(FrameHeader frame, ReadOnlySpan<byte> data)
    {
        ungranted += frame.Length;
        if (ungranted >= ReceiveWindow / 2)
        {
            GrantWindow(0, ungranted);
            ungranted = 0;
        }

        if (Find(frame.StreamId) is { } stream)
        {
            stream.Receive(data, frame.Length, frame.Has(FrameFlags.EndStream));
            return;
        }

        // RFC 9113 section 5.1: what was under way when a stream ended is no fault, and no more than its window allowed.
        strayWindow -= frame.Length;
        if (strayWindow < 0)
            throw new ConnectionException(ErrorCode.StreamClosed, "DATA of streams that are over");
    }

    void IFrameHandler.OnBlock(int id, bool endsStream, ReadOnlySpan<byte> block)
    {
        var stream = Find(id);
        if (stream is null)
            fields.BeginNothing();
        else
            stream.BeginFields(fields);

        // Whatever becomes of the stream: the next block builds on what this one puts into the table.
        decoder.Decode(block, fields);
        stream?.EndFields(fields, endsStream);
    }

    void IFrameHandler.OnReset(int id, ErrorCode code)
    {
        if (Find(id) is { } stream)
        {
            streams.Remove(id);
            stream.ResetBy(code);
        }
    }

    void IFrameHandler.OnSetting(Setting setting, uint value)
    {
        switch (setting)
        {
            case Setting.EnablePush when value != 0:
                throw new ConnectionException(ErrorCode.ProtocolError, "a server that wants to be pushed to");
            case Setting.MaximumConcurrentStreams:
                maximumStreams = (int)Math.Min(value, MaximumStreams);
                if (maximumStreams == 0)
                    Retire();

                break;
            case Setting.InitialWindowSize when value > int.MaxValue:
                throw new ConnectionException(ErrorCode.FlowControlError, "a window that is too large");
            case Setting.InitialWindowSize:
                ChangeInitialWindow((int)value);
                break;
            case Setting.MaximumFrameSize when value is < FrameHeader.MaximumLength or > 0xFFFFFF:
                throw new ConnectionException(ErrorCode.ProtocolError, "a size of frames that is not allowed");
            default:
                // Our blocks use no table and our frames are the smallest that have to be taken; what else there is is not for us.
                break;
        }
    }

    void IFrameHandler.OnSettingsEnd() => writer.Write(FrameType.Settings, FrameFlags.Acknowledgement, 0, default);

    void IFrameHandler.OnPing(ReadOnlySpan<byte> data) => writer.Write(FrameType.Ping, FrameFlags.Acknowledgement, 0, data);

    void IFrameHandler.OnGoAway(int lastId, ErrorCode code)
    {
        foreach (var (id, stream) in streams.Where(stream => stream.Key > lastId).ToList())
        {
            streams.Remove(id);
            stream.FailUnprocessed($"The backend goes away ({code}).");
        }

        Retire();
    }

    void IFrameHandler.OnWindowUpdate(int id, int increment)
    {
        if (id == 0)
        {
            sendWindow = Widen(sendWindow, increment);
            OfferTurn();
        }
        else if (Find(id) is { } stream)
        {
            stream.SendWindow = Widen(stream.SendWindow, increment);
            stream.WakeToSend();
        }
    }

    /// <summary>Whether goodbye was said, or the connection broke.</summary>
    private bool IsFinished => writer.IsClosed;

    private bool CanSend => sendWindow > 0 && output.Length < HighWater;

    private static int BlockLimit(HttpLimits limits) => 2 * limits.HeaderBytes;

    private static long Widen(long window, int increment) =>
        window + increment <= int.MaxValue ? window + increment : throw new ConnectionException(ErrorCode.FlowControlError, "a window that is too large");

    /// <summary>The stream with a number; null when it is over.</summary>
    private ClientStream? Find(int id)
    {
        if ((id & 1) == 0 || id >= nextId)
            throw new ConnectionException(ErrorCode.ProtocolError, "a frame of a stream that was never opened");

        return streams.GetValueOrDefault(id);
    }

    private void Forget(ClientStream stream)
    {
        if (streams.Remove(stream.Id))
            strayWindow += stream.ReceiveWindowLeft;

        turns.Leave(stream);
        OfferTurn();
    }

    /// <summary>No more streams are opened; those that are open go on.</summary>
    private void StopOpening()
    {
        isClosed = true;
        pool.Remove(this);
    }

    private void Retire()
    {
        StopOpening();
        if (leased == 0)
            End(ErrorCode.NoError);
    }

    private void ChangeInitialWindow(int value)
    {
        foreach (var stream in streams.Values)
        {
            stream.SendWindow = Widen(stream.SendWindow, value - initialSendWindow);
            stream.WakeToSend();
        }

        initialSendWindow = value;
    }

    private void OfferTurn()
    {
        if (CanSend)
            turns.Offer();
        else if (turns.IsWanted && output.Length >= HighWater)
            Drain();
    }

    /// <summary>Reads until the connection is over. Never fails.</summary>
    private async Task RunAsync()
    {
        try
        {
            while (!IsFinished)
            {
                await reader.ReadAsync();
                while (output.Length >= Overflow && !IsFinished)
                {
                    Drain();
                    if (isDraining)
                        await drained.WaitAsync();
                }
            }
        }
        catch (ConnectionException exception)
        {
            FailAll(() => new BadMessageException(502, exception.Message));
            End(exception.Code);
        }
        catch (ChannelException exception)
        {
            Break(exception);
        }
    }

    /// <summary>The channel broke or ended: nothing comes or goes any more.</summary>
    private void Break(ChannelException exception)
    {
        FailAll(() => new ChannelException(ChannelError.Reset, exception.Message, exception));
        Finish();
    }

    private void FailAll(Func<IOException> reason)
    {
        StopOpening();
        foreach (var stream in streams.Values)
            stream.Fail(reason());

        streams.Clear();
    }

    /// <summary>Says goodbye and closes when that was sent.</summary>
    private void End(ErrorCode code)
    {
        if (IsFinished)
            return;

        StopOpening();
        writer.WriteGoAway(code);
        writer.IsClosed = true;
        Drain();
    }

    private void Finish()
    {
        writer.IsClosed = true;
        if (isForgotten)
            return;

        isForgotten = true;
        idleTimer.Cancel();
        reader.Close();
        output.Close();
        channel.Dispose();
        pool.Forget(this);
        drained.Set();
    }

    /// <summary>Sends what is kept; those who wait for room are told.</summary>
    private void Drain()
    {
        if (!isDraining)
            _ = DrainAsync();
    }

    private async Task DrainAsync()
    {
        isDraining = true;
        try
        {
            do
            {
                await output.SendAllAsync();
            }
            while (IsFinished && output.Length > 0);
        }
        catch (ChannelException exception)
        {
            Break(exception);
        }

        isDraining = false;
        if (IsFinished)
        {
            Finish();
            return;
        }

        drained.Set();
        OfferTurn();
    }

    /// <summary>A connection without streams is closed after a time. One timer serves for its life.</summary>
    private void WatchIdle(TimeSpan time) =>
        idleTimer = channel.Loop.StartTimer(time, static connection => ((ClientConnection)connection!).OnIdleTimer(), this);

    private void OnIdleTimer()
    {
        var rest = leased > 0 ? pool.Options.IdleConnectionTimeout : pool.Options.IdleConnectionTimeout - TimeSpan.FromMilliseconds(channel.Loop.Now - lastUsed);
        if (rest > TimeSpan.Zero)
            WatchIdle(rest);
        else if (!isClosed)
            End(ErrorCode.NoError);
    }
}
