using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace Polygate.Dialects.GatewayApi.Addresses;

/// <summary>The addresses that Gateways get, one each: networks and single addresses, in the order they were named.</summary>
public sealed class GatewayAddressPool
{
    private readonly ImmutableArray<Range> ranges;

    private GatewayAddressPool(ImmutableArray<Range> ranges)
    {
        this.ranges = ranges;
        Count = ranges.Aggregate(BigInteger.Zero, (sum, range) => sum + range.Count) is var all && all > int.MaxValue ? int.MaxValue : (int)all;
    }

    /// <summary>How many addresses there are, 1 to <see cref="int.MaxValue"/>; what a larger pool has beyond that is only given when asked for by value.</summary>
    public int Count { get; }

    /// <summary>Reads addresses (<c>10.0.0.5</c>) and networks (<c>127.0.10.0/24</c>, <c>fd00::/120</c>).</summary>
    /// <param name="texts">At least one.</param>
    /// <exception cref="FormatException">One of them is neither, or there is none.</exception>
    public static GatewayAddressPool Parse(IEnumerable<string> texts)
    {
        var ranges = texts.Select(Range.Parse).ToImmutableArray();
        return ranges.IsEmpty ? throw new FormatException("A pool needs an address.") : new GatewayAddressPool(ranges);
    }

    /// <summary>Whether an address is one of the pool's.</summary>
    public bool Contains(IPAddress address) => ranges.Any(range => range.Contains(address));

    /// <summary>An address by its place.</summary>
    /// <param name="index">From 0, below <see cref="Count"/>.</param>
    public IPAddress At(int index)
    {
        var left = (BigInteger)index;
        foreach (var range in ranges)
        {
            if (left < range.Count)
            {
                return range.At(left);
            }

            left -= range.Count;
        }

        throw new ArgumentOutOfRangeException(nameof(index));
    }

    /// <summary>Addresses in a row.</summary>
    private readonly record struct Range(BigInteger First, BigInteger Count, AddressFamily Family)
    {
        private int Length => Family == AddressFamily.InterNetwork ? 4 : 16;

        public static Range Parse(string text)
        {
            if (IPAddress.TryParse(text, out var single))
            {
                return new Range(Number(single), BigInteger.One, single.AddressFamily);
            }

            if (!IPNetwork.TryParse(text, out var network))
            {
                throw new FormatException($"\"{text}\" is neither an IP address nor a network, such as 127.0.10.0/24.");
            }

            var family = network.BaseAddress.AddressFamily;
            var bits = (family == AddressFamily.InterNetwork ? 32 : 128) - network.PrefixLength;
            var first = Number(network.BaseAddress);

            // The first address of an IPv4 network is the network's, the last the broadcast's; an IPv6 network's first is its routers'.
            return bits < 2 ? new Range(first, BigInteger.One << bits, family)
                : new Range(first + 1, (BigInteger.One << bits) - (family == AddressFamily.InterNetwork ? 2 : 1), family);
        }

        public bool Contains(IPAddress address) =>
            address.AddressFamily == Family && Number(address) is var number && number >= First && number < First + Count;

        public IPAddress At(BigInteger index)
        {
            var bytes = (First + index).ToByteArray(isUnsigned: true, isBigEndian: true);
            var padded = new byte[Length];
            bytes.CopyTo(padded, padded.Length - bytes.Length);
            return new IPAddress(padded);
        }

        private static BigInteger Number(IPAddress address) => new(address.GetAddressBytes(), isUnsigned: true, isBigEndian: true);
    }
}
