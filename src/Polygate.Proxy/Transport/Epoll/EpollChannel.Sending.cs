using System.Diagnostics;

namespace Polygate.Proxy.Transport;

/// <content>Sending.</content>
internal sealed unsafe partial class EpollChannel
{
    private readonly LoopOperation send;
    private OutgoingBytes unsent;
    private bool maySend = true;

    public override ValueTask SendAsync(ReadOnlyMemory<byte> buffer) => SendAsync(buffer, default);

    public override ValueTask SendAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        ThrowIfClosed();
        Debug.Assert(!send.IsPending, "one send at a time");
        unsent = new OutgoingBytes(first, second);
        if (maySend)
        {
            var error = SendRest();
            if (error != Libc.Again)
            {
                return error == 0 ? default : ValueTask.FromException(SocketErrors.Broken(error));
            }
        }

        send.Begin(SendTimeout);
        return send.AsValueTask();
    }

    public override ValueTask ShutdownSendAsync()
    {
        ThrowIfClosed();
        return Libc.Shutdown(handle.Descriptor, Libc.ShutWrite) == 0 ? default : ValueTask.FromException(SocketErrors.Broken(Libc.Error));
    }

    /// <summary>Sends what is left, as far as it goes. 0 when that was all, otherwise the error; <see cref="Libc.Again"/> to wait.</summary>
    private int SendRest()
    {
        while (unsent.Length > 0)
        {
            var length = unsent.Length;
            var count = unsent.SendOnce(handle.Descriptor);
            if (count < 0)
            {
                var error = Libc.Error;
                if (error == Libc.Interrupted)
                {
                    continue;
                }

                maySend = error != Libc.Again;
                isReset |= error != Libc.Again;
                return error;
            }

            unsent.Advance((int)count);
            if (count < length)
            {
                // Full: room is announced.
                maySend = false;
                return Libc.Again;
            }
        }

        unsent = default;
        return 0;
    }

    private void ContinueSend()
    {
        if (isClosed || !send.IsPending)
        {
            return;
        }

        var before = unsent.Length;
        var error = SendRest();
        if (error != Libc.Again)
        {
            send.Complete(0, error == 0 ? null : SocketErrors.Broken(error));
        }
        else if (unsent.Length < before)
        {
            send.Extend(SendTimeout);
        }
    }
}
