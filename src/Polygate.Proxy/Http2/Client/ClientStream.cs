using System.Runtime.CompilerServices;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;
using Polygate.Proxy.Http2.Frames;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Http2.Client;

/// <summary>
/// One request and its answer on a stream of a <see cref="ClientConnection"/> (RFC 9113 sections 5 and 8). Everything happens on one loop: the
/// connection tells what was received, the one who reads and the one who writes are woken. Reused from stream to stream.
/// </summary>
internal sealed class ClientStream : UpstreamExchange
{
    /// <summary>What the backend may send before it is read; half of it is granted anew when that much was read.</summary>
    public const int ReceiveWindow = 128 * 1024;

    private const int BadGateway = 502;

    /// <summary>Interim answers to one request; more are no help to anybody.</summary>
    private const int MaximumInterim = 32;

    private readonly Http2Pools owner;
    private readonly LoopSignal arrived;
    private readonly LoopSignal sendable;
    private readonly ReceivedBody body = new();
    private readonly Queue<ResponseHead> interim = new();
    private readonly ResponseHead final = new();
    private readonly HeaderTable receivedTrailers = new();
    private ClientConnection connection = null!;
    private HeaderTable? trailers;
    private IOException? failure;
    private LoopTimer timer;
    private bool isTimed;
    private long lastActivity;
    private long contentLength;
    private long received;
    private int receiveWindow;
    private int ungranted;
    private int interimCount;
    private bool isHead;
    private bool isReused;
    private bool hasFinal;
    private bool isFinalTaken;
    private bool isEnded;
    private bool isResponseComplete;
    private bool isRequestComplete;
    private bool isReset;
    private bool isUnprocessed;
    private long? responseLength;

    public ClientStream(Http2Pools owner)
    {
        this.owner = owner;
        arrived = new LoopSignal(owner.Loop);
        sendable = new LoopSignal(owner.Loop);
    }

    /// <summary>0 until the request's head was sent.</summary>
    public int Id { get; set; }

    /// <summary>What the backend takes of the request's body; negative when it changed its mind (RFC 9113 section 6.9.2).</summary>
    public long SendWindow { get; set; }

    /// <summary>What the backend may still send of the body; nothing once it has sent all.</summary>
    public int ReceiveWindowLeft => isEnded ? 0 : Math.Max(0, receiveWindow);

    public override bool IsReused => isReused;

    public override bool IsUnprocessed => isUnprocessed;

    public override bool ResponseBegun => hasFinal || interimCount > 0;

    public override long? ResponseLength => responseLength;

    public override bool IsResponseComplete => isResponseComplete;

    private EventLoop Loop => owner.Loop;

    private bool HasNoBody => isHead || final.Status is 204 or 304;

    /// <summary>Makes it a stream of a connection.</summary>
    /// <param name="on">The connection.</param>
    /// <param name="reused">Whether that had a stream before.</param>
    public void Begin(ClientConnection on, bool reused)
    {
        connection = on;
        isReused = reused;
        Id = 0;
        failure = null;
        trailers = null;
        contentLength = -1;
        received = 0;
        receiveWindow = ReceiveWindow;
        ungranted = interimCount = 0;
        isHead = hasFinal = isFinalTaken = isEnded = isResponseComplete = isRequestComplete = isReset = isUnprocessed = isTimed = false;
        responseLength = 0;
        final.Clear();
        receivedTrailers.Clear();
        arrived.Reset();
        sendable.Reset();
    }

    public override void StartRequest(RequestHead request, ReadOnlySpan<byte> authority, long? length, ReadOnlySpan<byte> upgrade)
    {
        lastActivity = Loop.Now;
        isHead = request.Method.SequenceEqual("HEAD"u8);
        isRequestComplete = length == 0;
        RequestFields.Encode(owner.Encoder, request, connection.IsSecure, authority, length);
        if (failure is null)
            connection.Open(this, owner.Encoder.Block, isRequestComplete);
    }

    public override ValueTask WriteRequestAsync(ReadOnlyMemory<byte> data) => data.IsEmpty ? default : SendAsync(data, endsStream: false);

    /// <summary>What was written goes out at the end of the loop's turn.</summary>
    public override ValueTask FlushRequestAsync() => failure is null ? default : ValueTask.FromException(SendFailure());

    public override ValueTask CompleteRequestAsync(ReadOnlyMemory<byte> last, HeaderTable requestTrailers)
    {
        if (isRequestComplete)
            return default;

        return requestTrailers.Count == 0 ? SendAsync(last, endsStream: true) : SendWithTrailersAsync(last, requestTrailers);
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    public override async ValueTask ReadHeadAsync(ResponseHead response, HeaderTable responseTrailers)
    {
        trailers = responseTrailers;
        responseTrailers.Clear();
        while (!TryTakeHead(response))
            await WaitAsync(arrived);
    }

    public override ValueTask<ReadOnlyMemory<byte>> ReadResponseAsync() =>
        TryRead(out var slice) ? new ValueTask<ReadOnlyMemory<byte>>(slice) : ReadMoreAsync();

    public override void Abort() => Break(ErrorCode.Cancel, new ChannelException(ChannelError.Aborted, "The exchange was aborted."));

    public override void Release()
    {
        timer.Cancel();
        timer = default;

        // Where the answer came before the request's end, the rest of it is not sent, and the backend need not wait for it (section 8.1).
        if (!isEnded || !isRequestComplete)
            Reset(ErrorCode.Cancel);

        connection.Close(this);
        body.Clear();
        interim.Clear();
        owner.Return(this);
    }

    /// <summary>Gives a field section its place: the head's or the trailers'.</summary>
    public void BeginFields(ResponseFields fields)
    {
        lastActivity = Loop.Now;
        if (hasFinal)
        {
            fields.BeginTrailers(receivedTrailers);
            return;
        }

        final.Clear();
        fields.BeginHead(final.Headers);
    }

    /// <summary>A field section was received.</summary>
    public void EndFields(ResponseFields fields, bool endsStream)
    {
        var problem = fields.Problem ?? (isEnded ? "fields after the end" : hasFinal ? TakeTrailers(endsStream) : TakeHead(fields, endsStream));
        if (problem is not null)
            Refuse(problem);
        else
            arrived.Set();
    }

    /// <summary>A piece of the body was received.</summary>
    /// <param name="data">Without padding.</param>
    /// <param name="size">With padding: what the window is charged.</param>
    /// <param name="endsStream">Whether it was the last.</param>
    public void Receive(ReadOnlySpan<byte> data, int size, bool endsStream)
    {
        lastActivity = Loop.Now;
        receiveWindow -= size;
        received += data.Length;
        if (receiveWindow < 0)
            throw new ConnectionException(ErrorCode.FlowControlError, "more than the window allows");

        if (!hasFinal || isEnded || (data.Length > 0 && (HasNoBody || (contentLength >= 0 && received > contentLength))))
        {
            Refuse("more of a body than there is");
            return;
        }

        body.Append(data);
        Grant(size - data.Length);
        if (endsStream)
            End();

        arrived.Set();
    }

    /// <summary>The backend ended the stream.</summary>
    public void ResetBy(ErrorCode code)
    {
        isReset = true;
        if (code == ErrorCode.RefusedStream)
            FailUnprocessed("The backend took no more streams.");
        else
            Fail(new ChannelException(ChannelError.Reset, $"The backend reset the stream ({code})."));
    }

    /// <summary>The backend has not looked at the request and never will (RFC 9113 section 8.7).</summary>
    public void FailUnprocessed(string reason)
    {
        isUnprocessed = !ResponseBegun;
        Fail(new ChannelException(ChannelError.Reset, reason));
    }

    /// <summary>Nothing more comes or goes. What was received before can still be read.</summary>
    public void Fail(IOException exception)
    {
        failure ??= exception;
        arrived.Set();
        sendable.Set();
    }

    /// <summary>There may be room to send.</summary>
    public void WakeToSend() => sendable.Set();

    private string? TakeHead(ResponseFields fields, bool endsStream)
    {
        if (fields.Status is 0 or 101)
            return fields.Status == 0 ? "an answer without a status" : "a switch of protocols, which HTTP/2 does not have";

        final.Status = fields.Status;
        if (fields.Status < 200)
            return endsStream ? "an interim answer that ends the stream" : TakeInterim();

        hasFinal = true;
        contentLength = fields.ContentLength;
        return endsStream ? End() : null;
    }

    private string? TakeInterim()
    {
        if (++interimCount > MaximumInterim)
            throw new ConnectionException(ErrorCode.EnhanceYourCalm, "too many interim answers");

        var copy = new ResponseHead { Status = final.Status };
        copy.Headers.Append(final.Headers);
        interim.Enqueue(copy);
        return null;
    }

    private string? TakeTrailers(bool endsStream)
    {
        if (!endsStream)
            return "trailers before the end";

        // RFC 9110 section 6.5.1: what frames and routes a message has no meaning here.
        receivedTrailers.RemoveAll(KnownHeaders.NotForwarded | KnownHeaders.ForwardedFields);
        return End();
    }

    private string? End()
    {
        if (contentLength >= 0 && received != contentLength && !HasNoBody)
        {
            Refuse("a body of another length than it said");
            return null;
        }

        isEnded = true;
        return null;
    }

    private bool TryTakeHead(ResponseHead response)
    {
        response.Clear();
        if (interim.TryDequeue(out var early))
        {
            response.Status = early.Status;
            response.Headers.Append(early.Headers);
            return true;
        }

        if (!hasFinal || isFinalTaken)
            return failure is null ? false : throw failure;

        // What turned out to be malformed before it was looked at is no answer at all.
        if (failure is BadMessageException && !isEnded)
            throw failure;

        isFinalTaken = true;
        response.Status = final.Status;
        response.Headers.Append(final.Headers);
        isResponseComplete = HasNoBody || (isEnded && body.IsEmpty && receivedTrailers.Count == 0);
        responseLength = isResponseComplete ? 0 : contentLength >= 0 ? contentLength : null;
        return true;
    }

    private bool TryRead(out ReadOnlyMemory<byte> slice)
    {
        slice = default;
        if (isResponseComplete)
            return true;

        if (!body.IsEmpty)
        {
            slice = body.Take();
            Grant(slice.Length);
        }
        else if (!isEnded)
        {
            return failure is null ? false : throw failure;
        }

        if (isEnded && body.IsEmpty)
        {
            isResponseComplete = true;
            trailers!.Append(receivedTrailers);
        }

        return true;
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    private async ValueTask<ReadOnlyMemory<byte>> ReadMoreAsync()
    {
        while (true)
        {
            await WaitAsync(arrived);
            if (TryRead(out var slice))
                return slice;
        }
    }

    /// <summary>Lets the backend send as much again, as soon as it is worth a frame.</summary>
    private void Grant(int bytes)
    {
        ungranted += bytes;
        if (ungranted < ReceiveWindow / 2 || isEnded || failure is not null)
            return;

        connection.GrantWindow(Id, ungranted);
        receiveWindow += ungranted;
        ungranted = 0;
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask SendAsync(ReadOnlyMemory<byte> data, bool endsStream)
    {
        while (failure is null)
        {
            var count = connection.TrySend(this, data.Span, endsStream);
            if (count < 0)
            {
                await WaitAsync(sendable);
                continue;
            }

            lastActivity = Loop.Now;
            data = data[count..];
            if (data.IsEmpty)
            {
                isRequestComplete |= endsStream;
                return;
            }
        }

        throw SendFailure();
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask SendWithTrailersAsync(ReadOnlyMemory<byte> last, HeaderTable requestTrailers)
    {
        if (!last.IsEmpty)
            await SendAsync(last, endsStream: false);

        if (failure is not null)
            throw SendFailure();

        RequestFields.EncodeTrailers(owner.Encoder, requestTrailers);
        connection.SendTrailers(this, owner.Encoder.Block);
        isRequestComplete = true;
    }

    /// <summary>What is wrong with the answer is told to who reads it.</summary>
    private ChannelException SendFailure() =>
        failure as ChannelException ?? new ChannelException(ChannelError.Reset, "The backend takes no more of the request.", failure);

    /// <summary>The backend says what nobody may say.</summary>
    private void Refuse(string problem) => Break(ErrorCode.ProtocolError, new BadMessageException(BadGateway, problem));

    private void Break(ErrorCode code, IOException exception)
    {
        if (!isEnded || !isRequestComplete)
            Reset(code);

        Fail(exception);
    }

    private void Reset(ErrorCode code)
    {
        if (!isReset && Id != 0)
            connection.Reset(this, code);

        isReset = true;
    }

    /// <summary>Waits, for so long as the endpoint may be silent: as long as the request moves it is not.</summary>
    private ValueTask WaitAsync(LoopSignal signal)
    {
        if (!isTimed)
            StartTimer(IdleTimeout);

        return signal.WaitAsync();
    }

    private void StartTimer(TimeSpan time)
    {
        isTimed = true;
        timer = Loop.StartTimer(time, static stream => ((ClientStream)stream!).OnTimer(), this);
    }

    private void OnTimer()
    {
        isTimed = false;
        var rest = IdleTimeout - TimeSpan.FromMilliseconds(Loop.Now - lastActivity);
        if (!arrived.IsAwaited && !sendable.IsAwaited)
            return;

        if (rest > TimeSpan.Zero)
            StartTimer(rest);
        else
            Break(ErrorCode.Cancel, new ChannelException(ChannelError.TimedOut, "The endpoint was silent for too long."));
    }
}
