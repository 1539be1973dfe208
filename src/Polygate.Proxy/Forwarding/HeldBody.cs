using System.Runtime.CompilerServices;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Forwarding;

/// <summary>Reads a request's body before it is forwarded, for those who need it first, or twice.</summary>
internal static class HeldBody
{
    /// <summary>
    /// Reads to the body's end, or until more than <paramref name="limit"/> bytes are held. <see cref="ExchangeState.HasBody"/> tells which;
    /// what is held is forwarded in either case.
    /// </summary>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    public static async ValueTask ReadAsync(HttpExchange exchange, int limit)
    {
        var state = exchange.State;
        while (!state.HasBody && state.Body.Length <= limit)
        {
            var slice = await exchange.ReadRequestAsync();
            if (slice.IsEmpty)
            {
                state.CompleteBody();
                return;
            }

            state.AppendBody(slice.Span);
        }
    }
}
