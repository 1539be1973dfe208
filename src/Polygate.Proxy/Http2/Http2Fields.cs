using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Http2;

/// <summary>
/// Carries heads and fields between our tables of bytes and the strings of .NET's HTTP/2. Every byte of a value is one
/// character (Latin-1), so that nothing is lost on the way.
/// </summary>
internal static class Http2Fields
{
    private const int StackLimit = 512;

    /// <summary>What a field must not contain, whatever version carries it on (RFC 9113 section 8.2.1).</summary>
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("\r\n\0");

    /// <summary>Reads a request's head; false when it is malformed.</summary>
    internal static bool TryReadHead(IHttpRequestFeature request, RequestHead head)
    {
        head.SetMethod(Encoding.Latin1.GetBytes(request.Method));
        var target = Encoding.Latin1.GetBytes(request.RawTarget);
        if (target is [(byte)'*'])
        {
            head.SetPath(target);
        }
        else if (!RequestTarget.TrySetPathAndQuery(head, target))
        {
            return false;
        }

        return RequestTarget.TrySetAuthority(head, Encoding.Latin1.GetBytes(request.Headers.Host.ToString()))
            && TryRead(request.Headers, head.Headers);
    }

    /// <summary>Reads fields; false when one is malformed. <c>Host</c> and pseudo-fields are not among them.</summary>
    internal static bool TryRead(IHeaderDictionary fields, HeaderTable table)
    {
        foreach (var (name, values) in fields)
        {
            if (name.StartsWith(':') || name.Equals("Host", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            foreach (var value in values)
            {
                if (!TryAdd(table, name, value ?? ""))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Adds a field; false when it is malformed.</summary>
    internal static bool TryAdd(HeaderTable table, string name, string value)
    {
        if (value.AsSpan().ContainsAny(Forbidden))
        {
            return false;
        }

        var length = name.Length + value.Length;
        var rented = length > StackLimit ? ArrayPool<byte>.Shared.Rent(length) : null;
        var bytes = rented ?? stackalloc byte[StackLimit];
        Encoding.Latin1.GetBytes(name, bytes);
        Encoding.Latin1.GetBytes(value, bytes[name.Length..]);
        table.Add(bytes[..name.Length], bytes[name.Length..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return true;
    }

    /// <summary>Writes all fields but those that belong to a connection or a framing.</summary>
    internal static void Write(HeaderTable table, IHeaderDictionary fields)
    {
        for (var i = 0; i < table.Count; i++)
        {
            if (!IsHopByHop(table, i))
            {
                var name = Encoding.Latin1.GetString(table.Name(i));
                fields[name] = StringValues.Concat(fields[name], Encoding.Latin1.GetString(table.Value(i)));
            }
        }
    }

    internal static bool IsHopByHop(HeaderTable table, int index) =>
        table.Known(index) is var known && known != KnownHeader.Unknown && (KnownHeaders.HopByHop & KnownHeaders.Mask(known)) != 0;

    internal static long? ContentLength(HeaderTable table)
    {
        var index = table.IndexOf(KnownHeader.ContentLength);
        return index >= 0 && Utf8Parser.TryParse(table.Value(index), out long length, out var used) && used == table.Value(index).Length
            ? length
            : null;
    }

    internal static bool IsGrpc(IHeaderDictionary fields) =>
        fields.ContentType.ToString().StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);
}
