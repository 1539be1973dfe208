using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Forwarding;

/// <summary>
/// Says who asks: <c>X-Forwarded-For</c>, <c>-Host</c>, <c>-Port</c>, <c>-Proto</c>, <c>X-Real-IP</c> and <c>X-Request-ID</c>. What a peer that is no trusted proxy
/// says of these is dropped; what a trusted one says is kept and continued. Done before routing, so that matches and filters see
/// what the backend will see. <c>Forwarded</c> is written as well where the installation wants it.
/// </summary>
internal sealed class ForwardedFields(TrustedProxies trusted, ForwardedHeader form)
{
    private const int StackLimit = 512;

    public void Apply(RequestHead request)
    {
        var headers = request.Headers;
        var client = request.Client;
        request.ClientAddress = client.PeerAddress;
        request.IsTls = client.IsTls;
        if (client.IsTrusted)
        {
            Believe(request);
            AddIfAbsent(headers, KnownHeader.XForwardedProto, "X-Forwarded-Proto: "u8, request.IsTls ? "https"u8 : "http"u8);
            AddIfAbsent(headers, KnownHeader.XForwardedPort, "X-Forwarded-Port: "u8, client.PortText);
        }
        else
        {
            headers.RemoveAll(KnownHeaders.ForwardedFields);
            Describe(client, headers);
        }

        if (!request.Authority.IsEmpty)
            AddIfAbsent(headers, KnownHeader.XForwardedHost, "X-Forwarded-Host: "u8, request.Authority);

        if (form != ForwardedHeader.Off)
            ForwardedWriter.Continue(request, form);

        if (!headers.Contains(KnownHeader.XRequestId))
            AddRequestId(headers);
    }

    private static void Describe(ClientConnection client, HeaderTable headers)
    {
        if (client.ForwardedLines is { } lines)
        {
            headers.Append(lines);
            return;
        }

        var first = headers.Count;
        headers.Add(KnownHeader.XForwardedFor, "X-Forwarded-For: "u8, client.PeerText);
        headers.Add(KnownHeader.XRealIp, "X-Real-IP: "u8, client.PeerText);
        headers.Add(KnownHeader.XForwardedProto, "X-Forwarded-Proto: "u8, client.IsTls ? "https"u8 : "http"u8);
        headers.Add(KnownHeader.XForwardedPort, "X-Forwarded-Port: "u8, client.PortText);
        if (client.HasAsked)
            client.ForwardedLines = headers.Prepare(first);

        client.HasAsked = true;
    }

    private static void AddIfAbsent(HeaderTable headers, KnownHeader header, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!headers.Contains(header))
            headers.Add(header, name, value);
    }

    private void Believe(RequestHead request)
    {
        var headers = request.Headers;
        if (headers.IndexOf(KnownHeader.XForwardedProto) is var proto and >= 0)
            request.IsTls = Ascii.EqualsIgnoreCase(headers.Value(proto), "https"u8);

        Span<byte> stack = stackalloc byte[StackLimit];
        byte[]? rented = null;
        var peer = request.Client.PeerText;
        var size = headers.WireSize + peer.Length;
        var chain = size <= StackLimit ? stack : rented = ArrayPool<byte>.Shared.Rent(size);
        var length = JoinChain(headers, chain);
        request.ClientAddress = ClientOf(chain[..length], request.Client.PeerAddress, request.Client.Trusted ?? trusted);
        if (length > 0)
        {
            ", "u8.CopyTo(chain[length..]);
            length += 2;
        }

        peer.CopyTo(chain[length..]);
        headers.Set("X-Forwarded-For"u8, chain[..(length + peer.Length)]);
        if (!headers.Contains(KnownHeader.XRealIp))
        {
            Span<byte> address = stackalloc byte[64];
            request.ClientAddress.TryFormat(address, out var written);
            headers.Add(KnownHeader.XRealIp, "X-Real-IP: "u8, address[..written]);
        }

        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>All field lines as one list (RFC 9110 section 5.3).</summary>
    private static int JoinChain(HeaderTable headers, Span<byte> chain)
    {
        var length = 0;
        for (var i = headers.IndexOf(KnownHeader.XForwardedFor); i >= 0; i = headers.IndexOf(KnownHeader.XForwardedFor, i + 1))
        {
            if (length > 0)
            {
                ", "u8.CopyTo(chain[length..]);
                length += 2;
            }

            headers.Value(i).CopyTo(chain[length..]);
            length += headers.Value(i).Length;
        }

        return length;
    }

    /// <summary>
    /// From the right, the first address that is no trusted proxy: what stands left of it was written by that client. Something that is no
    /// address ends the search at the last one that was.
    /// </summary>
    private static IPAddress ClientOf(ReadOnlySpan<byte> chain, IPAddress peer, TrustedProxies trusted)
    {
        var client = peer;
        while (!chain.IsEmpty)
        {
            var comma = chain.LastIndexOf((byte)',');
            if (!IPAddress.TryParse(HttpCharacters.TrimWhiteSpace(chain[(comma + 1)..]), out var address))
                return client;

            client = address;
            if (comma < 0 || !trusted.Contains(address))
                return client;

            chain = chain[..comma];
        }

        return client;
    }

    private static void AddRequestId(HeaderTable headers)
    {
        Span<uint> random = stackalloc uint[4];
        Span<byte> id = stackalloc byte[32];
        Random.Shared.NextBytes(MemoryMarshal.AsBytes(random));
        for (var i = 0; i < random.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(id[(i * 8)..], Digits(random[i]));

        headers.Add(KnownHeader.XRequestId, "X-Request-ID: "u8, id);
    }

    /// <summary>Eight hexadecimal digits at once: a request is not to pay for the general way.</summary>
    private static ulong Digits(uint value)
    {
        // A digit in each byte …
        var spread = (ulong)value;
        spread = (spread | (spread << 16)) & 0x0000_FFFF_0000_FFFF;
        spread = (spread | (spread << 8)) & 0x00FF_00FF_00FF_00FF;
        spread = (spread | (spread << 4)) & 0x0F0F_0F0F_0F0F_0F0F;

        // … and 'a' - '0' - 10 more where it is above nine.
        var letters = ((spread + 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101;
        return spread + 0x3030_3030_3030_3030 + (letters * ('a' - '0' - 10));
    }
}
