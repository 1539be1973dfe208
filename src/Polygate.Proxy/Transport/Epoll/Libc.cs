using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Polygate.Proxy.Transport;

/// <summary>
/// The system calls of the epoll transport, with the constants and structures of 64-bit Linux (x86-64 and arm64). A
/// result of -1 leaves its reason in <see cref="Error"/>.
/// </summary>
internal static unsafe partial class Libc
{
    internal const int AfInet = 2;
    internal const int AfInet6 = 10;
    internal const int SockStream = 1;
    internal const int SockDatagram = 2;
    internal const int SockNonBlock = 0x800;
    internal const int SockCloseOnExec = 0x80000;
    internal const int SolSocket = 1;
    internal const int SoReuseAddr = 2;
    internal const int SoError = 4;
    internal const int SoLinger = 13;
    internal const int SoReusePort = 15;
    internal const int IpProtoIp = 0;
    internal const int IpPacketInfo = 8;
    internal const int IpProtoTcp = 6;
    internal const int TcpNoDelay = 1;
    internal const int IpProtoIpv6 = 41;
    internal const int Ipv6V6Only = 26;
    internal const int Ipv6ReceivePacketInfo = 49;
    internal const int Ipv6PacketInfo = 50;
    internal const int MsgPeek = 2;
    internal const int MsgTruncated = 0x20;
    internal const int MsgNoSignal = 0x4000;
    internal const int ShutWrite = 1;

    internal const int EpollCloseOnExec = 0x80000;
    internal const int EpollAdd = 1;
    internal const int EpollModify = 3;
    internal const uint EpollIn = 0x1;
    internal const uint EpollOut = 0x4;
    internal const uint EpollError = 0x8;
    internal const uint EpollHangUp = 0x10;
    internal const uint EpollPeerClosed = 0x2000;
    internal const uint EpollEdge = 0x80000000;

    internal const int EventFdNonBlock = 0x800;
    internal const int EventFdCloseOnExec = 0x80000;

    internal const int Interrupted = 4;
    internal const int Again = 11;
    internal const int OutOfMemory = 12;
    internal const int AccessDenied = 13;
    internal const int TooManyFilesInSystem = 23;
    internal const int TooManyFiles = 24;
    internal const int AddressFamilyNotSupported = 97;
    internal const int AddressInUse = 98;
    internal const int AddressNotAvailable = 99;
    internal const int ConnectionReset = 104;
    internal const int NoBuffers = 105;
    internal const int TimedOut = 110;
    internal const int ConnectionRefused = 111;
    internal const int InProgress = 115;

    /// <summary>Why the last call on this thread failed.</summary>
    internal static int Error => Marshal.GetLastSystemError();

    internal static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    /// <summary>The same reason in .NET's words, for interfaces that speak those.</summary>
    internal static SocketException ToSocketException(int error) => new((int)(error switch
    {
        AccessDenied => SocketError.AccessDenied,
        AddressFamilyNotSupported => SocketError.AddressFamilyNotSupported,
        AddressInUse => SocketError.AddressAlreadyInUse,
        AddressNotAvailable => SocketError.AddressNotAvailable,
        TooManyFiles or TooManyFilesInSystem => SocketError.TooManyOpenSockets,
        NoBuffers or OutOfMemory => SocketError.NoBufferSpaceAvailable,
        TimedOut => SocketError.TimedOut,
        _ => SocketError.SocketError,
    }), $"{Describe(error)} (errno {error})");

    [LibraryImport("libc", EntryPoint = "epoll_create1")]
    internal static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl")]
    internal static partial int EpollControl(int epoll, int operation, int descriptor, byte* ev);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    internal static partial int EpollWait(int epoll, byte* events, int capacity, int timeout);

    [LibraryImport("libc", EntryPoint = "eventfd")]
    internal static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    internal static partial nint Write(SafeHandle descriptor, void* bytes, nuint length);

    [LibraryImport("libc", EntryPoint = "read")]
    internal static partial nint Read(SafeHandle descriptor, void* bytes, nuint length);

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "socket")]
    internal static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind")]
    internal static partial int Bind(int descriptor, SocketAddress* address, uint length);

    [LibraryImport("libc", EntryPoint = "listen")]
    internal static partial int Listen(int descriptor, int backlog);

    [LibraryImport("libc", EntryPoint = "connect")]
    internal static partial int Connect(int descriptor, SocketAddress* address, uint length);

    [LibraryImport("libc", EntryPoint = "accept4")]
    internal static partial int Accept(int descriptor, SocketAddress* address, uint* length, int flags);

    [LibraryImport("libc", EntryPoint = "getsockname")]
    internal static partial int GetSocketName(int descriptor, SocketAddress* address, uint* length);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    internal static partial int SetSocketOption(int descriptor, int level, int option, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt")]
    internal static partial int GetSocketOption(int descriptor, int level, int option, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    internal static partial int Shutdown(int descriptor, int how);

    // These two never wait, on sockets that are not to, and are most of what a loop calls: a garbage collection that begins meanwhile waits for the
    // call's few microseconds, and no call has to be prepared for it.
    [SuppressGCTransition]
    [LibraryImport("libc", EntryPoint = "recv")]
    internal static partial nint Receive(int descriptor, byte* buffer, nuint length, int flags);

    [SuppressGCTransition]
    [LibraryImport("libc", EntryPoint = "send")]
    internal static partial nint Send(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg")]
    internal static partial nint SendMessage(int descriptor, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg")]
    internal static partial nint ReceiveMessage(int descriptor, MessageHeader* message, int flags);

    internal static int SetSocketOption(int descriptor, int level, int option, int value) =>
        SetSocketOption(descriptor, level, option, &value, sizeof(int));

    /// <summary>struct iovec.</summary>
    internal struct IoVector
    {
        internal byte* Base;
        internal nuint Length;
    }

    /// <summary>struct msghdr.</summary>
    internal struct MessageHeader
    {
        internal void* Name;
        internal uint NameLength;
        internal IoVector* Vectors;
        internal nuint VectorCount;
        internal void* Control;
        internal nuint ControlLength;
        internal int Flags;
    }

    /// <summary>struct cmsghdr.</summary>
    internal struct ControlHeader
    {
        internal nuint Length;
        internal int Level;
        internal int Type;
    }

    /// <summary>struct linger.</summary>
    internal struct Linger
    {
        internal int OnOff;
        internal int Seconds;
    }
}
