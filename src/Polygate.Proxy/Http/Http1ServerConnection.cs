using System.Runtime.CompilerServices;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Http;

/// <summary>What handles connections that speak HTTP/2.</summary>
public interface IHttp2Server
{
    /// <summary>Serves a connection to its end; owns the channel.</summary>
    /// <param name="channel">On whose loop this is called.</param>
    /// <param name="client">Who it is.</param>
    /// <param name="received">Bytes already received (the preface, or its beginning); copied before the first wait.</param>
    Task ServeAsync(Channel channel, ClientConnection client, ReadOnlyMemory<byte> received);

    /// <summary>Has every connection end with the requests under way. On the loop.</summary>
    void Drain();
}

/// <summary>A client's HTTP/1.x connection: requests one after the other, in the order received.</summary>
internal sealed class Http1ServerConnection : IInputOwner
{
    /// <summary>RFC 9113 section 3.4: what a client that knows this to be HTTP/2 begins with.</summary>
    private static readonly byte[] Http2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    private readonly HttpServerLoop server;
    private readonly ClientConnection client;
    private Http1Exchange? exchange;
    private bool firstRequest = true;

    public Http1ServerConnection(Channel channel, ClientConnection client, HttpServerLoop server)
    {
        Channel = channel;
        this.client = client;
        this.server = server;
        Limits = client.Limits ?? server.Limits;
        Input = new ChannelInput(channel, this);
        Output = new ChannelOutput(channel, Limits);
    }

    public Channel Channel { get; }

    public ChannelInput Input { get; }

    public ChannelOutput Output { get; }

    public bool IsDraining => server.IsDraining;

    /// <summary>Between requests: may be closed at any time.</summary>
    public bool IsIdle { get; private set; }

    /// <summary>How large and how slow the client's messages may be.</summary>
    public HttpLimits Limits { get; }

    /// <summary>Serves the connection to its end; never fails.</summary>
    public async Task RunAsync()
    {
        var handedOver = false;
        server.Add(this);
        try
        {
            Channel.SendTimeout = Limits.SendTimeout;
            handedOver = await ServeAsync();
        }
        catch (ChannelException)
        {
            // The client is gone, or was too slow: there is nobody to tell.
        }
        catch (Exception exception)
        {
            server.Report("A connection failed.", exception);
            Channel.Abort();
        }
        finally
        {
            server.Remove(this);
            ReturnExchange();
        }

        if (handedOver)
        {
            await HandOverAsync();
            return;
        }

        await CloseAsync();
    }

    void IInputOwner.OnInput()
    {
        if (exchange is null)
            return;

        if (Input.Failure is { Error: ChannelError.TimedOut })
            Input.Watch(Limits.IdleTimeout);
        else if (Input.IsEnded || Input.Failure is not null)
            exchange.ClientLeft();
    }

    /// <summary>The request's body was read to its end: from here on the wait for the next request notices when the client leaves.</summary>
    public void OnRequestRead()
    {
        if (!Input.IsEmpty)
            return;

        Input.ReleaseIfEmpty();
        Input.Watch(Limits.IdleTimeout);
    }

    /// <summary>Closes the connection when no request is under way.</summary>
    public void CloseIfIdle()
    {
        if (!IsIdle)
            return;

        Output.SendInBackground();
        if (Output.IsEmpty)
            Channel.Dispose();
    }

    /// <summary>
    /// One request after the other; true when the connection turns out to speak HTTP/2. One method, since each that waits for the backend costs every
    /// request: what is rare is in methods of its own.
    /// </summary>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    private async ValueTask<bool> ServeAsync()
    {
        while (true)
        {
            if (Input.IsEmpty)
            {
                if (IsDraining && !firstRequest)
                    return false;

                IsIdle = true;
                var received = await ReceiveFirst();
                IsIdle = false;
                if (received == 0)
                    return false;
            }

            if (firstRequest && Input.Span[0] == 'P' && await IsHttp2Async())
                return true;

            firstRequest = false;
            var current = exchange = server.RentExchange(this);
            var status = current.ParseHead(Input.Span, out var consumed);
            if (!TryAccept(current, status, consumed) && !await CompleteHeadAsync(current, status))
                return false;

            await server.Pipeline.HandleAsync(current);
            if (!current.IsReadyForNext && !await FinishAsync(current))
                return false;

            ReturnExchange();
        }
    }

    private ValueTask<int> ReceiveFirst()
    {
        var timeout = firstRequest ? Limits.HeaderTimeout : Limits.IdleTimeout;
        Input.ReleaseIfEmpty();
        return Input.FillAsync(timeout);
    }

    /// <summary>Takes a head that is complete and acceptable.</summary>
    private bool TryAccept(Http1Exchange current, ParseStatus status, int consumed)
    {
        if (status != ParseStatus.Complete)
            return false;

        Input.Advance(consumed);
        Input.ReleaseIfEmpty();
        if (current.ExpectsSomethingElse)
            return false;

        current.Request.Client = client;
        if (current.IsRequestComplete)
            OnRequestRead();

        return true;
    }

    /// <summary>Receives the rest of a head; false when none came, or one that was refused.</summary>
    private async ValueTask<bool> CompleteHeadAsync(Http1Exchange current, ParseStatus status)
    {
        var deadline = Channel.Loop.Now + (long)Limits.HeaderTimeout.TotalMilliseconds;
        while (status == ParseStatus.Incomplete)
        {
            var left = deadline - Channel.Loop.Now;
            try
            {
                if (await Input.FillAsync(TimeSpan.FromMilliseconds(Math.Max(1, left))) == 0)
                    return false;
            }
            catch (ChannelException exception) when (exception.Error == ChannelError.TimedOut)
            {
                return await RefuseAsync(current, 408, "the request's head came too slowly");
            }

            status = current.ParseHead(Input.Span, out var consumed);
            if (TryAccept(current, status, consumed))
                return true;
        }

        return status == ParseStatus.Refused
            ? await RefuseAsync(current, current.RefusalStatus, current.Refusal)
            : await RefuseAsync(current, 417, "an expectation other than 100-continue");
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    private async ValueTask<bool> FinishAsync(Http1Exchange current)
    {
        if (!current.IsResponseComplete)
        {
            Output.SendInBackground();
            Channel.Abort();
            return false;
        }

        if (current.IsSwitched)
            return false;

        try
        {
            if (current.KeepAlive && await current.DrainRequestAsync())
                return true;
        }
        catch (BadMessageException)
        {
            // The answer is out; what follows it cannot be read.
        }

        if (!current.IsRequestComplete)
            await LingerAsync();

        return false;
    }

    /// <summary>Answers what is no acceptable request, and ends the connection: where the next request starts cannot be known.</summary>
    private async ValueTask<bool> RefuseAsync(Http1Exchange current, int status, string reason)
    {
        current.Request.Client = client;
        current.Refuse();
        await server.Pipeline.RefuseAsync(current, status, reason);
        await LingerAsync();
        return false;
    }

    /// <summary>
    /// RFC 9112 section 9.6: a connection closed with unread data is reset, which can cost the client the answer. So the end is announced and what
    /// the client still sends is thrown away for a moment.
    /// </summary>
    private async ValueTask LingerAsync()
    {
        await Output.SendAllAsync();
        await Channel.ShutdownSendAsync();
        var until = Channel.Loop.Now + server.LingerMilliseconds;
        for (var left = HttpServerLoop.LingerBytes; left > 0 && Channel.Loop.Now < until;)
        {
            Input.Advance(Input.Span.Length);
            var count = await Input.FillAsync(TimeSpan.FromMilliseconds(until - Channel.Loop.Now));
            if (count == 0)
                return;

            left -= count;
        }
    }

    /// <summary>Whether the connection begins with HTTP/2's preface; waits while it may become one.</summary>
    private async ValueTask<bool> IsHttp2Async()
    {
        if (server.Http2 is null)
            return false;

        while (Input.Span.Length < Http2Preface.Length && Http2Preface.AsSpan().StartsWith(Input.Span))
        {
            if (await Input.FillAsync(Limits.HeaderTimeout) == 0)
                return false;
        }

        return Input.Span.StartsWith(Http2Preface);
    }

    private async Task HandOverAsync()
    {
        var received = Input.Span.ToArray();
        Input.Close();
        Output.Close();
        await server.Http2!.ServeAsync(Channel, client, received);
    }

    /// <summary>What was answered is still sent, however slowly the client takes it.</summary>
    private async ValueTask CloseAsync()
    {
        try
        {
            await Output.SendAllAsync();
        }
        catch (ChannelException)
        {
            // The client is gone, or takes nothing.
        }

        Input.Close();
        Output.Close();
        Channel.Dispose();
    }

    private void ReturnExchange()
    {
        if (exchange is null)
            return;

        server.ReturnExchange(exchange);
        exchange = null;
    }
}
