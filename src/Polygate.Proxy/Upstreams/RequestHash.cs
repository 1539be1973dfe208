using System.Buffers.Binary;
using System.Net;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Upstreams;

/// <summary>
/// The hash of a request for consistent hashing. A request without what is hashed (the header, cookie or parameter) gets a random one:
/// such requests spread instead of all going to one endpoint.
/// </summary>
internal sealed class RequestHash
{
    private readonly (HashInput Input, byte[] Name)[] keys;
    private readonly bool firstOnly;

    public RequestHash(LoadBalancing balancing)
    {
        var given = balancing.HashKeys.IsEmpty ? [new HashKey(balancing.HashOn, balancing.HashName)] : balancing.HashKeys;
        keys = [.. given.Select(key => (key.Input, Encoding.UTF8.GetBytes(key.Name)))];
        firstOnly = balancing.FirstKeyOnly;
    }

    public ulong Of(RequestHead head)
    {
        var combined = 0UL;
        var found = false;
        foreach (var (input, name) in keys)
        {
            if (!TryHash(head, input, name, out var hash))
            {
                continue;
            }

            if (firstOnly)
            {
                return hash;
            }

            // Literal text alone does not tell requests apart.
            found |= input != HashInput.Literal;
            combined = combined == 0 ? hash : EndpointHash.Mix(combined ^ hash);
        }

        return found ? combined : (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue);
    }

    private static bool TryHash(RequestHead head, HashInput input, byte[] name, out ulong hash)
    {
        var found = true;
        ReadOnlySpan<byte> value = default;
        switch (input)
        {
            case HashInput.Header:
                found = head.Headers.TryGet(name, out value);
                break;
            case HashInput.Cookie:
                found = CookieReader.TryGet(head.Headers, name, out value);
                break;
            case HashInput.QueryParameter:
                found = QueryReader.TryGet(head.Query, name, out value);
                break;
            case HashInput.Path:
                value = head.Path;
                break;
            case HashInput.Host:
                value = head.Host;
                break;
            case HashInput.Literal:
                value = name;
                break;
            case HashInput.PathAndQuery:
                hash = head.HasQuery ? EndpointHash.Mix(EndpointHash.Of(head.Path) ^ EndpointHash.Of(head.Query)) : EndpointHash.Of(head.Path);
                return true;
            default:
                hash = OfAddress(head.ClientAddress);
                return true;
        }

        hash = found ? EndpointHash.Of(value) : 0;
        return found;
    }

    private static ulong OfAddress(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, AddressNumber.Of(address, out _));
        return EndpointHash.Of(bytes);
    }
}
