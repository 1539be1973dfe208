using System.Runtime.CompilerServices;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.FastCgi;

/// <summary>
/// A request to a FastCGI 1.0 application in the role of a responder, on a connection of its own. Connections are not kept: applications such as
/// PHP-FPM have a process for each connection, and those that rest would leave none for other clients (nginx's <c>fastcgi_keep_conn off</c>).
/// </summary>
internal sealed class FastCgiExchange : UpstreamExchange, IInputOwner
{
    private readonly UpstreamConnections owner;
    private readonly UpstreamCluster cluster;
    private readonly UpstreamEndpoint endpoint;
    private readonly Channel channel;
    private readonly ChannelInput input;
    private readonly ChannelOutput output;
    private readonly FastCgiErrors errors = new();
    private readonly FastCgiReader reader;
    private readonly CgiHead head;
    private bool isHeadRequest;
    private bool isHeadComplete;
    private bool isBodyComplete;
    private long? length;
    private long? left;
    private int handedOut;
    private long lastSent;

    private FastCgiExchange(UpstreamConnections owner, UpstreamCluster cluster, UpstreamEndpoint endpoint, Channel channel)
    {
        this.owner = owner;
        this.cluster = cluster;
        this.endpoint = endpoint;
        this.channel = channel;
        input = new ChannelInput(channel, this);
        output = new ChannelOutput(channel);
        reader = new FastCgiReader(input, errors);
        head = new CgiHead(owner.Limits);
    }

    /// <summary>What is answered: its route may have parameters for the application. Null for requests of the gateway's own.</summary>
    public HttpExchange? Serves { get; set; }

    public override bool IsReused => false;

    public override bool ResponseBegun => isHeadComplete || !input.IsEmpty;

    public override long? ResponseLength => length;

    public override bool IsResponseComplete => isHeadComplete && isBodyComplete;

    /// <summary>An exchange with an endpoint.</summary>
    /// <exception cref="ChannelException">The endpoint could not be reached.</exception>
    /// <exception cref="UpstreamOverloadedException">The backend has all the connections it may have.</exception>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    public static async ValueTask<UpstreamExchange> ConnectAsync(UpstreamConnections owner, UpstreamCluster cluster, UpstreamEndpoint endpoint, TimeSpan timeout) =>
        new FastCgiExchange(owner, cluster, endpoint, await owner.ReserveAndConnectAsync(cluster, endpoint, timeout));

    /// <summary>Nobody reads in the background here.</summary>
    void IInputOwner.OnInput()
    {
    }

    public override void StartRequest(RequestHead request, ReadOnlySpan<byte> authority, long? length, ReadOnlySpan<byte> upgrade)
    {
        channel.SendTimeout = IdleTimeout;
        lastSent = channel.Loop.Now;
        isHeadRequest = request.Method.SequenceEqual("HEAD"u8);
        output.Advance(FastCgiRecord.WriteBegin(output.GetSpan(FastCgiRecord.HeadLength + FastCgiRecord.RequestBodyLength)));
        var parameters = (Serves?.State.Route?.Forward?.FastCgi ?? FastCgiParameters.Default).Write(new FastCgiRequest(request, Serves, authority, length));
        while (!parameters.IsEmpty)
        {
            var content = parameters[..Math.Min(parameters.Length, FastCgiRecord.LongestContent)];
            WriteHead(FastCgiRecordType.Parameters, content.Length);
            output.Write(content);
            parameters = parameters[content.Length..];
        }

        WriteHead(FastCgiRecordType.Parameters, 0);
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    public override async ValueTask WriteRequestAsync(ReadOnlyMemory<byte> data)
    {
        // A record without content would be the body's end.
        while (!data.IsEmpty)
        {
            lastSent = channel.Loop.Now;
            var content = data[..Math.Min(data.Length, FastCgiRecord.LongestContent)];
            WriteHead(FastCgiRecordType.StandardInput, content.Length);
            await output.WriteAsync(content);
            data = data[content.Length..];
        }
    }

    public override ValueTask FlushRequestAsync() => output.FlushAsync();

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    public override async ValueTask CompleteRequestAsync(ReadOnlyMemory<byte> last, HeaderTable trailers)
    {
        await WriteRequestAsync(last);
        WriteHead(FastCgiRecordType.StandardInput, 0);
        await output.FlushAsync();
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    public override async ValueTask ReadHeadAsync(ResponseHead response, HeaderTable trailers)
    {
        response.Clear();
        while (true)
        {
            var piece = reader.Peek();
            if (!piece.IsEmpty)
            {
                var isComplete = head.TryTake(piece.Span, response, out var taken);
                reader.Take(taken);
                if (isComplete)
                    break;
            }
            else if (reader.IsEnded)
            {
                throw new BadMessageException(502, "the application ended before the head of its answer did");
            }
            else
            {
                await ReceiveAsync();
            }
        }

        isHeadComplete = true;
        left = head.ContentLength < 0 ? null : head.ContentLength;
        isBodyComplete = isHeadRequest || left == 0 || response.Status is 204 or 304;
        length = isBodyComplete ? 0 : left;
    }

    public override ValueTask<ReadOnlyMemory<byte>> ReadResponseAsync() =>
        TryRead(out var slice) ? new ValueTask<ReadOnlyMemory<byte>>(slice) : ReadMoreAsync();

    public override void Abort() => channel.Abort();

    public override void Release()
    {
        errors.ReportTo(owner.FastCgiErrors, endpoint);
        head.Release();
        input.Close();
        output.Close();
        channel.Dispose();
        cluster.ReleaseConnection();
    }

    private void WriteHead(FastCgiRecordType type, int contentLength)
    {
        FastCgiRecord.WriteHead(output.GetSpan(FastCgiRecord.HeadLength), type, contentLength);
        output.Advance(FastCgiRecord.HeadLength);
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    private async ValueTask<ReadOnlyMemory<byte>> ReadMoreAsync()
    {
        while (true)
        {
            await ReceiveAsync();
            if (TryRead(out var slice))
                return slice;
        }
    }

    /// <summary>The next slice of the body, or the end of it; false when more has to be received.</summary>
    private bool TryRead(out ReadOnlyMemory<byte> slice)
    {
        reader.Take(handedOut);
        handedOut = 0;
        slice = default;
        if (isBodyComplete)
            return true;

        var piece = reader.Peek();
        if (piece.IsEmpty)
        {
            if (reader.IsEnded && left is not null)
                throw new ChannelException(ChannelError.Reset, "The application's answer is shorter than it said.");

            isBodyComplete = reader.IsEnded;
            return isBodyComplete;
        }

        // What is more than was said goes nowhere.
        if (left is { } rest)
        {
            piece = piece[..(int)Math.Min(piece.Length, rest)];
            left = rest - piece.Length;
            isBodyComplete = left == 0;
        }

        handedOut = piece.Length;
        slice = piece;
        return true;
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask ReceiveAsync()
    {
        input.ReleaseIfEmpty();
        while (true)
        {
            try
            {
                if (await input.FillAsync(IdleTimeout) == 0)
                    throw new ChannelException(ChannelError.Reset, "The application closed the connection before its answer was complete.");

                return;
            }
            catch (ChannelException exception) when (exception.Error == ChannelError.TimedOut && channel.Loop.Now - lastSent < IdleTimeout.TotalMilliseconds)
            {
                // The request may still be on its way, or not be there for long: the application's time begins with its end.
            }
        }
    }
}
