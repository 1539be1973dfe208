using System.Net;

namespace Polygate.Proxy.Transport;

/// <summary>What a system call's error means to whoever waits for a channel.</summary>
internal static class SocketErrors
{
    /// <summary>Receiving or sending has failed.</summary>
    public static ChannelException Broken(int error) => error == Libc.TimedOut
        ? new(ChannelError.TimedOut, "The other side did not answer.")
        : new(ChannelError.Reset, $"The connection broke: {Libc.Describe(error)}.");

    /// <summary>Connecting has failed.</summary>
    public static ChannelException NotConnected(IPEndPoint endpoint, int error) => error == Libc.TimedOut
        ? new(ChannelError.TimedOut, $"Connecting to {endpoint} took too long.")
        : new(ChannelError.ConnectFailed, $"Could not connect to {endpoint}: {Libc.Describe(error)}.");

    /// <summary>The channel was closed by its owner.</summary>
    public static ChannelException ClosedHere() => new(ChannelError.Aborted, "The connection was closed on this side.");
}
