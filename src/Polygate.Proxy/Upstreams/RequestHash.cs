using System.Buffers.Binary;
using System.Net;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Upstreams;

/// <summary>
/// The hash of a request for consistent hashing. A request without the header, cookie or parameter gets a random one:
/// such requests spread instead of all going to one endpoint.
/// </summary>
internal sealed class RequestHash
{
    private readonly HashInput input;
    private readonly byte[] name;

    public RequestHash(LoadBalancing balancing)
    {
        input = balancing.HashOn;
        name = Encoding.UTF8.GetBytes(balancing.HashName);
    }

    public ulong Of(RequestHead head)
    {
        switch (input)
        {
            case HashInput.Header when head.Headers.TryGet(name, out var value):
                return EndpointHash.Of(value);
            case HashInput.Cookie when CookieReader.TryGet(head.Headers, name, out var value):
                return EndpointHash.Of(value);
            case HashInput.QueryParameter when QueryReader.TryGet(head.Query, name, out var value):
                return EndpointHash.Of(value);
            case HashInput.Path:
                return EndpointHash.Of(head.Path);
            case HashInput.ClientAddress:
                return OfAddress(head.ClientAddress);
            default:
                return (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue);
        }
    }

    private static ulong OfAddress(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, AddressNumber.Of(address, out _));
        return EndpointHash.Of(bytes);
    }
}
