using System.Text;

namespace Polygate.Fuzz;

/// <summary>What the protocols are made of, for mutations that hit something.</summary>
internal static class Words
{
    public static IReadOnlyList<byte[]> Http { get; } = Bytes(
    [
        "\r\n", "\r\n\r\n", "\n", "\r", "\r\r\n", "\n\n", " ", "\t", ":", ": ", ",", ";", "\0", "\u007f", "\u0080", "\u00ff", "\u000b", "\"", "%2e", "%2f", "%00", "%", "/../", "/./",
        "//", "?", "#", "*", "GET ", "POST ", "HEAD ", "OPTIONS * ", "CONNECT ", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", " HTTP/1.1", " HTTP/1.0", " HTTP/2.0", "http://b", "https://b:80/", "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 101 S\r\n", "HTTP/1.1 204 N\r\n", "HTTP/1.1 304 N\r\n", "HTTP/1.0 200 OK\r\n", "Host: a\r\n", "Host: b\r\n", "Content-Length: 0\r\n",
        "Content-Length: 3\r\n", "Content-Length", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding", "chunked", "identity", "gzip, chunked", "Connection: close\r\n",
        "Connection: keep-alive\r\n", "Connection: upgrade\r\nUpgrade: websocket\r\n", "Connection: x\r\n", "X: y\r\n", "TE: trailers\r\n", "Expect: 100-continue\r\n", "Trailer: X\r\n", " folded\r\n", "0\r\n\r\n",
        "0\r\nX: y\r\n\r\n", "3\r\nabc\r\n", "1;x=y\r\na\r\n", "7fffffff", "80000000", "ffffffffffffffff", "18446744073709551616", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ]);

    /// <summary>Headers of frames, and what heads are made of.</summary>
    public static IReadOnlyList<byte[]> Http2 { get; } = Bytes(
    [
        "\0\0\0\u0004\0\0\0\0\0", "\0\0\0\u0004\u0001\0\0\0\0", "\0\0\u0001\u0001\u0004\0\0\0\u0001\u0088", "\0\0\u0001\u0001\u0005\0\0\0\u0001\u0088", "\0\0\0\0\u0001\0\0\0\u0001",
        "\0\0\u0004\0\0\0\0\0\u0001body", "\0\0\u0004\0\u0001\0\0\0\u0001body", "\0\0\0\u0009\u0004\0\0\0\u0001", "\0\0\u0004\u0003\0\0\0\0\u0001\0\0\0\u0008", "\0\0\u0004\u0003\0\0\0\0\u0001\0\0\0\0",
        "\0\0\u0004\u0008\0\0\0\0\0\0\0\u0010\0", "\0\0\u0004\u0008\0\0\0\0\u0001\u007f\u00ff\u00ff\u00ff", "\0\0\u0008\u0006\0\0\0\0\012345678", "\0\0\u0008\u0007\0\0\0\0\0\0\0\0\u0001\0\0\0\0",
        "\0\u0003\0\0\0\0", "\0\u0004\0\0\0\0", "\0\u0004\u007f\u00ff\u00ff\u00ff", "\u0088", "\u0089", "\u008b", "\u008d", "\u0008\u0003200", "\u0008\u0003103", "\u0008\u0003101", "\u000f\u000d\u00014", "\u000f\u000d\u00010",
        "\u00be", "\u00ff\u00ff\u0001", "\u003f\u00e1\u001f", "\u0020", "\u0040\u0001x\u0001y", "\0\u0001x\u0001y", "\u0010\u0001x\u0001y", "\0\u0011transfer-encoding\u0007chunked", "\0\u000aconnection\u0005close", "\r\n", "\u0081\u00ff",
    ]);

    /// <summary>Records, and what CGI heads are made of.</summary>
    public static IReadOnlyList<byte[]> FastCgi { get; } = Bytes(
    [
        "\u0001\u0006\0\u0001\0\0\0\0", "\u0001\u0006\0\u0001\0\u0004\0\0body", "\u0001\u0006\0\u0001\0\u0002\u0001\0\r\np", "\u0001\u0007\0\u0001\0\u0001\0\0e", "\u0001\u0003\0\u0001\0\u0008\0\0\0\0\0\0\0\0\0\0",
        "\u0001\u0003\0\u0001\0\u0008\0\0\0\0\0\0\u0001\0\0\0", "\u0001\u0006\0\u0001\u00ff\u00ff\u00ff\0", "\u0001\u0006\0\u0002\0\0\0\0", "\u0001\u000b\0\0\0\0\0\0", "\u0002\u0006", "\r\n", "\r\n\r\n", "\n", "\n\n", "\r", "\0", ": ", " ",
        "Status: 200", "Status: 204\n", "Status: 304\n", "Status: 101\n", "Status: 99\n", "Location: /x\n", "Content-Length: 4\n", "Content-Length: 0\n", "Content-Length: 999999999999999999\n", "Transfer-Encoding: chunked\n",
        "Connection: close\n", "Upgrade: websocket\n", "HTTP/1.1 200 OK\r\n",
    ]);

    public static IReadOnlyList<byte[]> Proxy { get; } = Bytes(
    [
        "PROXY ", "TCP4 ", "TCP6 ", "UNKNOWN", " ", "\r\n", "\r", "\n", "1.2.3.4", "255.255.255.255", "0", "65535", "65536", "::1", "::ffff:1.2.3.4", "fe80::1%1", "01", "-1", "\r\n\r\n\0\r\nQUIT\n",
        "\u0020", "\u0021", "\u0011\0\u000c", "\u0021\u0021\0\u0024", "\u00ff\u00ff",
    ]);

    public static IReadOnlyList<byte[]> Tls { get; } = Bytes(
    [
        "\u0016\u0003\u0001", "\u0016\u0003\u0003", "\u0001\0", "\u0003\u0003", "\0\0", "\0\u0010", "\0\u002b", "\0\u000d", "\u0002h2", "\u0008http/1.1", "a.example", "\u0004\u0003", "\u00ff\u00ff", "\0", "\u0003\u0004",
    ]);

    private static byte[][] Bytes(string[] texts) => [.. texts.Select(Encoding.Latin1.GetBytes)];
}
