using System.Net;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Streams;

/// <summary>How many connections a stream route has, in all and by client address. Outlives configurations; loops share it.</summary>
internal sealed class StreamLimits
{
    private readonly Lock gate = new();
    private readonly Dictionary<UInt128, int> byClient = [];
    private int total;

    /// <param name="client">Who connects.</param>
    /// <param name="most">In all; 0 for no limit.</param>
    /// <param name="mostOfClient">Of one address; 0 for no limit.</param>
    internal bool TryEnter(IPAddress client, int most, int mostOfClient)
    {
        var key = AddressNumber.Of(client, out _);
        lock (gate)
        {
            var own = byClient.GetValueOrDefault(key);
            if ((most > 0 && total >= most) || (mostOfClient > 0 && own >= mostOfClient))
            {
                return false;
            }

            total++;
            byClient[key] = own + 1;
            return true;
        }
    }

    internal void Leave(IPAddress client)
    {
        var key = AddressNumber.Of(client, out _);
        lock (gate)
        {
            total--;
            if (--byClient[key] == 0)
            {
                byClient.Remove(key);
            }
        }
    }
}
